"""A file in place of the bundled table: read as the bundle is, or refused with the line and the column."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.catalogue import local_file, seed
from bot.cli import export
from storage.facts import OverrideInfo, PrintedDate

BUNDLED = seed.load()
ROWS: list[dict[str, Any]] = [export.build_row(row, listed=True) for row in BUNDLED.families]
FIRST = ROWS[0]


def written(rows: object) -> str:
    return json.dumps(rows, indent=1, ensure_ascii=False)


def as_csv(*rows: dict[str, Any]) -> str:
    held = io.StringIO()
    writer = csv.DictWriter(held, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def read(folder: Path, text: str | bytes, name: str = "dates.json") -> seed.Seed:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return local_file.read(path)


@pytest.mark.parametrize("text", [export.format_json(ROWS), export.format_csv(ROWS)], ids=["JSON", "CSV"])
def test_the_52_rows_survive_the_export_and_the_file(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found.families == BUNDLED.families
    assert (found.source_url, found.as_of, found.unlisted) == ("file:dates.json", BUNDLED.as_of, ())
    assert found.issues == BUNDLED.issues
    assert any(row.end_of_availability.printed == "Ju1 11, 2026" for row in found.families)


def test_a_spreadsheet_may_put_a_mark_before_it_and_leave_out_what_follows(tmp_path: Path) -> None:
    needed = {name: FIRST[name] for name in local_file.REQUIRED_COLUMNS}
    found = read(tmp_path, "\ufeff" + as_csv(needed).replace("\n", "\r\n"), "dates.csv")
    (row,) = found.families
    assert (row.version, row.source_url, row.family_as_printed) == ("base-cu129", "file:dates.csv", FIRST["family"])
    assert row.end_of_patch_and_support == PrintedDate("2028-08-04", BUNDLED.families[0].end_of_patch_and_support.day)


def test_a_date_that_somebody_set_by_hand_is_exported_and_the_pages_own_is_taken_again(tmp_path: Path) -> None:
    who = OverrideInfo("Ada", "a letter", date(2026, 4, 1), None, page_date=BUNDLED.families[0].end_of_availability.day)
    printed = BUNDLED.families[0].end_of_availability.printed
    held = replace(BUNDLED.families[0], end_of_availability=PrintedDate(printed, date(2029, 1, 1), override=who))
    row = export.build_row(held, listed=True)
    assert (row["end_of_availability"], row["end_of_availability_override"]) == ("2029-01-01", "Ada: a letter")
    assert read(tmp_path, written([row])).families == BUNDLED.families[:1]


def test_a_row_may_be_unlisted(tmp_path: Path) -> None:
    rows = [FIRST | {"listed": False}, ROWS[1] | {"listed": True}]
    assert read(tmp_path, written(rows)).unlisted == (FIRST["family"],)
    assert read(tmp_path, export.format_csv(rows)).unlisted == (FIRST["family"],)


def test_a_date_that_can_not_be_read_is_kept_as_printed(tmp_path: Path) -> None:
    odd = FIRST | {"end_of_patch_and_support": None, "end_of_patch_and_support_as_printed": "Augst 4, 2028"}
    (row,) = read(tmp_path, written([odd])).families
    assert (row.end_of_patch_and_support.printed, row.end_of_patch_and_support.day) == ("Augst 4, 2028", None)
    assert row.end_of_patch_and_support.problem


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1, column version: there is no such column"),
        ("[]", "line 1: there is no row"),
        ("{}", "line 1, column 1: it is no list of rows"),
        ("[\n1]", "line 2, column 1: it is no row"),
        ("[\n{]", "line 2, column 2: "),
        ("[" * 100_000, "line 1, column 1: it is nested too deep"),
        (b'version,family\n"a,\xff', "line 2, column 4: it is not text in UTF-8"),
        (written([{"version": "pytorch-2.7"}]), "line 2, column family: there is no such column"),
        (written([FIRST, FIRST | {"label": 7}]), "line 24, column label: it is neither a text nor null"),
        (written([FIRST | {"as_of": "April 2026"}]), "line 2, column as_of: it is no day, write it like 2026-04-10"),
        (written([FIRST | {"version": "jax-2.7"}]), "line 2, column version: “jax-2.7” is no framework version"),
        (written([FIRST | {"version": "base-cu128"}]), "line 2, column version: it says “base-cu128”, and the rest"),
        (written([FIRST | {"label": "Base"}]), "line 2, column label: “Base” names no base version"),
        (written([FIRST | {"source_url": "x" * 501}]), "line 2, column source_url: it is longer than 500 characters"),
        (
            as_csv(FIRST | {"label": "Base\ncu129"}),
            "line 3, column label: it is longer than 500 characters, or has cont",
        ),
        (written([FIRST | {"product": "dlc"}]), "line 2, column product: only rows of dlvm"),
        (written([FIRST | {"python": "3.9"}]), "line 2, column python: it says “3.9”, and the rest of the row “3.12”"),
        (
            written([FIRST | {"end_of_availability": "2029-08-04"}]),
            "column end_of_availability: it says “2029-08-04”, and end_of_availability_as_printed “August 4, 2028”",
        ),
        (as_csv(FIRST, FIRST | {"as_of": "x"}), "line 3, column as_of: it is no day"),
        (as_csv(FIRST) + "dlvm,base-cu129\n", "line 3, column family: the row ends before it"),
        (as_csv(FIRST).rstrip() + ",more\n", "line 2, column 21: there are more cells than columns"),
        (as_csv(FIRST) + '"dlvm\n', "line 3, column 1: unexpected end of data"),
        ("a" * (local_file.MAX_FILE_SIZE + 1), "larger than 5,000,000 bytes"),
    ],
)
def test_what_makes_no_sense_stops_with_its_line_and_column(tmp_path: Path, text: str | bytes, sentence: str) -> None:
    with pytest.raises(local_file.FileError) as stopped:
        read(tmp_path, text)
    assert sentence in str(stopped.value)


def test_a_file_that_can_not_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(local_file.FileError, match="directory"):
        local_file.read(tmp_path)


@given(st.binary(max_size=200), st.integers(0, 2_000))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_mangled_file_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    body = export.format_csv(ROWS[:8]).encode()
    path = tmp_path_factory.getbasetemp() / "mangled.csv"
    path.write_bytes(body[:place] + noise + body[place + len(noise) :])
    try:
        found = local_file.read(path)
    except local_file.FileError:
        return
    assert found.families
