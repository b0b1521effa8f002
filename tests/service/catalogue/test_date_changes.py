"""Dates that move: told once with the old and the new one, earlier messages corrected, ladders begun anew."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.answers import ReminderMessage
from bot.policy.changes import Direction
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.place import Place
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.reminders.message import render_reminder as drawn
from storage import catalogue, catalogue_history, decisions, outbox
from storage.facts import DLVM, CatalogueReading, DateChange, Decision, Milestone, OutboxState, PrintedDate
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, utc

VERSION = "pytorch-2.7"
PATCH, AVAILABILITY = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY


def take(desk: Driver, now: datetime, **dates: date | None) -> tuple[DateChange, ...]:
    """The table is read anew, with other dates for PyTorch 2.7."""
    with desk.database.read_only() as session:
        rows = catalogue.list_all(session, DLVM)
        last = catalogue.find_last_reading(session, DLVM)
    assert last is not None
    cells = {name: PrintedDate(str(day) if day else "To be determined", day) for name, day in dates.items()}
    changed = [replace(row, **cells) if row.version == VERSION else row for row in rows]
    reading = CatalogueReading(DLVM, last.source_url, now.date(), now, len(rows))
    return CatalogueIngest(desk.database, SnapshotCache(), desk.default).apply(changed, reading, now)


def told(desk: Driver) -> list[tuple[Direction, date, date | None]]:
    return [(line.direction, line.before, line.after) for m in desk.sender.accepted for line in m.date_changes]


def moved_messages(desk: Driver) -> list[ReminderMessage]:
    return [message for message in desk.sender.accepted if message.date_changes]


def begun(desk: Driver, since: str = "2026-12-01 10:00") -> None:
    desk.run(f"subscribe {VERSION}", utc(since))


def daily(desk: Driver, first: str, last: str) -> None:
    delivery = desk.build_loop()
    moment = utc(f"{first} 09:00")
    while moment <= utc(f"{last} 09:00"):
        delivery.tick(moment)
        delivery.tick(moment + timedelta(seconds=3))
        moment += timedelta(days=1)


def test_a_later_date_is_told_once_and_counts_anew(desk: Driver) -> None:
    begun(desk)
    daily(desk, "2026-12-02", "2027-02-20")
    (change,) = take(desk, utc("2027-02-20 12:00"), end_of_availability=date(2027, 10, 13))
    daily(desk, "2027-02-21", "2027-10-14")
    assert told(desk) == [(Direction.LATER, date(2027, 4, 13), date(2027, 10, 13))]
    assert len([m for m in desk.sender.accepted if m.date_changes]) == 1
    rungs = [rung for day, rung in desk.sender.list_rungs() if day > "2027-02-20"]
    assert rungs == [180, 90, 60, 30, 14, 7, 3, 1, 0, -1]
    assert change.families
    with desk.database.read_only() as session:
        assert catalogue_history.list_date_changes(session, DLVM, VERSION) == (change,)


def test_messages_sent_earlier_are_corrected_in_place_with_the_old_date_struck(desk: Driver) -> None:
    begun(desk)
    daily(desk, "2026-12-02", "2027-02-20")
    sent = len(desk.sender.accepted)
    take(desk, utc("2027-02-20 12:00"), end_of_availability=date(2027, 10, 13))
    daily(desk, "2027-02-21", "2027-02-21")
    assert len({ts for ts, _ in desk.sender.updated}) == sent == 2
    for _, message in desk.sender.updated:
        text = drawn(message)["text"]
        assert "~13 Apr 2027~" in text
        assert "Wed 13 Oct 2027" in text
    daily(desk, "2027-02-22", "2027-03-30")
    assert len(desk.sender.updated) == sent


def test_an_earlier_date_is_urgent_and_stands_for_the_rungs_that_are_behind(desk: Driver) -> None:
    begun(desk)
    daily(desk, "2026-12-02", "2027-02-19")
    take(desk, utc("2027-02-20 08:00"), end_of_availability=date(2027, 3, 2))
    before = len(desk.sender.accepted)
    daily(desk, "2027-02-20", "2027-03-04")
    (message, *rest) = desk.sender.accepted[before:]
    assert (message.date_changes[0].direction, message.date_changes[0].days_left, message.lines) == (
        Direction.EARLIER,
        10,
        (),
    )
    assert "moved EARLIER" in drawn(message)["text"]
    assert [line.rung for m in rest for line in m.lines] == [7, 3, 1, 0, -1]


def test_a_date_moved_after_it_had_passed_takes_the_message_back(desk: Driver) -> None:
    begun(desk)
    daily(desk, "2026-12-02", "2027-04-20")
    take(desk, utc("2027-04-21 08:00"), end_of_availability=date(2027, 7, 13))
    daily(desk, "2027-04-21", "2027-04-22")
    assert told(desk)[0][0] is Direction.EXTENDED
    assert "Ignore the earlier message" in drawn(moved_messages(desk)[0])["text"]
    assert len(desk.sender.updated) == 9


def test_a_date_that_was_withdrawn_stops_the_countdown_and_says_so(desk: Driver) -> None:
    begun(desk)
    daily(desk, "2026-12-02", "2027-02-20")
    take(desk, utc("2027-02-20 12:00"), end_of_availability=None)
    daily(desk, "2027-02-21", "2027-06-01")
    assert told(desk) == [(Direction.WITHDRAWN, date(2027, 4, 13), None)]
    assert not [rung for day, rung in desk.sender.list_rungs() if day > "2027-02-20"]
    assert "Google publishes no date" in drawn(desk.sender.updated[0][1])["text"]


def test_there_and_back_and_there_again_tells_each_move_once_and_repeats_no_rung(desk: Driver) -> None:
    begun(desk)
    daily(desk, "2026-12-02", "2027-02-20")
    first, second = date(2027, 4, 13), date(2027, 6, 14)
    for number, day in enumerate((second, first, second, first)):
        take(desk, utc("2027-02-21 08:00") + timedelta(days=number), end_of_availability=day)
        daily(desk, f"2027-02-2{1 + number}", f"2027-02-2{1 + number}")
    assert [after for _, _, after in told(desk)] == [second, first, second, first]
    daily(desk, "2027-02-25", "2027-04-14")
    rungs = [rung for _, rung in desk.sender.list_rungs()]
    assert rungs == [90, 60, 30, 14, 7, 3, 1, 0, -1]
    last_of_90 = [message for ts, message in desk.sender.updated if ts == desk.sender.updated[0][0]][-1]
    assert "~" not in drawn(last_of_90)["text"]


def test_a_move_that_is_undone_before_anybody_heard_of_it_is_not_told(desk: Driver) -> None:
    begun(desk)
    take(desk, utc("2027-02-20 10:00"), end_of_availability=date(2027, 10, 13))
    take(desk, utc("2027-02-20 10:01"), end_of_availability=date(2027, 4, 13))
    daily(desk, "2027-02-21", "2027-02-22")
    assert [after for _, _, after in told(desk)] == [date(2027, 4, 13)]


def test_only_channels_that_watch_it_hear_of_it(desk: Driver) -> None:
    begun(desk)
    desk.run("subscribe pytorch", utc("2026-12-01 10:00"), Place("T1", "C2", "U1"))
    desk.run("subscribe base", utc("2026-12-01 10:00"), Place("T1", "C3", "U1"))
    take(desk, utc("2026-12-05 08:00"), end_of_availability=date(2027, 10, 13))
    daily(desk, "2026-12-05", "2026-12-06")
    assert sorted(message.channel_id for message in moved_messages(desk)) == ["C1", "C2"]


def test_a_later_date_keeps_decisions_and_an_earlier_one_voids_them(desk: Driver) -> None:
    begun(desk)
    deciding = DecisionFactory(desk.database, desk.default)
    old, later, sooner = date(2027, 4, 13), date(2027, 10, 13), date(2027, 9, 1)
    deciding.acknowledge(VERSION, AVAILABILITY, old, PLACE, utc("2027-01-20 10:00"))
    take(desk, utc("2027-01-21 08:00"), end_of_availability=later)
    (kept,) = in_force(desk)
    assert (kept.milestone_date, kept.original_date) == (later, old)
    daily(desk, "2027-01-21", "2027-08-20")
    assert desk.sender.list_rungs() == []
    assert "Still in force for the new date: acknowledged" in drawn(moved_messages(desk)[0])["text"]
    take(desk, utc("2027-08-20 12:00"), end_of_availability=sooner)
    assert in_force(desk) == ()
    daily(desk, "2027-08-21", "2027-09-03")
    assert [rung for _, rung in desk.sender.list_rungs()] == [7, 3, 1, 0, -1]


def test_a_snooze_ends_in_time_for_a_date_that_moved_later(desk: Driver) -> None:
    begun(desk)
    deciding = DecisionFactory(desk.database, desk.default)
    old, later = date(2027, 4, 13), date(2027, 10, 13)
    deciding.snooze(VERSION, AVAILABILITY, old, PLACE, utc("2027-01-20 10:00"), date(2027, 2, 24))
    take(desk, utc("2027-01-21 08:00"), end_of_availability=later)
    daily(desk, "2027-01-21", "2027-03-01")
    assert [(day, rung) for day, rung in desk.sender.list_rungs()] == [("2027-02-24", 231)]
    assert desk.sender.accepted[-1].lines[0].is_snooze_over


def test_a_migrated_channel_hears_nothing_more_of_it_not_even_of_moves(desk: Driver) -> None:
    begun(desk)
    DecisionFactory(desk.database, desk.default).migrate(VERSION, PLACE, utc("2026-12-02 10:00"))
    take(desk, utc("2026-12-10 10:00"), end_of_availability=date(2027, 4, 6))
    daily(desk, "2026-12-03", "2027-04-20")
    assert desk.sender.accepted == []
    with desk.database.read_only() as session:
        assert set(outbox.count_by_state(session)) == {OutboxState.SUPERSEDED}


def in_force(desk: Driver) -> tuple[Decision, ...]:
    with desk.database.read_only() as session:
        return decisions.list_for_channel(session, PLACE.workspace_id, PLACE.channel_id)


@dataclass(frozen=True)
class Real:
    """A move that really happened, as the sister pages tell it."""

    before: date
    after: date
    found: date
    what: str


def real_moves() -> Iterator[Real]:
    """Each distinct one of the sister products, replayed on PyTorch 2.7; where the day is not known, 90 days ahead."""
    with (Path(__file__).parents[2] / "data" / "date-changes.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    seen = set()
    for row in rows:
        before, after = date.fromisoformat(row["old_date"]), date.fromisoformat(row["new_date"])
        found = date.fromisoformat(row["changed_on"]) if row["changed_on"] else before - timedelta(days=90)
        if (before, after) not in seen:
            seen.add((before, after))
            yield Real(before, after, found, f"{row['framework']} {row['version']}")


@pytest.mark.parametrize("move", list(real_moves()), ids=lambda move: f"{move.what} {move.before} to {move.after}")
def test_every_real_move_is_told_in_its_own_words_and_its_ladder_holds(lone_desk: Driver, move: Real) -> None:
    start = utc(f"{min(move.before, move.found) - timedelta(days=200)} 08:00")
    take(lone_desk, start, end_of_patch_and_support=move.before, end_of_availability=move.after + timedelta(days=4000))
    begun(lone_desk, f"{start:%Y-%m-%d %H:%M}")
    found = utc(f"{move.found} 08:00")
    daily(lone_desk, str(start.date()), str(move.found - timedelta(days=1)))
    take(lone_desk, found, end_of_patch_and_support=move.after)
    daily(lone_desk, str(move.found), str(max(move.found, move.after) + timedelta(days=4)))
    direction = Direction.EARLIER if move.after < move.before else Direction.LATER
    direction = Direction.EXTENDED if move.before < move.found else direction
    assert [d for d, before, _ in told(lone_desk) if before == move.before] == [direction]
    by_date: dict[tuple[date, int], int] = {}
    for message in lone_desk.sender.accepted:
        for line in message.lines:
            key = (line.milestone_date, line.rung)
            by_date[key] = by_date.get(key, 0) + 1
    assert set(by_date.values()) == {1}
    ahead = (move.after - move.found).days
    expected = [rung for rung in (180, 90, 60, 30, 14, 7, 3, 1, 0, -1) if rung < ahead - 3]
    after = [rung for day, rung in by_date if day == move.after]
    assert set(expected) - set(after) <= {1, 3}  # those that fall on one working day make one
    assert max(after) <= ahead
