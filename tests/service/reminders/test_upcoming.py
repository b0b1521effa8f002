"""What comes next in a channel, shared by channels of one kind, is what each asked by itself would be told."""

from datetime import time, timedelta
from random import Random

from bot.service.reminders import forecast
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage.facts import Channel, QuietHours, Schedule
from tests.service.driver import Driver, utc

SEED = 20_270_413
KINDS = (
    Channel("T1", "C1", Schedule()),
    Channel("T1", "C2", Schedule(zone="Pacific/Kiritimati", hour=time(23, 30), country="DE")),
    Channel("T2", "C3", Schedule(zone="America/New_York", ladder=(30, 0)), weekly=True),
    Channel("T2", "C4", Schedule(days_off=()), quiet=QuietHours(time(8, 0), time(10, 0))),
)


def known_to(desk: Driver) -> CatalogueSnapshot:
    with desk.database.read_only() as session:
        return SnapshotCache().read(session)


def test_at_any_moment_for_any_target(lone_desk: Driver) -> None:
    known, chance = known_to(lone_desk), Random(SEED)
    targets = ("all", "pytorch", "base", "pytorch-2.7", "tensorflow-2.3", "pytorch-9.9")
    for channel in KINDS:
        for _ in range(12):
            now = utc("2024-01-01 00:00") + timedelta(seconds=chance.randrange(5 * 365 * 86_400))
            ahead = forecast.build_forecast(now, known, channel)
            for target in targets:
                alone = forecast.find_first(now, known.list_covered(target), channel)
                assert ahead.get(target) == ahead.get(target) == alone, f"seed {SEED}: {target} at {now}"


def test_on_the_very_moment_something_is_due_it_is_no_longer_ahead(lone_desk: Driver) -> None:
    known, due = known_to(lone_desk), utc("2027-01-13 09:00")
    rungs = [
        forecast.build_forecast(due + timedelta(seconds=s), known, KINDS[0]).get("pytorch-2.7") for s in (-1, 0, 1)
    ]
    assert [next_one.rung for next_one in rungs if next_one] == [90, 60, 60]


def test_after_the_last_date_nothing_is_ahead(lone_desk: Driver) -> None:
    ahead = forecast.build_forecast(utc("2099-01-01 00:00"), known_to(lone_desk), KINDS[0])
    assert ahead.get("all") is None
