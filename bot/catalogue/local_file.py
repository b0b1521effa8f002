"""Parser of a local file that replaces the bundled table, as CSV or JSON like `dlvm catalogue export` writes it.

Rows are parsed and validated like those of the bundled table: an unreadable date is kept as printed. Anything else that
is invalid raises FileError with its line and column.
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
"""Prefix of the source URL of a file, followed by its name."""

MAX_CELL_LENGTH = 500
"""Characters of a cell: the most the database stores."""

MAX_FILE_SIZE = 5_000_000
"""Bytes. The bundled table as JSON has about 40,000."""

REQUIRED_COLUMNS = ("version", "family", "label", "accelerator", *Milestone, "as_of")

_DERIVED_COLUMNS = ("version", "family", "python", "os", "cuda", "driver")
"""Columns that are also derived from other columns. If present, they must agree."""

_UNLISTED_WORDS = {"no", "false"}
_SEPARATORS = re.compile(r"[\s,]*")


class FileError(ValueError):
    """A file that can't be read. The message has the line, the column and the problem."""


class _Row(Struct, frozen=True):
    """Non-empty cells of a row by column, and its line number."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """Return the first non-empty cell of these columns, or an empty string."""
        return next((cell for name in names if (cell := self.cells.get(name, ""))), "")

    def build_error(self, column: str, problem: str) -> FileError:
        return FileError(f"line {self.line}, column {column}: {problem}")


def read(path: Path) -> Seed:
    """Return the table of a file. Raise FileError if it is invalid."""
    text = _read_text(path)
    parsed_rows = list(_parse_json(text) if text.lstrip()[:1] in {"[", "{"} else _parse_csv(text))
    if not parsed_rows:
        raise FileError("line 1: there are no rows below the column names")
    source_url = f"{SOURCE_PREFIX}{path.name}"
    pairs = [(_parse_family(row, source_url), row) for row in parsed_rows]
    families, issues = first_reading.validate_rows([family for family, _ in pairs])
    unlisted = tuple(family.family for family, row in pairs if row.get("listed").lower() in _UNLISTED_WORDS)
    return Seed(DLVM, source_url, max(family.as_of for family in families), families, issues, unlisted)


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_SIZE:
            raise FileError(f"the file is larger than {MAX_FILE_SIZE:,} bytes")
        body = path.read_bytes()
    except OSError as error:
        raise FileError(error.strerror or "the file can’t be opened") from None
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        column = error.start - (body.rfind(b"\n", 0, error.start) + 1) + 1
        raise FileError(f"line {line}, column {column}: not UTF-8 text") from None


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
                raise row.build_error(missing, "the row ends before this column")
            yield row
    except csv.Error as error:
        raise FileError(f"line {reader.reader.line_num}, column 1: {error}") from None


def _parse_json(text: str) -> Iterator[_Row]:
    """Yield the rows of a JSON list, each with the line it begins on."""
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise FileError("line 1, column 1: the JSON is nested too deeply") from None
    if not isinstance(items, list):
        raise FileError("line 1, column 1: not a list of rows")
    position = text.index("[") + 1
    for _ in items:
        position += len((_SEPARATORS.match(text, position) or [""])[0])
        line = text.count("\n", 0, position) + 1
        cells, position = json.JSONDecoder().raw_decode(text, position)
        yield _parse_json_row(cells, line)


def _parse_json_row(cells: object, line: int) -> _Row:
    if not isinstance(cells, dict):
        raise FileError(f"line {line}, column 1: not an object with column names")
    _check_columns(set(cells), line)
    for name, cell in cells.items():
        if not isinstance(cell, str | bool | None):
            raise FileError(f"line {line}, column {name}: not text, true, false or null")
    return _Row(line, {name: str(cell) for name, cell in cells.items() if cell not in {None, ""}})


def _check_columns(names: set[str], line: int) -> None:
    if missing := next((name for name in REQUIRED_COLUMNS if name not in names), None):
        raise FileError(f"line {line}, column {missing}: missing (dlvm catalogue export writes it)")


def _parse_family(row: _Row, source_url: str) -> ImageFamily:
    for name, cell in row.cells.items():
        if len(cell) > MAX_CELL_LENGTH or any(unicodedata.category(c) in {"Cc", "Cs"} for c in cell):
            raise row.build_error(name, f"longer than {MAX_CELL_LENGTH} characters, or contains control characters")
    framework = row.get("version").rpartition("-")[0]
    if framework not in rows.FRAMEWORKS:
        raise row.build_error("version", f"“{row.get('version')[:60]}” is not a framework version like pytorch-2.7")
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
        raise row.build_error("as_of", "not a date like 2026-04-10") from None
    try:
        family = rows.parse_row(printed, source_url=row.get("source_url") or source_url, as_of=as_of)
    except rows.RowError as error:
        raise row.build_error("label", str(error)) from None
    _check_agreement(row, family)
    return family


def _get_date_cell(row: _Row, milestone: Milestone) -> str:
    return row.get(f"{milestone}_as_printed", milestone.value)


def _check_agreement(row: _Row, family: ImageFamily) -> None:
    for name in _DERIVED_COLUMNS:
        cell, derived = row.get(name), getattr(family, name)
        if cell and cell != derived:
            raise row.build_error(name, f"“{cell[:60]}” contradicts “{derived[:60]}” in the rest of the row")
    for milestone in Milestone:
        if row.get(f"{milestone}_override"):  # then the export has the overridden day; the printed one counts here
            continue
        day, printed = row.get(milestone.value), family.get_date(milestone)
        if day and row.get(f"{milestone}_as_printed") and day != (printed.day.isoformat() if printed.day else ""):
            raise row.build_error(
                milestone.value,
                f"“{day[:40]}” contradicts “{printed.printed[:40]}” in {milestone}_as_printed; correct or clear one",
            )
