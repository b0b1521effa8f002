"""The bundled table, cell by cell, and its validation."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.catalogue import seed
from bot.catalogue.page import date_cells, rows
from bot.catalogue.validation import first_reading
from bot.policy import versions
from storage.facts import ImageFamily, PrintedDate

PRINTED = list(csv.DictReader((Path(__file__).parents[1] / "data" / "dlvm-2026-04-10.csv").read_text().splitlines()))


def test_table_has_52_rows_38_labels_and_31_versions() -> None:
    families = seed.load().families
    assert len(families) == 52
    assert len({family.family for family in families}) == 52
    assert len({(family.framework, family.label) for family in families}) == 38
    assert len(versions.group_by_version(families)) == 31


@pytest.mark.parametrize(("family", "printed"), list(zip(seed.load().families, PRINTED, strict=True)))
def test_row_is_parsed_as_printed(family: ImageFamily, printed: dict[str, str]) -> None:
    assert (family.framework, family.number) == (printed["framework"], printed["version"])
    assert (family.python, family.os) == (printed["python"], printed["os"])
    assert family.family_as_printed == printed["image_family_as_printed"]
    assert "VERSION_DATE" not in family.family
    assert family.end_of_patch_and_support.printed == printed["end_of_patch_as_printed"]
    assert family.end_of_availability.printed == printed["end_of_availability_as_printed"]
    assert family.end_of_patch_and_support.day is not None
    assert (family.end_of_availability.day is None) == (family.family == "tf-2-17-cu123-py310")


def test_issues_of_the_table_are_reported() -> None:
    issues = {(issue.family, issue.field) for issue in seed.load().issues}
    assert issues == {
        ("tf-2-17-cu123-py310", "end_of_availability"),
        ("tf-2-12-cu113-py310", "accelerator"),
        ("tf-2-6-cu110-py39", "accelerator"),
        ("tf-2-6-cu110-py37", "accelerator"),
        ("tf-2-3-cu110", "accelerator"),
    }


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Apr 24, 2025", date(2025, 4, 24)),
        ("August 4, 2028", date(2028, 8, 4)),
        ("June 28, 2024", date(2024, 6, 28)),
        ("Jun 28, 2025", date(2025, 6, 28)),
        ("July 14, 2026", date(2026, 7, 14)),
        ("Sept 1, 2023", date(2023, 9, 1)),
        ("Dec 01, 2024", date(2024, 12, 1)),
        ("  Apr\n 24,  2025 ", date(2025, 4, 24)),
        ("2026-10-15", date(2026, 10, 15)),
        ("2024 年 9 月 26 日", date(2024, 9, 26)),
        ("March 2028", date(2028, 3, 31)),
        ("Feb 2028", date(2028, 2, 29)),
    ],
)
def test_dates_are_parsed_in_every_format_of_the_pages(text: str, day: date) -> None:
    assert date_cells.parse_date(text).day == day
    assert date_cells.parse_date(text).problem == ""


@pytest.mark.parametrize("text", ["To be determined", "to be determined", "N/A", "Not applicable (N/A)", "", "TBD"])
def test_known_unknown_is_not_a_problem(text: str) -> None:
    assert date_cells.parse_date(text) == PrintedDate(text)


@pytest.mark.parametrize(
    "text",
    ["Ju1 11, 2026", "04/09/2025", "Feb 30, 2025", "Apr 24 2025", "24 Apr 2025", "Smarch 1, 2025", "soon", "2025",
     "0000-01-01", "Apr 0, 2025", "Smarch 2025", "Jan 0000"],
)  # fmt: skip
def test_invalid_date_is_kept_as_printed(text: str) -> None:
    read = date_cells.parse_date(text)
    assert (read.printed, read.day) == (text, None)
    assert text in read.problem


@given(st.text(max_size=60))
def test_any_cell_can_be_parsed(text: str) -> None:
    date_cells.parse_date(text)


ROW = rows.PrintedRow(
    "PyTorch versions", "2.9 (Python 3.12 / Ubuntu 24.04)", "2.9.0", "CUDA 12.9", "August 4, 2028", "August 4, 2028",
    "pytorch-2-9-cu129-ubuntu-2404-nvidia-580- VERSION_DATE ",
)  # fmt: skip


def parse_row(row: rows.PrintedRow) -> ImageFamily:
    return rows.parse_row(row, source_url="https://example.org/", as_of=date(2026, 4, 10))


def test_spaces_around_the_placeholder_are_removed() -> None:
    assert parse_row(ROW).family == "pytorch-2-9-cu129-ubuntu-2404-nvidia-580"
    assert parse_row(ROW).family_as_printed == "pytorch-2-9-cu129-ubuntu-2404-nvidia-580-VERSION_DATE"
    assert rows.normalize_family("common-cpu- VERSION_DATE -debian-11") == "common-cpu-debian-11"
    assert (
        parse_row(replace(ROW, image_family="pytorch-2-9-cu129-ubuntu-2404-nvidia-580")).family == parse_row(ROW).family
    )


@pytest.mark.parametrize(
    "row", [replace(ROW, section="JAX versions"), replace(ROW, label="nightly"), replace(ROW, section="Base versions")]
)
def test_row_without_a_version_is_refused(row: rows.PrintedRow) -> None:
    with pytest.raises(rows.RowError):
        parse_row(row)


def parse_dates(patch: str, availability: str) -> ImageFamily:
    return parse_row(replace(ROW, end_of_patch=patch, end_of_availability=availability))


@pytest.mark.parametrize(
    ("patch", "availability", "has_issue"),
    [
        ("2028-02-29", "2029-02-28", False),
        ("2027-03-01", "2028-03-01", False),
        ("2027-03-01", "2027-03-01", False),
        ("2027-03-01", "2027-09-01", True),
        ("To be determined", "2027-09-01", False),
    ],
)
def test_gap_is_none_or_a_calendar_year(patch: str, availability: str, has_issue: bool) -> None:
    families, issues = first_reading.validate_rows([parse_dates(patch, availability)])
    assert bool(issues) is has_issue
    assert families == (parse_dates(patch, availability),)


def test_dates_in_the_wrong_order_are_both_withheld() -> None:
    (family,), (issue,) = first_reading.validate_rows([parse_dates("2028-02-29", "2027-02-28")])
    assert family.end_of_patch_and_support.day is None
    assert family.end_of_availability.day is None
    assert "comes before" in family.end_of_availability.problem
    assert issue.printed == "2028-02-29 / 2027-02-28"


def test_family_printed_twice_enters_once() -> None:
    families, issues = first_reading.validate_rows([parse_row(ROW), parse_row(ROW)])
    assert len(families) == 1
    assert "twice" in issues[0].reason
