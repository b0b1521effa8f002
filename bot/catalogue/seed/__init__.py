"""The bundled tables, so that dlvm knows the dates with no network at all."""

import csv
from dataclasses import dataclass
from datetime import date
from importlib import resources

from bot.catalogue import gates, rows
from storage.facts import DLVM, ImageFamily

SOURCE_URL = "https://docs.cloud.google.com/deep-learning-vm/docs/images"
AS_OF = date(2026, 4, 10)
"""The page's own "Last updated"."""

_FILE = "deep-learning-vm-images.csv"


@dataclass(frozen=True, slots=True)
class Seed:
    """The bundled rows of a product, read and checked."""

    product: str
    source_url: str
    as_of: date
    families: tuple[ImageFamily, ...]
    held: tuple[gates.Held, ...]


def load() -> Seed:
    """Reads the bundled table through the reader and gates that a live page goes through."""
    text = resources.files(__name__).joinpath(_FILE).read_text(encoding="utf-8")
    printed = [rows.PrintedRow(**cells) for cells in csv.DictReader(text.splitlines())]
    read = [rows.read(row, product=DLVM, source_url=SOURCE_URL, as_of=AS_OF) for row in printed]
    families, held = gates.check(read)
    return Seed(DLVM, SOURCE_URL, AS_OF, families, held)
