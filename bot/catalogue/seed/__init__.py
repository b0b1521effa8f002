"""Bundled tables, so that dlvm works without network access."""

import csv
from collections.abc import Iterator
from datetime import date
from importlib import resources

from msgspec import Struct

from bot.catalogue import related_products
from bot.catalogue.page import PAGE_URL, rows
from bot.catalogue.validation import first_reading
from bot.catalogue.validation.verdict import Issue
from storage.facts import DLVM, ImageFamily

AS_OF = date(2026, 4, 10)
"""Day of the page's "Last updated"."""

_FILE = "deep-learning-vm-images.csv"
_RELATED_FILE = "related-products.csv"


class Seed(Struct, frozen=True):
    """Validated rows of a product, from the bundle or from a local file."""

    product: str
    source_url: str
    as_of: date
    families: tuple[ImageFamily, ...]
    issues: tuple[Issue, ...]
    unlisted: tuple[str, ...] = ()
    """Families that the page no longer lists."""


def load() -> Seed:
    """Load the bundled table, parsed and validated like a page."""
    printed_rows = [rows.PrintedRow(**cells) for cells in _read_csv(_FILE)]
    parsed_rows = [rows.parse_row(row, source_url=PAGE_URL, as_of=AS_OF) for row in printed_rows]
    families, issues = first_reading.validate_rows(parsed_rows)
    return Seed(DLVM, PAGE_URL, AS_OF, families, issues)


def load_related_rows() -> dict[ImageFamily, related_products.RowDetails]:
    """Load the rows of the related products, the newest edition of each (product, family)."""
    return related_products.parse_rows(related_products.RelatedRow(**cells) for cells in _read_csv(_RELATED_FILE))


def _read_csv(file: str) -> Iterator[dict[str, str]]:
    text = resources.files(__name__).joinpath(file).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
