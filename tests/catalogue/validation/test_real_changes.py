"""Validation of real date changes: large ones are quarantined until a person accepts them."""

import csv
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.catalogue.validation.reading import ParsedPage
from bot.catalogue.validation.validator import validate_reading
from bot.catalogue.validation.verdict import AcceptedValues
from bot.policy.changes import DateMoved, find_events
from storage.facts import ImageFamily, PrintedDate
from tests.catalogue.validation_factories import KNOWN_ROWS, TORCH_27, build_family

CHANGES = list(csv.DictReader((Path(__file__).parents[2] / "data" / "date-changes.csv").read_text().splitlines()))
BY_DAY = {day: list(rows) for day, rows in groupby(CHANGES, key=lambda change: change["changed_on"] or "2026-01-05")}
QUARANTINE_REASONS = {
    "2026-02-10": "7 rows changed at once, more than 5",
    "2026-08-10": "the date moved by 700 days, more than 400",
}


def build_row(change: dict[str, str], day: str) -> ImageFamily:
    framework, number = change["framework"].lower(), change["version"]
    return replace(
        KNOWN_ROWS[TORCH_27],
        framework=framework,
        number=number,
        family=build_family(f"{framework}-{number}", change["variant"]),
        end_of_patch_and_support=PrintedDate(day, date.fromisoformat(day)),
        end_of_availability=PrintedDate("not published"),
    )


@pytest.mark.parametrize("day", BY_DAY)
def test_real_changes_pass_at_once_or_once_accepted(day: str) -> None:
    before = [build_row(change, change["old_date"]) for change in BY_DAY[day]]
    printed = tuple(build_row(change, change["new_date"]) for change in BY_DAY[day])
    reading = ParsedPage("dlvm", date.fromisoformat(day), printed, fingerprint=day)
    verdict = validate_reading(reading, before, date.fromisoformat(day))
    assert {verdict.quarantine_reason, *(issue.reason for issue in verdict.new_issues)} - {""} == (
        {QUARANTINE_REASONS[day]} if day in QUARANTINE_REASONS else set()
    )
    if day in QUARANTINE_REASONS:
        assert verdict.families == tuple(before)
        accepted = AcceptedValues(
            frozenset(issue.key for issue in verdict.new_issues), frozenset({day} if verdict.quarantine_reason else {})
        )
        verdict = validate_reading(reading, before, date.fromisoformat(day), accepted=accepted)
    assert verdict.families == printed
    moves = find_events(before, verdict.families)
    assert sum(len(move.families) for move in moves) == len(printed)
    assert all(isinstance(move, DateMoved) and move.is_whole_version for move in moves)
