"""Tables of versions: columns found by their headings, and rows as printed."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from bot.catalogue.page.blocks import Cell, PageError
from bot.catalogue.page.rows import PrintedRow

_HEADING_ROWS = 3
"""Rows searched for the headings. A caption or a row of groups can precede them."""
COLUMNS = {
    "label": ("ml framework version", "framework version"),
    "patch_version": ("current patch version", "patch version"),
    "accelerator": ("supported accelerators", "supported accelerator", "accelerators"),
    "end_of_patch": ("end of patch and support date", "end of patch and support"),
    "end_of_availability": ("end of availability date", "end of availability"),
    "image_family": ("image family name", "image family names", "image family"),
}
"""Possible normalised headings of each field of `PrintedRow`, the usual one first."""
REQUIRED_COLUMNS = tuple(field for field in COLUMNS if field != "patch_version")
_FIELDS = {heading: field for field, headings in COLUMNS.items() for heading in headings}
_HYPHEN = re.compile(r"- | -")
_FAMILY = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9_]+)+-?")

Row = tuple[Cell, ...]


class Layout(Struct, frozen=True):
    """Columns of a table."""

    columns: dict[str, int]
    """Column indexes by field of `PrintedRow`."""
    width: int
    headings: tuple[str, ...]
    """Normalised."""


def find_layout(rows: Sequence[Row]) -> Layout | None:
    """Find the columns by their headings. Return None if the table is about something else.

    Raise PageError if the table lacks some of the required columns, or has one twice.
    """
    for row in rows[:_HEADING_ROWS]:
        headings = _normalize_headings(row)
        columns = _find_columns(headings)
        missing = [field for field in REQUIRED_COLUMNS if field not in columns]
        if not missing:
            return Layout(columns, len(row), headings)
        if 2 * len(missing) <= len(REQUIRED_COLUMNS):
            heading = COLUMNS[missing[0]][0]
            raise PageError(f"a table has no column “{heading}”; its columns are {', '.join(headings)[:300]}")
    return None


def _find_columns(headings: tuple[str, ...]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, heading in enumerate(headings):
        field = _FIELDS.get(heading)
        if field in columns:
            raise PageError(f"a table has two columns “{headings[columns[field]]}”")
        if field:
            columns[field] = index
    return columns


def parse_table(rows: Sequence[Row], layout: Layout, section: str) -> tuple[list[PrintedRow], list[str], list[str]]:
    """Return the printed rows, the texts that span the whole table, and an error for each row of another width."""
    printed_rows: list[PrintedRow] = []
    spanning_texts: list[str] = []
    errors: list[str] = []
    first = next(index for index, row in enumerate(rows) if _normalize_headings(row) == layout.headings) + 1
    for row in rows[first:]:
        text = " | ".join(cell.text for cell in row)
        if not any(cell.lines for cell in row) or _normalize_headings(row) == layout.headings:
            continue
        if len(row) > 1 and all(cell is row[0] for cell in row):
            spanning_texts.append(row[0].text)
        elif len(row) != layout.width:
            errors.append(f"a row under “{section}” has {len(row)} cells instead of {layout.width}: {text[:200]}")
        else:
            printed_rows += _parse_row(row, layout, section)
    return printed_rows, spanning_texts, errors


def _parse_row(row: Row, layout: Layout, section: str) -> Iterator[PrintedRow]:
    """Yield one printed row for each image family that the row lists."""
    cells = {field: row[index].text for field, index in layout.columns.items()}
    for family in _parse_families(row[layout.columns["image_family"]]):
        yield PrintedRow(**{"section": section, "patch_version": "", **cells, "image_family": family})


def _parse_families(cell: Cell) -> list[str]:
    """Return the family names in a cell. A name can be split over lines at its hyphens."""
    names: list[str] = []
    for line in cell.lines:
        if names and (names[-1].endswith("-") or line.startswith("-")):
            names[-1] += line
        else:
            names.append(line)
    joined = [_HYPHEN.sub("-", name) for name in names]
    if len(joined) > 1 and all(_FAMILY.fullmatch(name) for name in joined):
        return joined
    return [" ".join(joined)]


def _normalize_headings(row: Row) -> tuple[str, ...]:
    return tuple(_normalize_heading(cell.text) for cell in row)


def _normalize_heading(heading: str) -> str:
    """Return the letters and digits of a heading in lower case, with single blanks."""
    return " ".join(re.findall(r"[^\W_]+", heading.casefold()))
