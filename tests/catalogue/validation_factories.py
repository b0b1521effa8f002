"""Readings of the bundled rows with changed cells, validated against the bundled catalogue."""

import re
from collections.abc import Callable, Iterable
from datetime import date

from msgspec.structs import replace

from bot.catalogue import seed
from bot.catalogue.page import PAGE_URL, parser
from bot.catalogue.page.rows import PrintedRow, normalize_family
from bot.catalogue.validation import reading
from bot.catalogue.validation.validator import validate_reading
from bot.catalogue.validation.verdict import NOTHING_ACCEPTED, AcceptedValues, Verdict
from bot.policy.versions import get_family_prefix
from storage.facts import ImageFamily
from tests.catalogue import page_factories

TODAY = date(2026, 4, 11)
BEFORE = seed.load().families
KNOWN_ROWS = {row.family: row for row in BEFORE}
KNOWN_ISSUES = 5
"""Issues with the bundled rows themselves: an unreadable date and four accelerators."""

TORCH_29 = "pytorch-2-9-cu129-ubuntu-2404-nvidia-580"
TORCH_27 = "pytorch-2-7-cu128-ubuntu-2204-nvidia-570"
TORCH_24 = "pytorch-2-4-py310"
FLOW_217 = "tf-2-17-cu123-py310"


def replace_cells(
    changes: dict[str, dict[str, str]], rows: Iterable[PrintedRow] = page_factories.SEED
) -> list[PrintedRow]:
    """Return the rows with the given cells replaced, by family and field."""
    return [replace(row, **changes.get(normalize_family(row.image_family), {})) for row in rows]


def drop_families(*families: str) -> list[PrintedRow]:
    return [row for row in page_factories.SEED if normalize_family(row.image_family) not in families]


def build_family(version: str, variant: str) -> str:
    """Return a family named after the version, as on the page."""
    return f"{get_family_prefix(version)}-{re.sub('[^a-z0-9]+', '-', variant.lower()).strip('-')}"


def build_reading(
    rows: Iterable[PrintedRow], write: Callable[[Iterable[PrintedRow]], str] = page_factories.write_plain_html
) -> reading.ParsedPage:
    return reading.from_page(parser.parse_page(write(rows)), PAGE_URL, TODAY)


def validate(
    rows: Iterable[PrintedRow],
    *,
    before: Iterable[ImageFamily] = BEFORE,
    today: date = TODAY,
    accepted: AcceptedValues = NOTHING_ACCEPTED,
    gone: tuple[str, ...] = (),
) -> Verdict:
    return validate_reading(build_reading(rows), tuple(before), today, accepted=accepted, gone=gone)


def find_row(verdict: Verdict, family: str) -> ImageFamily:
    return next(row for row in verdict.families if row.family == family)
