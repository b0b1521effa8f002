"""The next reminder of a channel: equal in every answer, with its decisions, and equal if shared by channels."""

from datetime import date, time, timedelta
from random import Random

import pytest

from bot import answers
from bot.service.reminders import forecast
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage.facts import Channel, Milestone, QuietHours, Schedule
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, change_settings, utc

NOW = utc("2026-12-01 10:00")
SEED = 20_270_413
CHANNELS = (
    Channel("T1", "C1", Schedule()),
    Channel("T1", "C2", Schedule(zone="Pacific/Kiritimati", hour=time(23, 30), country="DE")),
    Channel("T2", "C3", Schedule(zone="America/New_York", ladder=(30, 0)), weekly=True),
    Channel("T2", "C4", Schedule(days_off=()), quiet=QuietHours(time(8, 0), time(10, 0))),
)
DATE = ("pytorch-2.7", Milestone.END_OF_AVAILABILITY, date(2027, 4, 13))


def list_next_reminders(driver: Driver) -> set[tuple[int, str] | None]:
    """Return the rung and day of the next reminder as each command shows it; None if a command shows none."""
    subscriptions, upcoming = driver.run("subscriptions", NOW), driver.run("upcoming 1y", NOW)
    assert isinstance(subscriptions, answers.SubscriptionList)
    assert isinstance(upcoming, answers.UpcomingDates)
    lists = (change_settings(driver, "", NOW).next_reminders, upcoming.reminders)
    shown = [subscriptions.lines[0].next_reminder, *(next(iter(reminders), None) for reminders in lists)]
    return {(reminder.rung, str(reminder.at.date())) if reminder else None for reminder in shown}


@pytest.fixture
def decisions(driver: Driver) -> DecisionFactory:
    driver.run("subscribe pytorch-2.7", NOW)
    return DecisionFactory(driver.database, Schedule())


def test_first_rung_is_next_without_decisions(driver: Driver, decisions: DecisionFactory) -> None:
    assert list_next_reminders(driver) == {(90, "2027-01-13")}


def test_last_call_is_next_after_acknowledging(driver: Driver, decisions: DecisionFactory) -> None:
    decisions.acknowledge(*DATE, PLACE, NOW)
    assert list_next_reminders(driver) == {(1, "2027-04-12")}


def test_last_day_of_a_snooze_is_next(driver: Driver, decisions: DecisionFactory) -> None:
    decisions.snooze(*DATE, PLACE, NOW, date(2027, 2, 3))
    assert list_next_reminders(driver) == {(69, "2027-02-03")}


def test_nothing_is_next_after_migrating(driver: Driver, decisions: DecisionFactory) -> None:
    decisions.migrate("pytorch-2.7", PLACE, NOW)
    assert list_next_reminders(driver) == {None}


def read_snapshot(driver: Driver) -> CatalogueSnapshot:
    with driver.database.read_only() as session:
        return SnapshotCache().read(session)


def test_shared_forecast_equals_that_of_a_single_channel(sqlite_driver: Driver) -> None:
    snapshot, random = read_snapshot(sqlite_driver), Random(SEED)
    targets = ("all", "pytorch", "base", "pytorch-2.7", "tensorflow-2.3", "pytorch-9.9")
    for channel in CHANNELS:
        for _ in range(12):
            now = utc("2024-01-01 00:00") + timedelta(seconds=random.randrange(5 * 365 * 86_400))
            shared = forecast.build_forecast(now, snapshot, channel)
            for target in targets:
                expected = forecast.find_first(now, snapshot.list_covered(target), channel)
                assert shared.get(target) == shared.get(target) == expected, f"seed {SEED}: {target} at {now}"


def test_reminder_due_now_is_no_longer_next(sqlite_driver: Driver) -> None:
    snapshot, due = read_snapshot(sqlite_driver), utc("2027-01-13 09:00")
    moments = [due + timedelta(seconds=seconds) for seconds in (-1, 0, 1)]
    reminders = [forecast.build_forecast(now, snapshot, CHANNELS[0]).get("pytorch-2.7") for now in moments]
    assert [reminder.rung for reminder in reminders if reminder] == [90, 60, 60]


def test_nothing_is_next_after_the_last_date(sqlite_driver: Driver) -> None:
    built = forecast.build_forecast(utc("2099-01-01 00:00"), read_snapshot(sqlite_driver), CHANNELS[0])
    assert built.get("all") is None
