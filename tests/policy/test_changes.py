"""What a reading brings about, event by event, and the real moves of sister products."""

import csv
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.catalogue import seed
from bot.policy.changes import (
    DateFilledIn,
    DateMoved,
    Direction,
    Event,
    RowsArrived,
    RowsReturned,
    RowsVanished,
    classify_direction,
    find_events,
)
from bot.policy.dependencies import Dependency, DependencyReplaced, get_printed_value, list_dependencies
from storage.facts import DLVM, ImageFamily, Milestone, PrintedDate

BEFORE = seed.load().families
KNOWN = {row.family: row for row in BEFORE}
EOP, EOA = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY
TORCH_29 = KNOWN["pytorch-2-9-cu129-ubuntu-2404-nvidia-580"]
TORCH_29_OLDER = KNOWN["pytorch-2-9-cu129-ubuntu-2204-nvidia-580"]
TORCH_27 = KNOWN["pytorch-2-7-cu128-ubuntu-2204-nvidia-570"]
FLOW_217 = KNOWN["tf-2-17-cu123-py310"]


def told(day: date) -> PrintedDate:
    return PrintedDate(day.isoformat(), day)


def after(*rows: ImageFamily, without: tuple[ImageFamily, ...] = ()) -> tuple[ImageFamily, ...]:
    changed = {row.family: row for row in rows}
    kept = tuple(changed.pop(row.family, row) for row in BEFORE if row not in without)
    return (*kept, *changed.values())


def test_a_reading_that_says_the_same_brings_about_nothing() -> None:
    assert find_events(BEFORE, BEFORE) == ()
    assert find_events(BEFORE, ()) == (), "a row that a reading lacks says nothing by itself"


def test_new_row() -> None:
    fresh = replace(TORCH_29, family="pytorch-2-11-cu130-ubuntu-2404-nvidia-590", number="2.11")
    twin = replace(fresh, family="pytorch-2-11-cu130-ubuntu-2204-nvidia-590")
    sibling = replace(TORCH_29, family="pytorch-2-9-cu129-debian-12-nvidia-580")
    assert find_events(BEFORE, after(fresh, twin, sibling)) == (
        RowsArrived(DLVM, "pytorch-2.11", (fresh.family, twin.family), is_new_version=True),
        RowsArrived(DLVM, "pytorch-2.9", (sibling.family,), is_new_version=False),
    )


def test_date_later_or_earlier() -> None:
    later = replace(TORCH_27, end_of_patch_and_support=told(date(2026, 7, 13)))
    (move,) = find_events(BEFORE, after(later))
    assert move == DateMoved(DLVM, "pytorch-2.7", EOP, date(2026, 4, 13), date(2026, 7, 13), (TORCH_27.family,), True)
    earlier = replace(TORCH_29, end_of_availability=told(date(2027, 8, 4)))
    (move,) = find_events(BEFORE, after(earlier))
    assert move == DateMoved(DLVM, "pytorch-2.9", EOA, date(2028, 8, 4), date(2027, 8, 4), (TORCH_29.family,), False)


def test_both_rows_of_a_version_that_move_are_one_event_for_each_date() -> None:
    moved = [
        replace(row, end_of_patch_and_support=told(date(2028, 9, 1)), end_of_availability=told(date(2029, 9, 1)))
        for row in (TORCH_29, TORCH_29_OLDER)
    ]
    found = find_events(BEFORE, after(*moved))
    assert [(event.milestone, event.families) for event in found if isinstance(event, DateMoved)] == [
        (EOP, (TORCH_29.family, TORCH_29_OLDER.family)),
        (EOA, (TORCH_29.family, TORCH_29_OLDER.family)),
    ]
    assert len(found) == 2


def test_date_becomes_to_be_determined() -> None:
    (move,) = find_events(BEFORE, after(replace(TORCH_27, end_of_availability=PrintedDate("To be determined"))))
    assert isinstance(move, DateMoved)
    assert classify_direction(move.before, move.after, date(2026, 4, 11)) is Direction.WITHDRAWN


def test_one_cell_unreadable_moves_nothing() -> None:
    assert (
        find_events(BEFORE, after(replace(TORCH_27, end_of_availability=PrintedDate("??", None, "unreadable")))) == ()
    )


def test_a_date_filled_in() -> None:
    mended = replace(FLOW_217, end_of_availability=told(date(2026, 7, 11)))
    assert find_events(BEFORE, after(mended)) == (
        DateFilledIn(DLVM, "tensorflow-2.17", EOA, date(2026, 7, 11), (FLOW_217.family,)),
    )


def test_row_gone_and_row_back() -> None:
    lacking = after(without=(TORCH_29,))
    assert find_events(BEFORE, lacking) == ()
    gone = find_events(BEFORE, lacking, vanished=(TORCH_29.family,))
    assert gone == (RowsVanished(DLVM, "pytorch-2.9", (TORCH_29.family,), is_whole_version=False),)
    both = (TORCH_29, TORCH_29_OLDER)
    names = tuple(row.family for row in both)
    assert find_events(BEFORE, after(without=both), vanished=names) == (
        RowsVanished(DLVM, "pytorch-2.9", names, is_whole_version=True),
    )
    assert find_events(BEFORE, BEFORE, returned=names) == (RowsReturned(DLVM, "pytorch-2.9", names),)
    assert find_events(BEFORE, BEFORE, vanished=names) == (), "what is listed has not vanished"


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
def test_a_dependency_replaced(row: ImageFamily, dependency: Dependency, was: str, now: str) -> None:
    assert find_events(BEFORE, after(row)) == (
        DependencyReplaced(DLVM, "pytorch-2.7", dependency, was, now, (TORCH_27.family,)),
    )


def test_what_is_no_longer_printed_was_not_replaced() -> None:
    base = KNOWN["common-cu124-debian-11-py310"]
    assert find_events(BEFORE, after(replace(TORCH_27, python="", patch_version=""))) == ()
    assert find_events(BEFORE, after(replace(base, patch_version="CUDA 12.5"))) == ()


def test_a_driver_that_is_part_of_the_name_is_replaced_where_one_row_came_for_another() -> None:
    heir = replace(TORCH_29, family="pytorch-2-9-cu129-ubuntu-2404-nvidia-590", driver="590")
    found = find_events(BEFORE, after(heir, without=(TORCH_29,)), vanished=(TORCH_29.family,))
    assert found == (
        DependencyReplaced(DLVM, "pytorch-2.9", Dependency.DRIVER, "580", "590", (heir.family,), (TORCH_29.family,)),
    )
    still_listed = find_events(BEFORE, after(heir))
    assert still_listed == (RowsArrived(DLVM, "pytorch-2.9", (heir.family,), is_new_version=False),)


def test_a_row_that_could_have_come_for_either_arrived() -> None:
    heir = replace(TORCH_29, family="pytorch-2-9-cu129-debian-12-nvidia-590", driver="590", os="Debian 12")
    both = (TORCH_29, TORCH_29_OLDER)
    found = find_events(BEFORE, after(heir, without=both), vanished=tuple(row.family for row in both))
    assert [type(event) for event in found] == [RowsArrived, RowsVanished]


CHANGES = list(csv.DictReader((Path(__file__).parents[1] / "data" / "date-changes.csv").read_text().splitlines()))


def of_change(change: dict[str, str], day: str) -> ImageFamily:
    return replace(
        TORCH_27,
        product=change["product"],
        framework=change["framework"],
        number=change["version"],
        family=change["variant"],
        end_of_patch_and_support=told(date.fromisoformat(day)),
    )


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c['framework']} {c['variant']}" for c in CHANGES])
def test_every_real_change_is_one_move_of_the_right_direction(change: dict[str, str]) -> None:
    before, now = of_change(change, change["old_date"]), of_change(change, change["new_date"])
    found: tuple[Event, ...] = find_events([before], [now])
    (move,) = found
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
def test_rows_that_changed_on_a_day_are_told_together(found_on: str, versions: set[str]) -> None:
    rows = [change for change in CHANGES if change["changed_on"] == found_on]
    found = find_events(
        [of_change(row, row["old_date"]) for row in rows], [of_change(row, row["new_date"]) for row in rows]
    )
    assert {event.version for event in found} == versions
    assert len(found) == 1
    assert len(found[0].families) == len(rows)


def test_what_rows_are_built_of_is_named_once_each_and_only_what_they_print() -> None:
    other = replace(TORCH_29, python="3.13", driver="")
    assert dict(list_dependencies([TORCH_29, TORCH_29_OLDER, other])) == {
        "python": "3.12 or 3.13",
        "os": "Ubuntu 24.04 or Ubuntu 22.04",
        "driver": "580",
        "cuda": "12.9",
        "patch_version": "2.9.0",
    }
    assert list(list_dependencies([])) == []


def test_a_dependency_is_printed_by_its_name_and_any_other_name_has_nothing() -> None:
    assert get_printed_value("python", TORCH_29) == "3.12"
    assert get_printed_value("patch_version", KNOWN["common-cu129-ubuntu-2404-nvidia-580"]) == ""
    assert get_printed_value("colour", TORCH_29) == ""
