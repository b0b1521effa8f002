"""Readings: the rows of a page as facts, and the rows whose version couldn't be identified."""

from datetime import date

from msgspec import Struct

from bot.catalogue.page import rows
from bot.catalogue.page.date_cells import PAGE_FORMATS
from bot.catalogue.page.parser import Page
from storage.facts import DLVM, ImageFamily


class UnidentifiedRow(Struct, frozen=True):
    """A row whose framework version couldn't be identified."""

    family: str
    """The normalised text of the family cell, which might not be a family name."""
    label: str
    printed: str
    reason: str


Row = ImageFamily | UnidentifiedRow


class ParsedPage(Struct, frozen=True):
    """A page's rows, before validation."""

    product: str
    as_of: date
    rows: tuple[Row, ...]
    """In page order."""
    missing_tables: tuple[str, ...] = ()
    malformed_rows: tuple[str, ...] = ()
    fingerprint: str = ""


def from_page(page: Page, url: str, read_on: date) -> ParsedPage:
    """Return the page as a reading, as of the day in its footer or, without one, the day it was read."""
    as_of = page.last_updated or read_on
    return ParsedPage(
        product=DLVM,
        as_of=as_of,
        rows=tuple(_parse_row(row, url, as_of) for row in page.rows),
        missing_tables=page.missing_tables,
        malformed_rows=page.malformed_rows,
        fingerprint=page.fingerprint,
    )


def _parse_row(row: rows.PrintedRow, url: str, as_of: date) -> Row:
    try:
        return rows.parse_row(row, source_url=url, as_of=as_of, formats=PAGE_FORMATS)
    except rows.RowError as error:
        printed = f"{row.label}: {row.end_of_patch} / {row.end_of_availability}, {row.image_family}"
        return UnidentifiedRow(rows.normalize_family(row.image_family), row.label, printed, str(error))
