"""Two thousand mangled pages: every stored date is right, and the rest is quarantined or rejected."""

import tracemalloc
from collections import Counter
from random import Random

import pytest

from bot.catalogue.page import PAGE_URL, parser
from bot.catalogue.page.rows import PrintedRow, normalize_family
from bot.catalogue.validation import reading
from bot.catalogue.validation.validator import validate_reading
from storage.facts import Milestone
from tests.catalogue import page_factories
from tests.catalogue.page_mutations import draft_page, mangle
from tests.catalogue.validation_factories import KNOWN_ROWS, TODAY

SEED = 20_261_125
PAGES = 2_000
BATCHES = 8


def choose_rows(random: Random) -> list[PrintedRow]:
    """Return the whole page in one of ten cases, otherwise fewer rows for speed."""
    if random.random() < 0.1:
        return list(page_factories.SEED)
    return [row for row in page_factories.SEED if row.section == "Base versions" or random.random() < 0.3]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mangled_page_never_changes_a_good_date_to_a_wrong_one(batch: int) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(batch, PAGES, BATCHES):
        random = Random(SEED + number)
        rows = choose_rows(random)
        known = [KNOWN_ROWS[normalize_family(row.image_family)] for row in rows]
        mangled = draft_page(rows, random)
        ways = mangle(mangled, random)
        try:
            page = parser.parse_page(mangled.write())
        except parser.PageError:
            outcomes["rejected"] += 1
            continue
        verdict = validate_reading(reading.from_page(page, PAGE_URL, TODAY), known, TODAY)
        expected = {row.family: [row.get_date(milestone).day for milestone in Milestone] for row in known}
        for row in verdict.families:
            days = [row.get_date(milestone).day for milestone in Milestone]
            assert days == expected.get(row.family), f"seed {SEED + number}: {ways}: {row.family} became {days}"
        outcomes["whole page" if verdict.quarantine_reason else "cells" if verdict.new_issues else "right"] += 1
    assert min(outcomes[outcome] for outcome in ("rejected", "whole page", "cells", "right")) > 10, (SEED, outcomes)


def test_page_of_50_megabytes_is_rejected_without_parsing() -> None:
    text = page_factories.write_plain_html(page_factories.SEED) * 5000
    assert len(text) > 50_000_000
    tracemalloc.start()
    with pytest.raises(parser.PageError, match="more than the limit of 5,000,000"):
        parser.parse_page(text)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
