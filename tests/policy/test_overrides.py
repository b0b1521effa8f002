"""Whose word holds for a date: the page's, or somebody's."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from bot.catalogue import seed
from bot.policy import changes, overrides
from storage.facts import DLVM, Milestone, Override, PrintedDate

ROWS = tuple(row for row in seed.load().families if row.version == "tensorflow-2.11")
AVAILABILITY = Milestone.END_OF_AVAILABILITY
DAY = date(2027, 6, 30)


def word(number: int, day: date = DAY, family: str = "", version: str = "tensorflow-2.11") -> Override:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    return Override(number, DLVM, version, family, AVAILABILITY, day, "why", "Ada", at)


def test_without_a_word_the_rows_are_the_pages() -> None:
    assert overrides.apply_overrides(ROWS, ()) == ROWS
    assert overrides.apply_overrides(ROWS, [word(1, version="pytorch-2.7")]) == ROWS


def test_a_word_keeps_what_is_printed_and_says_what_the_page_says() -> None:
    for before, after in zip(ROWS, overrides.apply_overrides(ROWS, [word(1)]), strict=True):
        cell, was = after.end_of_availability, before.end_of_availability
        assert (cell.day, cell.printed, cell.problem) == (DAY, was.printed, "")
        assert cell.override is not None
        assert (cell.override.set_by, cell.override.page_date) == ("Ada", was.day)
        assert after.end_of_patch_and_support == before.end_of_patch_and_support


def test_a_row_that_says_the_same_by_itself_stays_the_pages() -> None:
    same = ROWS[0].end_of_availability.day
    assert same is not None
    assert overrides.apply_overrides(ROWS, [word(1, same)])[0] == ROWS[0]
    assert overrides.page_agrees(word(1, same), ROWS[:1])
    assert not overrides.page_agrees(word(1, same), ROWS)
    assert not overrides.page_agrees(word(1, same), ())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_one_about_a_family_goes_first_and_of_two_the_newer_one(order: tuple[int, ...]) -> None:
    words = [word(1, family=ROWS[0].family), word(2), word(3)]
    given = [words[number] for number in order]
    assert overrides.find_in_force(ROWS[0], AVAILABILITY, given) == words[0]
    assert overrides.find_in_force(ROWS[1], AVAILABILITY, given) == words[2]
    assert overrides.list_affected_rows(words[2], ROWS, given) == ROWS[1:]
    assert overrides.list_affected_rows(words[1], ROWS, given) == ()


def test_what_the_page_says_is_compared_as_days_in_order() -> None:
    none = replace(ROWS[0], end_of_availability=PrintedDate("To be determined"))
    assert overrides.format_page_dates(ROWS, AVAILABILITY) == "2023-11-15,2024-11-15"
    assert overrides.format_page_dates([none, *ROWS], AVAILABILITY) == ",2023-11-15,2024-11-15"
    assert overrides.format_page_dates([none], AVAILABILITY) == ""


def test_a_date_that_nobody_can_read_is_withdrawn_only_where_a_word_stood_for_it() -> None:
    odd = [replace(row, end_of_availability=PrintedDate("Smarch 1", None, "not a date")) for row in ROWS]
    by_hand = overrides.apply_overrides(odd, [word(1)])
    assert changes.find_moved_dates(ROWS, odd) == ()
    (move,) = changes.find_moved_dates(by_hand, odd)
    assert (move.before, move.after, move.is_whole_version, len(move.families)) == (DAY, None, True, 4)
    assert changes.find_moved_dates(odd, by_hand) == ()
