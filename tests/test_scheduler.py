"""The scheduler and its watchdog."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.scheduler import STALE_AFTER, Scheduler, Watchdog
from storage.database import Database


def test_scheduler_ticks_at_the_start() -> None:
    ticked = threading.Event()
    start = datetime.now(UTC)
    scheduler = Scheduler({"tick": ticked.set}, lambda: start)
    assert (scheduler.get_tick_age(), scheduler.is_alive()) == (None, False)
    scheduler.start()
    assert ticked.wait(60)
    assert scheduler.is_alive()
    scheduler.stop()
    assert not scheduler.is_alive()
    scheduler.stop()


def test_scheduler_with_an_old_tick_is_not_alive() -> None:
    clock = [datetime.now(UTC)]
    scheduler = Scheduler({}, lambda: clock[0])  # the start counts as the only tick
    scheduler.start()
    clock[0] += STALE_AFTER
    assert scheduler.is_alive()
    clock[0] += timedelta(seconds=1)
    assert not scheduler.is_alive()
    scheduler.stop()


def test_failed_tick_does_not_count() -> None:
    clock = [datetime(2026, 12, 1, tzinfo=UTC)]

    def fail() -> None:
        raise RuntimeError("the database is gone")

    scheduler = Scheduler({"tick": fail}, lambda: clock[0])
    with pytest.raises(RuntimeError):
        scheduler.run_job("tick")
    assert scheduler.get_tick_age() is None


def test_late_job_is_never_dropped() -> None:
    scheduler = Scheduler({"tick": lambda: None}, lambda: datetime.now(UTC))
    scheduler.start()
    (job,) = scheduler._scheduler.get_jobs()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    assert str(job.trigger.timezone) == "UTC"
    scheduler.stop()


def test_watchdog_notices_a_dead_scheduler_thread() -> None:
    stuck = threading.Event()
    scheduler = Scheduler({"tick": lambda: None}, lambda: datetime.now(UTC))
    watchdog = Watchdog(scheduler, stuck.set, interval=timedelta(milliseconds=10))
    scheduler.start()
    watchdog.start()
    assert not stuck.wait(0.2)
    scheduler._scheduler.shutdown(wait=False)
    assert stuck.wait(60)
    watchdog.stop()


def test_heartbeat_keeps_the_scheduler_alive() -> None:
    clock = [datetime.now(UTC)]
    scheduler = Scheduler({"tick": lambda: None}, lambda: clock[0])
    scheduler.start()
    clock[0] += 2 * STALE_AFTER
    scheduler.record_heartbeat()
    assert scheduler.is_alive()
    scheduler.stop()


def test_stopped_watchdog_reports_nothing() -> None:
    stuck = threading.Event()
    watchdog = Watchdog(Scheduler({}, lambda: datetime.now(UTC)), stuck.set, interval=timedelta(milliseconds=50))
    watchdog.stop()
    watchdog.start()
    assert not stuck.wait(0.3)


def test_wake_ticks_right_away_at_any_clock_time() -> None:
    ticks = threading.Semaphore(0)
    clock = [datetime.now(UTC)]
    scheduler = Scheduler({"tick": ticks.release}, lambda: clock[0])
    scheduler.wake()
    scheduler.start()
    assert ticks.acquire(timeout=60)
    clock[0] += timedelta(days=400)
    for _ in range(3):
        scheduler.wake()
        assert ticks.acquire(timeout=60)
    scheduler.stop()
    scheduler.wake()


def test_wake_during_a_tick_adds_one_tick() -> None:
    ticks = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 1:
            scheduler.wake()
            scheduler.wake()

    scheduler = Scheduler({"tick": tick}, lambda: datetime.now(UTC))
    scheduler.run_job("tick")
    assert len(ticks) == 2


def test_failed_tick_does_not_block_the_next() -> None:
    is_failing = [True]

    def tick() -> None:
        if is_failing[0]:
            raise RuntimeError("the database is gone")

    scheduler = Scheduler({"tick": tick}, lambda: datetime(2026, 12, 1, tzinfo=UTC))
    with pytest.raises(RuntimeError):
        scheduler.run_job("tick")
    is_failing[0] = False
    scheduler.run_job("tick")
    assert scheduler.get_tick_age() == timedelta()


def test_jobs_are_never_stored_or_pickled(database: Database) -> None:
    root = Path(__file__).parents[1]
    modules = [*(root / "bot").rglob("*.py"), *(root / "storage").rglob("*.py")]
    assert [path.name for path in modules if "pickle" in path.read_text(encoding="utf-8")] == []
    with database.connection() as connection:
        assert "apscheduler_jobs" not in sa.inspect(connection).get_table_names()
