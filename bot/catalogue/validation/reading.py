"""A reading: the printed rows of a page as facts, and the rows that no version could be read from."""

from datetime import date

from msgspec import Struct

from bot.catalogue.page import rows
from bot.catalogue.page.description import PageDescription
from bot.catalogue.page.parser import Page
from storage.facts import ImageFamily


class UnidentifiedRow(Struct, frozen=True):
    """A row whose label names no version of its framework."""

    family: str
    """The key its family cell gives; may be any text."""
    label: str
    printed: str
    reason: str


Row = ImageFamily | UnidentifiedRow


class Reading(Struct, frozen=True):
    """What a page said, row by row, before any gate."""

    product: str
    as_of: date
    rows: tuple[Row, ...]
    """In the page's order."""
    missing_tables: tuple[str, ...] = ()
    malformed_rows: tuple[str, ...] = ()
    fingerprint: str = ""


def from_page(page: Page, description: PageDescription, read_on: date) -> Reading:
    """The page as facts, as of its own day; where it prints none, as of the day it was read."""
    as_of = page.last_updated or read_on
    found = tuple(_parse_row(row, description, as_of) for row in page.rows)
    return Reading(page.product, as_of, found, page.missing_tables, page.malformed_rows, page.fingerprint)


def _parse_row(row: rows.PrintedRow, description: PageDescription, as_of: date) -> Row:
    product, address = description.product, description.address
    try:
        return rows.parse_row(row, product=product, source_url=address, as_of=as_of, formats=description.formats)
    except rows.RowError as error:
        printed = f"{row.label}: {row.end_of_patch} / {row.end_of_availability}, {row.image_family}"
        return UnidentifiedRow(rows.normalize_family(row.image_family), row.label, printed, str(error))
