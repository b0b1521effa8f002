"""A table of versions: which column is which, by its heading, and its rows as they are printed."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from bot.catalogue.page.blocks import Cell, PageError
from bot.catalogue.page.description import PageDescription
from bot.catalogue.page.rows import PrintedRow

_HEADING_ROWS = 3
"""Rows; a table may begin with a caption or a row of groups."""
_HYPHEN = re.compile(r"- | -")
_FAMILY = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9_]+)+-?")

Row = tuple[Cell, ...]


class Layout(Struct, frozen=True):
    """Where each field stands, how wide the table is, and what its headings are."""

    columns: dict[str, int]
    width: int
    headings: tuple[str, ...]


def find_layout(rows: Sequence[Row], description: PageDescription) -> Layout | None:
    """The columns by their headings; None for a table of something else, PageError for one that lacks a column."""
    required = {column.field for column in description.columns if column.is_required}
    for row in rows[:_HEADING_ROWS]:
        headings = tuple(_normalize_heading(cell.text) for cell in row)
        places = _find_columns(headings, description)
        if places and required <= places.keys():
            return Layout(places, len(row), headings)
        if 2 * len(required & places.keys()) >= len(required):
            absent = [column.spellings[0] for column in description.columns if column.field in required - places.keys()]
            raise PageError(f"a table has no column “{absent[0]}”; its columns are {', '.join(headings)[:300]}")
    return None


def _find_columns(headings: tuple[str, ...], description: PageDescription) -> dict[str, int]:
    places: dict[str, int] = {}
    for column in description.columns:
        found = [place for place, heading in enumerate(headings) if heading in column.spellings]
        if len(found) > 1:
            raise PageError(f"a table has two columns “{headings[found[0]]}”")
        if found:
            places[column.field] = found[0]
    return places


def parse_table(rows: Sequence[Row], layout: Layout, section: str) -> tuple[list[PrintedRow], list[str], list[str]]:
    """The printed rows; what stands across the table; and what is wrong with rows of another width."""
    found: list[PrintedRow] = []
    across: list[str] = []
    odd: list[str] = []
    below = next(place for place, row in enumerate(rows) if _normalize_headings(row) == layout.headings) + 1
    for row in rows[below:]:
        text = " | ".join(cell.text for cell in row)
        if not any(cell.lines for cell in row) or _normalize_headings(row) == layout.headings:
            continue
        if len(row) > 1 and all(cell is row[0] for cell in row):
            across.append(row[0].text)
        elif len(row) != layout.width:
            odd.append(f"a row under “{section}” has {len(row)} cells instead of {layout.width}: {text[:200]}")
        else:
            found += _parse_row(row, layout, section)
    return found, across, odd


def _parse_row(row: Row, layout: Layout, section: str) -> Iterator[PrintedRow]:
    """The printed row, or one for each image family where the cell lists several."""
    cells = {field: row[place].text for field, place in layout.columns.items()}
    families = _parse_families(row[layout.columns["image_family"]]) if "image_family" in layout.columns else [""]
    for family in families:
        yield PrintedRow(
            section=section,
            label=cells.get("label", ""),
            patch_version=cells.get("patch_version", ""),
            accelerator=cells.get("accelerator", ""),
            end_of_patch=cells.get("end_of_patch", ""),
            end_of_availability=cells.get("end_of_availability", ""),
            image_family=family,
        )


def _parse_families(cell: Cell) -> list[str]:
    """A name split over lines is closed up at its hyphens; whole names on lines of their own are several."""
    names: list[str] = []
    for line in cell.lines:
        if names and (names[-1].endswith("-") or line.startswith("-")):
            names[-1] += line
        else:
            names.append(line)
    closed = [_HYPHEN.sub("-", name) for name in names]
    if len(closed) > 1 and all(_FAMILY.fullmatch(name) for name in closed):
        return closed
    return [" ".join(closed)]


def _normalize_headings(row: Row) -> tuple[str, ...]:
    return tuple(_normalize_heading(cell.text) for cell in row)


def _normalize_heading(heading: str) -> str:
    """Small letters of any language, digits and single blanks."""
    return " ".join(re.findall(r"[^\W_]+", heading.casefold()))
