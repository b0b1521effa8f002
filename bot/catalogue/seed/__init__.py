"""The bundled tables, so that dlvm knows the dates with no network at all."""

import csv
from collections.abc import Iterator
from datetime import date
from importlib import resources

from msgspec import Struct

from bot.catalogue import sister_products
from bot.catalogue.page import rows
from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES
from bot.catalogue.validation import first_reading
from bot.catalogue.validation.verdict import Issue
from storage.facts import DLVM, ImageFamily

SOURCE_URL = DEEP_LEARNING_VM_IMAGES.address
AS_OF = date(2026, 4, 10)
"""The page's own "Last updated"."""

_FILE = "deep-learning-vm-images.csv"
_SISTER_FILE = "sister-policies.csv"


class Seed(Struct, frozen=True):
    """The rows of a product that are bundled, or of a file in their place, read and checked."""

    product: str
    source_url: str
    as_of: date
    families: tuple[ImageFamily, ...]
    issues: tuple[Issue, ...]
    unlisted: tuple[str, ...] = ()
    """Families that the page no longer printed."""


def load() -> Seed:
    """Reads the bundled table through the reader and gates that a live page goes through."""
    printed = [rows.PrintedRow(**cells) for cells in _read_csv(_FILE)]
    read = [rows.parse_row(row, product=DLVM, source_url=SOURCE_URL, as_of=AS_OF) for row in printed]
    families, held = first_reading.validate_rows(read)
    return Seed(DLVM, SOURCE_URL, AS_OF, families, held)


def load_sister_rows() -> dict[ImageFamily, sister_products.RowDetails]:
    """The rows of sister products, one for each (product, family), of several editions the newest."""
    return sister_products.parse_rows(sister_products.PrintedSisterRow(**cells) for cells in _read_csv(_SISTER_FILE))


def _read_csv(file: str) -> Iterator[dict[str, str]]:
    text = resources.files(__name__).joinpath(file).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
