"""Events between two readings, and the real date changes of related products."""

import csv
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.catalogue import seed
from bot.policy.changes import DateMoved, Direction, Event, classify_direction, find_events
from bot.policy.dependencies import get_value, list_dependencies
from storage.facts import (
    DLVM,
    DateFilledIn,
    Dependency,
    DependencyReplaced,
    ImageFamily,
    Milestone,
    PrintedDate,
    RowsArrived,
    RowsReturned,
    RowsVanished,
)

BEFORE = seed.load().families
KNOWN = {row.family: row for row in BEFORE}
EOP, EOA = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY
TORCH_29 = KNOWN["pytorch-2-9-cu129-ubuntu-2404-nvidia-580"]
TORCH_29_OLDER = KNOWN["pytorch-2-9-cu129-ubuntu-2204-nvidia-580"]
TORCH_27 = KNOWN["pytorch-2-7-cu128-ubuntu-2204-nvidia-570"]
FLOW_217 = KNOWN["tf-2-17-cu123-py310"]


def build_date(day: date) -> PrintedDate:
    return PrintedDate(day.isoformat(), day)


def replace_rows(*rows: ImageFamily, removed: tuple[ImageFamily, ...] = ()) -> tuple[ImageFamily, ...]:
    changed = {row.family: row for row in rows}
    kept = tuple(changed.pop(row.family, row) for row in BEFORE if row not in removed)
    return (*kept, *changed.values())


def test_unchanged_reading_has_no_events() -> None:
    assert find_events(BEFORE, BEFORE) == ()
    assert find_events(BEFORE, ()) == (), "a missing row is no event by itself"


def test_new_rows_arrive_grouped_by_version() -> None:
    fresh = replace(TORCH_29, family="pytorch-2-11-cu130-ubuntu-2404-nvidia-590", number="2.11")
    twin = replace(fresh, family="pytorch-2-11-cu130-ubuntu-2204-nvidia-590")
    sibling = replace(TORCH_29, family="pytorch-2-9-cu129-debian-12-nvidia-580")
    assert find_events(BEFORE, replace_rows(fresh, twin, sibling)) == (
        RowsArrived(DLVM, "pytorch-2.11", (fresh.family, twin.family), is_new_version=True),
        RowsArrived(DLVM, "pytorch-2.9", (sibling.family,), is_new_version=False),
    )


def test_dates_can_move_later_or_earlier() -> None:
    later = replace(TORCH_27, end_of_patch_and_support=build_date(date(2026, 7, 13)))
    (move,) = find_events(BEFORE, replace_rows(later))
    assert move == DateMoved(DLVM, "pytorch-2.7", EOP, date(2026, 4, 13), date(2026, 7, 13), (TORCH_27.family,), True)
    earlier = replace(TORCH_29, end_of_availability=build_date(date(2027, 8, 4)))
    (move,) = find_events(BEFORE, replace_rows(earlier))
    assert move == DateMoved(DLVM, "pytorch-2.9", EOA, date(2028, 8, 4), date(2027, 8, 4), (TORCH_29.family,), False)


def test_rows_of_a_version_that_move_together_are_one_event() -> None:
    moved = [
        replace(
            row, end_of_patch_and_support=build_date(date(2028, 9, 1)), end_of_availability=build_date(date(2029, 9, 1))
        )
        for row in (TORCH_29, TORCH_29_OLDER)
    ]
    events = find_events(BEFORE, replace_rows(*moved))
    assert [(event.milestone, event.families) for event in events if isinstance(event, DateMoved)] == [
        (EOP, (TORCH_29.family, TORCH_29_OLDER.family)),
        (EOA, (TORCH_29.family, TORCH_29_OLDER.family)),
    ]
    assert len(events) == 2


def test_date_that_becomes_to_be_determined_is_withdrawn() -> None:
    (move,) = find_events(BEFORE, replace_rows(replace(TORCH_27, end_of_availability=PrintedDate("To be determined"))))
    assert isinstance(move, DateMoved)
    assert classify_direction(move.before, move.after, date(2026, 4, 11)) is Direction.WITHDRAWN


def test_unreadable_cell_is_no_move() -> None:
    assert (
        find_events(BEFORE, replace_rows(replace(TORCH_27, end_of_availability=PrintedDate("??", None, "unreadable"))))
        == ()
    )


def test_date_can_be_filled_in() -> None:
    fixed = replace(FLOW_217, end_of_availability=build_date(date(2026, 7, 11)))
    assert find_events(BEFORE, replace_rows(fixed)) == (
        DateFilledIn(DLVM, "tensorflow-2.17", EOA, date(2026, 7, 11), (FLOW_217.family,)),
    )


def test_rows_can_vanish_and_return() -> None:
    rest = replace_rows(removed=(TORCH_29,))
    assert find_events(BEFORE, rest) == ()
    vanished = find_events(BEFORE, rest, vanished=(TORCH_29.family,))
    assert vanished == (RowsVanished(DLVM, "pytorch-2.9", (TORCH_29.family,), is_whole_version=False),)
    both = (TORCH_29, TORCH_29_OLDER)
    names = tuple(row.family for row in both)
    assert find_events(BEFORE, replace_rows(removed=both), vanished=names) == (
        RowsVanished(DLVM, "pytorch-2.9", names, is_whole_version=True),
    )
    assert find_events(BEFORE, BEFORE, returned=names) == (RowsReturned(DLVM, "pytorch-2.9", names),)
    assert find_events(BEFORE, BEFORE, vanished=names) == (), "a listed row hasn't vanished"


@pytest.mark.parametrize(
    ("row", "dependency", "was", "now"),
    [
        (replace(TORCH_27, python="3.11"), Dependency.PYTHON, "3.10", "3.11"),
        (replace(TORCH_27, os="Ubuntu 24.04"), Dependency.OS, "Ubuntu 22.04", "Ubuntu 24.04"),
        (replace(TORCH_27, driver="580"), Dependency.DRIVER, "570", "580"),
        (replace(TORCH_27, cuda="12.9"), Dependency.CUDA, "12.8", "12.9"),
        (replace(TORCH_27, patch_version="2.7.2"), Dependency.PATCH_VERSION, "2.7.1", "2.7.2"),
    ],
)
def test_changed_dependency_is_an_event(row: ImageFamily, dependency: Dependency, was: str, now: str) -> None:
    assert find_events(BEFORE, replace_rows(row)) == (
        DependencyReplaced(DLVM, "pytorch-2.7", dependency, was, now, (TORCH_27.family,)),
    )


def test_dependency_no_longer_printed_is_not_replaced() -> None:
    base = KNOWN["common-cu124-debian-11-py310"]
    assert find_events(BEFORE, replace_rows(replace(TORCH_27, python="", patch_version=""))) == ()
    assert find_events(BEFORE, replace_rows(replace(base, patch_version="CUDA 12.5"))) == ()


def test_driver_in_the_family_name_is_replaced_with_its_row() -> None:
    successor = replace(TORCH_29, family="pytorch-2-9-cu129-ubuntu-2404-nvidia-590", driver="590")
    events = find_events(BEFORE, replace_rows(successor, removed=(TORCH_29,)), vanished=(TORCH_29.family,))
    assert events == (
        DependencyReplaced(
            DLVM, "pytorch-2.9", Dependency.DRIVER, "580", "590", (successor.family,), (TORCH_29.family,)
        ),
    )
    still_listed = find_events(BEFORE, replace_rows(successor))
    assert still_listed == (RowsArrived(DLVM, "pytorch-2.9", (successor.family,), is_new_version=False),)


def test_row_with_two_possible_predecessors_counts_as_arrived() -> None:
    successor = replace(TORCH_29, family="pytorch-2-9-cu129-debian-12-nvidia-590", driver="590", os="Debian 12")
    both = (TORCH_29, TORCH_29_OLDER)
    events = find_events(BEFORE, replace_rows(successor, removed=both), vanished=tuple(row.family for row in both))
    assert [type(event) for event in events] == [RowsArrived, RowsVanished]


CHANGES = list(csv.DictReader((Path(__file__).parents[1] / "data" / "date-changes.csv").read_text().splitlines()))


def build_row(change: dict[str, str], day: str) -> ImageFamily:
    return replace(
        TORCH_27,
        product=change["product"],
        framework=change["framework"],
        number=change["version"],
        family=change["variant"],
        end_of_patch_and_support=build_date(date.fromisoformat(day)),
    )


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c['framework']} {c['variant']}" for c in CHANGES])
def test_every_real_change_is_one_move_in_the_right_direction(change: dict[str, str]) -> None:
    before, now = build_row(change, change["old_date"]), build_row(change, change["new_date"])
    events: tuple[Event, ...] = find_events([before], [now])
    (move,) = events
    assert isinstance(move, DateMoved)
    assert move.after is not None
    assert (move.after - move.before).days == int(change["days"])
    assert move.milestone is EOP
    found_on = date.fromisoformat(change["changed_on"] or "2026-01-05")
    extended = change["direction"] == "later" and found_on > move.before
    assert classify_direction(move.before, move.after, found_on).value == (
        "extended" if extended else change["direction"]
    )


@pytest.mark.parametrize(
    ("found_on", "versions"),
    [("2026-02-10", {"PyTorch-2.6"}), ("2026-04-14", {"PyTorch-2.10"}), ("2026-08-10", {"Base-13.2.1"})],
)
def test_rows_that_changed_together_are_one_event(found_on: str, versions: set[str]) -> None:
    rows = [change for change in CHANGES if change["changed_on"] == found_on]
    events = find_events(
        [build_row(row, row["old_date"]) for row in rows], [build_row(row, row["new_date"]) for row in rows]
    )
    assert {event.version for event in events} == versions
    assert len(events) == 1
    assert len(events[0].families) == len(rows)


def test_dependencies_are_listed_with_distinct_printed_values() -> None:
    other = replace(TORCH_29, python="3.13", driver="")
    assert dict(list_dependencies([TORCH_29, TORCH_29_OLDER, other])) == {
        "python": "3.12 or 3.13",
        "os": "Ubuntu 24.04 or Ubuntu 22.04",
        "driver": "580",
        "cuda": "12.9",
        "patch_version": "2.9.0",
    }
    assert list(list_dependencies([])) == []


def test_unknown_dependency_has_no_printed_value() -> None:
    assert get_value(Dependency.PYTHON, TORCH_29) == "3.12"
    assert get_value(Dependency.PATCH_VERSION, KNOWN["common-cu129-ubuntu-2404-nvidia-580"]) == ""
