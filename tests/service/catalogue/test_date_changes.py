"""Moved dates: announced once, corrected in earlier messages, and counted by a new ladder."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.answers import ReminderMessage
from bot.policy.changes import Direction
from bot.service.place import Place
from bot.slack.blocks.reminders.message import render_reminder
from storage import catalogue_history, decisions, outbox
from storage.facts import DLVM, Decision, OutboxState
from tests.service.catalogue.date_driver import AVAILABILITY, VERSION, ingest_dates, tick_daily
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, utc


def list_moves(driver: Driver) -> list[tuple[Direction, date, date | None]]:
    return [(line.direction, line.before, line.after) for m in driver.sender.accepted for line in m.date_changes]


def list_move_messages(driver: Driver) -> list[ReminderMessage]:
    return [message for message in driver.sender.accepted if message.date_changes]


def subscribe(driver: Driver, since: str = "2026-12-01 10:00") -> None:
    driver.run(f"subscribe {VERSION}", utc(since))


def test_later_date_is_announced_once_and_starts_a_new_ladder(driver: Driver) -> None:
    subscribe(driver)
    tick_daily(driver, "2026-12-02", "2027-02-20")
    (change,) = ingest_dates(driver, utc("2027-02-20 12:00"), end_of_availability=date(2027, 10, 13))
    tick_daily(driver, "2027-02-21", "2027-10-14")
    assert list_moves(driver) == [(Direction.LATER, date(2027, 4, 13), date(2027, 10, 13))]
    assert len([m for m in driver.sender.accepted if m.date_changes]) == 1
    rungs = [rung for day, rung in driver.sender.list_rungs() if day > "2027-02-20"]
    assert rungs == [180, 90, 60, 30, 14, 7, 3, 1, 0, -1]
    assert change.families
    with driver.database.read_only() as session:
        assert catalogue_history.list_date_changes(session, DLVM, VERSION) == (change,)


def test_earlier_messages_are_updated_with_the_old_date_struck(driver: Driver) -> None:
    subscribe(driver)
    tick_daily(driver, "2026-12-02", "2027-02-20")
    sent = len(driver.sender.accepted)
    ingest_dates(driver, utc("2027-02-20 12:00"), end_of_availability=date(2027, 10, 13))
    tick_daily(driver, "2027-02-21", "2027-02-21")
    assert len({ts for ts, _ in driver.sender.updated}) == sent == 2
    for _, message in driver.sender.updated:
        text = render_reminder(message)["text"]
        assert "~13 Apr 2027~" in text
        assert "Wed 13 Oct 2027" in text
    tick_daily(driver, "2027-02-22", "2027-03-30")
    assert len(driver.sender.updated) == sent


def test_earlier_date_replaces_the_rungs_it_skips(driver: Driver) -> None:
    subscribe(driver)
    tick_daily(driver, "2026-12-02", "2027-02-19")
    ingest_dates(driver, utc("2027-02-20 08:00"), end_of_availability=date(2027, 3, 2))
    before = len(driver.sender.accepted)
    tick_daily(driver, "2027-02-20", "2027-03-04")
    (message, *rest) = driver.sender.accepted[before:]
    assert (message.date_changes[0].direction, message.lines) == (Direction.EARLIER, ())
    text = render_reminder(message)["text"]
    assert "moved EARLIER" in text
    assert "Now: *2 Mar 2027 (in 10 days)*" in text
    assert [line.rung for m in rest for line in m.lines] == [7, 3, 1, 0, -1]


def test_date_extended_after_it_passed_revokes_its_message(driver: Driver) -> None:
    subscribe(driver)
    tick_daily(driver, "2026-12-02", "2027-04-20")
    ingest_dates(driver, utc("2027-04-21 08:00"), end_of_availability=date(2027, 7, 13))
    tick_daily(driver, "2027-04-21", "2027-04-22")
    assert list_moves(driver)[0][0] is Direction.EXTENDED
    assert "Ignore the earlier message" in render_reminder(list_move_messages(driver)[0])["text"]
    assert len(driver.sender.updated) == 9


def test_withdrawn_date_stops_the_countdown(driver: Driver) -> None:
    subscribe(driver)
    tick_daily(driver, "2026-12-02", "2027-02-20")
    ingest_dates(driver, utc("2027-02-20 12:00"), end_of_availability=None)
    tick_daily(driver, "2027-02-21", "2027-06-01")
    assert list_moves(driver) == [(Direction.WITHDRAWN, date(2027, 4, 13), None)]
    assert not [rung for day, rung in driver.sender.list_rungs() if day > "2027-02-20"]
    assert "Google publishes no date" in render_reminder(driver.sender.updated[0][1])["text"]


def test_date_moving_back_and_forth_repeats_no_rung(driver: Driver) -> None:
    subscribe(driver)
    tick_daily(driver, "2026-12-02", "2027-02-20")
    first, second = date(2027, 4, 13), date(2027, 6, 14)
    for number, day in enumerate((second, first, second, first)):
        ingest_dates(driver, utc("2027-02-21 08:00") + timedelta(days=number), end_of_availability=day)
        tick_daily(driver, f"2027-02-2{1 + number}", f"2027-02-2{1 + number}")
    assert [after for _, _, after in list_moves(driver)] == [second, first, second, first]
    tick_daily(driver, "2027-02-25", "2027-04-14")
    rungs = [rung for _, rung in driver.sender.list_rungs()]
    assert rungs == [90, 60, 30, 14, 7, 3, 1, 0, -1]
    last_of_90 = [message for ts, message in driver.sender.updated if ts == driver.sender.updated[0][0]][-1]
    assert "~" not in render_reminder(last_of_90)["text"]


def test_move_reverted_before_delivery_is_not_announced(driver: Driver) -> None:
    subscribe(driver)
    ingest_dates(driver, utc("2027-02-20 10:00"), end_of_availability=date(2027, 10, 13))
    ingest_dates(driver, utc("2027-02-20 10:01"), end_of_availability=date(2027, 4, 13))
    tick_daily(driver, "2027-02-21", "2027-02-22")
    assert [after for _, _, after in list_moves(driver)] == [date(2027, 4, 13)]


def test_only_subscribed_channels_get_the_announcement(driver: Driver) -> None:
    subscribe(driver)
    driver.run("subscribe pytorch", utc("2026-12-01 10:00"), Place("T1", "C2", "U1"))
    driver.run("subscribe base", utc("2026-12-01 10:00"), Place("T1", "C3", "U1"))
    ingest_dates(driver, utc("2026-12-05 08:00"), end_of_availability=date(2027, 10, 13))
    tick_daily(driver, "2026-12-05", "2026-12-06")
    assert sorted(message.channel_id for message in list_move_messages(driver)) == ["C1", "C2"]


def test_later_date_keeps_decisions_and_an_earlier_one_ends_them(driver: Driver) -> None:
    subscribe(driver)
    decision_factory = DecisionFactory(driver.database, driver.default)
    old, later, sooner = date(2027, 4, 13), date(2027, 10, 13), date(2027, 9, 1)
    decision_factory.acknowledge(VERSION, AVAILABILITY, old, PLACE, utc("2027-01-20 10:00"))
    ingest_dates(driver, utc("2027-01-21 08:00"), end_of_availability=later)
    (kept,) = list_decisions(driver)
    assert (kept.milestone_date, kept.original_date) == (later, old)
    tick_daily(driver, "2027-01-21", "2027-08-20")
    assert driver.sender.list_rungs() == []
    assert "Still in force for the new date: acknowledged" in render_reminder(list_move_messages(driver)[0])["text"]
    ingest_dates(driver, utc("2027-08-20 12:00"), end_of_availability=sooner)
    assert list_decisions(driver) == ()
    tick_daily(driver, "2027-08-21", "2027-09-03")
    assert [rung for _, rung in driver.sender.list_rungs()] == [7, 3, 1, 0, -1]


def test_snooze_still_ends_after_the_date_moved_later(driver: Driver) -> None:
    subscribe(driver)
    decision_factory = DecisionFactory(driver.database, driver.default)
    old, later = date(2027, 4, 13), date(2027, 10, 13)
    decision_factory.snooze(VERSION, AVAILABILITY, old, PLACE, utc("2027-01-20 10:00"), date(2027, 2, 24))
    ingest_dates(driver, utc("2027-01-21 08:00"), end_of_availability=later)
    tick_daily(driver, "2027-01-21", "2027-03-01")
    assert [(day, rung) for day, rung in driver.sender.list_rungs()] == [("2027-02-24", 231)]
    assert driver.sender.accepted[-1].lines[0].is_snooze_over


def test_migrated_channel_gets_no_announcements(driver: Driver) -> None:
    subscribe(driver)
    DecisionFactory(driver.database, driver.default).migrate(VERSION, PLACE, utc("2026-12-02 10:00"))
    ingest_dates(driver, utc("2026-12-10 10:00"), end_of_availability=date(2027, 4, 6))
    tick_daily(driver, "2026-12-03", "2027-04-20")
    assert driver.sender.accepted == []
    with driver.database.read_only() as session:
        assert set(outbox.count_by_state(session)) == {OutboxState.SUPERSEDED}


def list_decisions(driver: Driver) -> tuple[Decision, ...]:
    with driver.database.read_only() as session:
        return decisions.list_for_channel(session, PLACE.workspace_id, PLACE.channel_id)


@dataclass(frozen=True)
class RealMove:
    """A move that happened on a related product's page."""

    before: date
    after: date
    found_on: date
    version: str


def load_real_moves() -> Iterator[RealMove]:
    """Yield each distinct move of the related products. An unknown day counts as 90 days before the old date."""
    with (Path(__file__).parents[2] / "data" / "date-changes.csv").open() as file:
        rows = list(csv.DictReader(file))
    seen = set()
    for row in rows:
        before, after = date.fromisoformat(row["old_date"]), date.fromisoformat(row["new_date"])
        found_on = date.fromisoformat(row["changed_on"]) if row["changed_on"] else before - timedelta(days=90)
        if (before, after) not in seen:
            seen.add((before, after))
            yield RealMove(before, after, found_on, f"{row['framework']} {row['version']}")


@pytest.mark.parametrize(
    "move", list(load_real_moves()), ids=lambda move: f"{move.version} {move.before} to {move.after}"
)
def test_real_move_is_announced_and_gets_its_ladder(sqlite_driver: Driver, move: RealMove) -> None:
    start = utc(f"{min(move.before, move.found_on) - timedelta(days=200)} 08:00")
    ingest_dates(
        sqlite_driver,
        start,
        end_of_patch_and_support=move.before,
        end_of_availability=move.after + timedelta(days=4000),
    )
    subscribe(sqlite_driver, f"{start:%Y-%m-%d %H:%M}")
    found_at = utc(f"{move.found_on} 08:00")
    tick_daily(sqlite_driver, str(start.date()), str(move.found_on - timedelta(days=1)))
    ingest_dates(sqlite_driver, found_at, end_of_patch_and_support=move.after)
    tick_daily(sqlite_driver, str(move.found_on), str(max(move.found_on, move.after) + timedelta(days=4)))
    direction = Direction.EARLIER if move.after < move.before else Direction.LATER
    direction = Direction.EXTENDED if move.before < move.found_on else direction
    assert [d for d, before, _ in list_moves(sqlite_driver) if before == move.before] == [direction]
    counts: dict[tuple[date, int], int] = {}
    for message in sqlite_driver.sender.accepted:
        for line in message.lines:
            key = (line.milestone_date, line.rung)
            counts[key] = counts.get(key, 0) + 1
    assert set(counts.values()) == {1}
    ahead = (move.after - move.found_on).days
    expected = [rung for rung in (180, 90, 60, 30, 14, 7, 3, 1, 0, -1) if rung < ahead - 3]
    after = [rung for day, rung in counts if day == move.after]
    assert set(expected) - set(after) <= {1, 3}  # rungs due on the same working day make one reminder
    assert max(after) <= ahead
