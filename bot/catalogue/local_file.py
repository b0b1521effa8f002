"""A file in place of the bundled table, in the form that `dlvm catalogue export` writes as CSV or JSON.

It goes through the same reader and gates as the bundle: a date that can't be read is kept as printed. What makes no
sense stops with the line and the column.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from bot.catalogue.page import rows
from bot.catalogue.seed import Seed
from bot.catalogue.validation import first_reading
from bot.policy.versions import format_framework
from storage.facts import DLVM, ImageFamily, Milestone

SOURCE_PREFIX = "file:"
"""How the address of a file begins, its name after it."""
MAX_CELL_LENGTH = 500
"""Characters of a cell; the database keeps no longer ones."""
MAX_FILE_SIZE = 5_000_000
"""Bytes; the bundled table as JSON has some forty thousand."""

REQUIRED_COLUMNS = ("version", "family", "label", "accelerator", *Milestone, "as_of")
"""Columns that have to be there; others may be left out."""
_DERIVED_COLUMNS = ("version", "family", "python", "os", "cuda", "driver")
"""Columns that follow from others: what they say has to be the same."""
_UNLISTED_WORDS = {"no", "false"}
_SEPARATORS = re.compile(r"[\s,]*")


class FileError(ValueError):
    """A file that is not read; the text says where and why."""


class _Row(Struct, frozen=True):
    """The cells of a row, and the line it stands on."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """The first of the columns that says something."""
        return next((cell for name in names if (cell := self.cells.get(name, ""))), "")

    def build_error(self, column: str, problem: str) -> FileError:
        return FileError(f"line {self.line}, column {column}: {problem}")


def read(path: Path) -> Seed:
    """The table of a file; raises FileError with the line and the column."""
    text = _read_text(path)
    found = list(_parse_json(text) if text.lstrip()[:1] in {"[", "{"} else _parse_csv(text))
    if not found:
        raise FileError("line 1: there is no row below the names of the columns")
    source_url = f"{SOURCE_PREFIX}{path.name}"
    read_rows = [(_parse_family(row, source_url), row) for row in found]
    families, held = first_reading.validate_rows([family for family, _ in read_rows])
    unlisted = tuple(family.family for family, row in read_rows if row.get("listed").lower() in _UNLISTED_WORDS)
    return Seed(DLVM, source_url, max(family.as_of for family in families), families, held, unlisted)


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_SIZE:
            raise FileError(f"it is larger than {MAX_FILE_SIZE:,} bytes")
        body = path.read_bytes()
    except OSError as error:
        raise FileError(error.strerror or "it can’t be opened") from None
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        column = error.start - (body.rfind(b"\n", 0, error.start) + 1) + 1
        raise FileError(f"line {line}, column {column}: it is not text in UTF-8") from None


def _parse_csv(text: str) -> Iterator[_Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        _check_columns(set(reader.fieldnames or ()), 1)
        for cells in reader:
            row = _Row(reader.line_num, {name: cell for name, cell in cells.items() if name and cell})
            if None in cells:
                raise row.build_error(str(len(cells)), "there are more cells than columns")
            if None in cells.values():
                missing = next(name for name, cell in cells.items() if cell is None)
                raise row.build_error(missing, "the row ends before it")
            yield row
    except csv.Error as error:
        raise FileError(f"line {reader.reader.line_num}, column 1: {error}") from None


def _parse_json(text: str) -> Iterator[_Row]:
    """The rows of a list, each with the line it begins on."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise FileError("line 1, column 1: it is nested too deep") from None
    if not isinstance(whole, list):
        raise FileError("line 1, column 1: it is no list of rows")
    place = text.index("[") + 1
    for _ in whole:
        place += len((_SEPARATORS.match(text, place) or [""])[0])
        line = text.count("\n", 0, place) + 1
        cells, place = json.JSONDecoder().raw_decode(text, place)
        yield _parse_json_row(cells, line)


def _parse_json_row(cells: object, line: int) -> _Row:
    if not isinstance(cells, dict):
        raise FileError(f"line {line}, column 1: it is no row with names and texts")
    _check_columns(set(cells), line)
    for name, cell in cells.items():
        if not isinstance(cell, str | bool | None):
            raise FileError(f"line {line}, column {name}: it is neither a text nor null")
    return _Row(line, {name: str(cell) for name, cell in cells.items() if cell not in {None, ""}})


def _check_columns(names: set[str], line: int) -> None:
    missing = next((name for name in REQUIRED_COLUMNS if name not in names), None)
    if missing:
        raise FileError(f"line {line}, column {missing}: there is no such column; dlvm catalogue export writes it")


def _parse_family(row: _Row, source_url: str) -> ImageFamily:
    for name, cell in row.cells.items():
        if len(cell) > MAX_CELL_LENGTH or any(unicodedata.category(c) in {"Cc", "Cs"} for c in cell):
            raise row.build_error(
                name, f"it is longer than {MAX_CELL_LENGTH} characters, or has control characters in it"
            )
    framework = row.get("version").rpartition("-")[0]
    if framework not in rows.FRAMEWORKS:
        raise row.build_error(
            "version", f"“{row.get('version')[:60]}” is no framework version, write it like pytorch-2.7"
        )
    if row.get("product") not in {"", DLVM}:
        raise row.build_error("product", f"only rows of {DLVM} can be replaced")
    printed = rows.PrintedRow(
        section=f"{format_framework(framework)} versions",
        label=row.get("label"),
        patch_version=row.get("patch_version"),
        accelerator=row.get("accelerator"),
        end_of_patch=_get_date_cell(row, Milestone.END_OF_PATCH_AND_SUPPORT),
        end_of_availability=_get_date_cell(row, Milestone.END_OF_AVAILABILITY),
        image_family=row.get("family_as_printed", "family"),
    )
    try:
        as_of = date.fromisoformat(row.get("as_of"))
    except ValueError:
        raise row.build_error("as_of", "it is no day, write it like 2026-04-10") from None
    try:
        family = rows.parse_row(printed, product=DLVM, source_url=row.get("source_url") or source_url, as_of=as_of)
    except rows.RowError as error:
        raise row.build_error("label", str(error)) from None
    _check_agreement(row, family)
    return family


def _get_date_cell(row: _Row, milestone: Milestone) -> str:
    return row.get(f"{milestone}_as_printed", milestone.value)


def _check_agreement(row: _Row, family: ImageFamily) -> None:
    """What the file says twice has to agree, or nobody could know which is meant."""
    for name in _DERIVED_COLUMNS:
        said, follows = row.get(name), getattr(family, name)
        if said and said != follows:
            raise row.build_error(name, f"it says “{said[:60]}”, and the rest of the row “{follows[:60]}”")
    for milestone in Milestone:
        if row.get(f"{milestone}_override"):  # the export says the day that holds then; the page's word is what is taken
            continue
        said, cell = row.get(milestone.value), family.get_date(milestone)
        if said and row.get(f"{milestone}_as_printed") and said != (cell.day.isoformat() if cell.day else ""):
            why = (
                f"it says “{said[:40]}”, and {milestone}_as_printed “{cell.printed[:40]}”: let them agree, or leave one"
            )
            raise row.build_error(milestone.value, f"{why} empty")
