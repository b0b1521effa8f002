"""Overrides of the page's dates."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from bot.catalogue import seed
from bot.policy import changes, overrides
from storage.facts import DLVM, Milestone, Override, PrintedDate

ROWS = tuple(row for row in seed.load().families if row.version == "tensorflow-2.11")
AVAILABILITY = Milestone.END_OF_AVAILABILITY
DAY = date(2027, 6, 30)


def build_override(override_id: int, day: date = DAY, family: str = "", version: str = "tensorflow-2.11") -> Override:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    return Override(override_id, DLVM, version, family, AVAILABILITY, day, "why", "Ada", at)


def test_rows_stay_unchanged_without_an_override() -> None:
    assert overrides.apply_overrides(ROWS, ()) == ROWS
    assert overrides.apply_overrides(ROWS, [build_override(1, version="pytorch-2.7")]) == ROWS


def test_override_keeps_the_printed_text_and_the_page_date() -> None:
    for before, after in zip(ROWS, overrides.apply_overrides(ROWS, [build_override(1)]), strict=True):
        cell, was = after.end_of_availability, before.end_of_availability
        assert (cell.day, cell.printed, cell.problem) == (DAY, was.printed, "")
        assert cell.override is not None
        assert (cell.override.set_by, cell.override.page_date) == ("Ada", was.day)
        assert after.end_of_patch_and_support == before.end_of_patch_and_support


def test_row_that_agrees_with_the_override_stays_unchanged() -> None:
    page_day = ROWS[0].end_of_availability.day
    assert page_day is not None
    assert overrides.apply_overrides(ROWS, [build_override(1, page_day)])[0] == ROWS[0]
    assert overrides.page_agrees(build_override(1, page_day), ROWS[:1])
    assert not overrides.page_agrees(build_override(1, page_day), ROWS)
    assert not overrides.page_agrees(build_override(1, page_day), ())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_family_override_wins_and_then_the_newest(order: tuple[int, ...]) -> None:
    candidates = [build_override(1, family=ROWS[0].family), build_override(2), build_override(3)]
    ordered = [candidates[index] for index in order]
    assert overrides.find_in_force(ROWS[0], AVAILABILITY, ordered) == candidates[0]
    assert overrides.find_in_force(ROWS[1], AVAILABILITY, ordered) == candidates[2]
    assert overrides.list_affected_rows(candidates[2], ROWS, ordered) == ROWS[1:]
    assert overrides.list_affected_rows(candidates[1], ROWS, ordered) == ()


def test_page_dates_are_formatted_in_order() -> None:
    undetermined = replace(ROWS[0], end_of_availability=PrintedDate("To be determined"))
    assert overrides.format_page_dates(ROWS, AVAILABILITY) == "2023-11-15,2024-11-15"
    assert overrides.format_page_dates([undetermined, *ROWS], AVAILABILITY) == ",2023-11-15,2024-11-15"
    assert overrides.format_page_dates([undetermined], AVAILABILITY) == ""


def test_unreadable_date_is_withdrawn_only_after_an_override() -> None:
    unreadable = [replace(row, end_of_availability=PrintedDate("Smarch 1", None, "not a date")) for row in ROWS]
    overridden = overrides.apply_overrides(unreadable, [build_override(1)])
    assert changes.find_moved_dates(ROWS, unreadable) == ()
    (move,) = changes.find_moved_dates(overridden, unreadable)
    assert (move.before, move.after, move.is_whole_version, len(move.families)) == (DAY, None, True, 4)
    assert changes.find_moved_dates(unreadable, overridden) == ()
