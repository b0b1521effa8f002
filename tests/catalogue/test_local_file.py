"""Local files that replace the bundled table, and the errors of invalid ones."""

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

SEED = seed.load()
ROWS: list[dict[str, Any]] = [export.build_row(row, listed=True) for row in SEED.families]
FIRST_ROW = ROWS[0]


def to_json(rows: object) -> str:
    return json.dumps(rows, indent=1, ensure_ascii=False)


def to_csv(*rows: dict[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_file(folder: Path, text: str | bytes, name: str = "dates.json") -> seed.Seed:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return local_file.read(path)


@pytest.mark.parametrize("text", [export.format_json(ROWS), export.format_csv(ROWS)], ids=["JSON", "CSV"])
def test_export_of_the_52_rows_is_read_unchanged(tmp_path: Path, text: str) -> None:
    table = read_file(tmp_path, text)
    assert table.families == SEED.families
    assert (table.source_url, table.as_of, table.unlisted) == ("file:dates.json", SEED.as_of, ())
    assert table.issues == SEED.issues
    assert any(row.end_of_availability.printed == "Ju1 11, 2026" for row in table.families)


def test_byte_order_mark_and_missing_derived_columns_are_accepted(tmp_path: Path) -> None:
    cells = {name: FIRST_ROW[name] for name in local_file.REQUIRED_COLUMNS}
    table = read_file(tmp_path, "\ufeff" + to_csv(cells).replace("\n", "\r\n"), "dates.csv")
    (row,) = table.families
    assert (row.version, row.source_url, row.family_as_printed) == ("base-cu129", "file:dates.csv", FIRST_ROW["family"])
    assert row.end_of_patch_and_support == PrintedDate("2028-08-04", SEED.families[0].end_of_patch_and_support.day)


def test_overridden_date_is_exported_but_the_printed_one_is_read(tmp_path: Path) -> None:
    override = OverrideInfo(
        "Ada", "a letter", date(2026, 4, 1), None, page_date=SEED.families[0].end_of_availability.day
    )
    printed = SEED.families[0].end_of_availability.printed
    overridden = replace(
        SEED.families[0], end_of_availability=PrintedDate(printed, date(2029, 1, 1), override=override)
    )
    row = export.build_row(overridden, listed=True)
    assert (row["end_of_availability"], row["end_of_availability_override"]) == ("2029-01-01", "Ada: a letter")
    assert read_file(tmp_path, to_json([row])).families == SEED.families[:1]


def test_row_can_be_unlisted(tmp_path: Path) -> None:
    rows = [FIRST_ROW | {"listed": False}, ROWS[1] | {"listed": True}]
    assert read_file(tmp_path, to_json(rows)).unlisted == (FIRST_ROW["family"],)
    assert read_file(tmp_path, export.format_csv(rows)).unlisted == (FIRST_ROW["family"],)


def test_unreadable_date_is_kept_as_printed(tmp_path: Path) -> None:
    unreadable = FIRST_ROW | {"end_of_patch_and_support": None, "end_of_patch_and_support_as_printed": "Augst 4, 2028"}
    (row,) = read_file(tmp_path, to_json([unreadable])).families
    assert (row.end_of_patch_and_support.printed, row.end_of_patch_and_support.day) == ("Augst 4, 2028", None)
    assert row.end_of_patch_and_support.problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column version: missing (dlvm"),
        ("[]", "line 1: there are no rows"),
        ("{}", "line 1, column 1: not a list of rows"),
        ("[\n1]", "line 2, column 1: not an object"),
        ("[\n{]", "line 2, column 2: "),
        ("[" * 100_000, "line 1, column 1: the JSON is nested too deeply"),
        (b'version,family\n"a,\xff', "line 2, column 4: not UTF-8 text"),
        (to_json([{"version": "pytorch-2.7"}]), "line 2, column family: missing (dlvm"),
        (to_json([FIRST_ROW, FIRST_ROW | {"label": 7}]), "line 24, column label: not text, true, false or null"),
        (to_json([FIRST_ROW | {"as_of": "April 2026"}]), "line 2, column as_of: not a date like 2026-04-10"),
        (to_json([FIRST_ROW | {"version": "jax-2.7"}]), "line 2, column version: “jax-2.7” is not a framework version"),
        (
            to_json([FIRST_ROW | {"version": "base-cu128"}]),
            "line 2, column version: “base-cu128” contradicts “base-cu129” in the rest",
        ),
        (to_json([FIRST_ROW | {"label": "Base"}]), "line 2, column label: “Base” doesn’t name a base version"),
        (to_json([FIRST_ROW | {"source_url": "x" * 501}]), "line 2, column source_url: longer than 500 characters"),
        (
            to_csv(FIRST_ROW | {"label": "Base\ncu129"}),
            "line 3, column label: longer than 500 characters, or contains cont",
        ),
        (to_json([FIRST_ROW | {"product": "dlc"}]), "line 2, column product: only rows of dlvm"),
        (
            to_json([FIRST_ROW | {"python": "3.9"}]),
            "line 2, column python: “3.9” contradicts “3.12” in the rest of the row",
        ),
        (
            to_json([FIRST_ROW | {"end_of_availability": "2029-08-04"}]),
            "column end_of_availability: “2029-08-04” contradicts “August 4, 2028” in end_of_availability_as_printed",
        ),
        (to_csv(FIRST_ROW, FIRST_ROW | {"as_of": "x"}), "line 3, column as_of: not a date"),
        (to_csv(FIRST_ROW) + "dlvm,base-cu129\n", "line 3, column family: the row ends before this column"),
        (to_csv(FIRST_ROW).rstrip() + ",more\n", "line 2, column 21: there are more cells than columns"),
        (to_csv(FIRST_ROW) + '"dlvm\n', "line 3, column 1: unexpected end of data"),
        ("a" * (local_file.MAX_FILE_SIZE + 1), "larger than 5,000,000 bytes"),
    ],
)
def test_invalid_file_is_refused_with_line_and_column(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(local_file.FileError) as error:
        read_file(tmp_path, text)
    assert message in str(error.value)


def test_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(local_file.FileError, match="directory"):
        local_file.read(tmp_path)


@given(st.binary(max_size=200), st.integers(0, 2_000))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_mangled_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, noise: bytes, position: int) -> None:
    body = export.format_csv(ROWS[:8]).encode()
    path = tmp_path_factory.getbasetemp() / "mangled.csv"
    path.write_bytes(body[:position] + noise + body[position + len(noise) :])
    try:
        table = local_file.read(path)
    except local_file.FileError:
        return
    assert table.families
