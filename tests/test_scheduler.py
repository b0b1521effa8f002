"""The clock of the bot: ticks, and knows when it does not."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.scheduler import STALE_AFTER, Scheduler, Watchdog
from storage.database import Database


def test_it_ticks_at_once_and_is_alive() -> None:
    ticked = threading.Event()
    start = datetime.now(UTC)
    jobs = Scheduler({"tick": ticked.set}, lambda: start)
    assert (jobs.get_tick_age(), jobs.is_alive()) == (None, False)
    jobs.start()
    assert ticked.wait(60)
    assert jobs.is_alive()
    jobs.stop()
    assert not jobs.is_alive()
    jobs.stop()


def test_a_tick_that_is_too_old_is_noticed() -> None:
    moment = [datetime.now(UTC)]
    jobs = Scheduler(
        {}, lambda: moment[0]
    )  # its start counts as a tick, and no other comes, however slow the machine is
    jobs.start()
    moment[0] += STALE_AFTER
    assert jobs.is_alive()
    moment[0] += timedelta(seconds=1)
    assert not jobs.is_alive()
    jobs.stop()


def test_a_tick_that_fails_is_no_good_tick() -> None:
    moment = [datetime(2026, 12, 1, tzinfo=UTC)]

    def fail() -> None:
        raise RuntimeError("the database is gone")

    jobs = Scheduler({"tick": fail}, lambda: moment[0])
    with pytest.raises(RuntimeError):
        jobs.run_job("tick")
    assert jobs.get_tick_age() is None


def test_the_job_is_never_dropped_for_being_late() -> None:
    jobs = Scheduler({"tick": lambda: None}, lambda: datetime.now(UTC))
    jobs.start()
    (job,) = jobs._scheduler.get_jobs()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    assert str(job.trigger.timezone) == "UTC"
    jobs.stop()


def test_a_dead_scheduler_thread_is_noticed_by_the_watchdog_and_ends_the_process() -> None:
    stuck = threading.Event()
    jobs = Scheduler({"tick": lambda: None}, lambda: datetime.now(UTC))
    watchdog = Watchdog(jobs, stuck.set, interval=timedelta(milliseconds=10))
    jobs.start()
    watchdog.start()
    assert not stuck.wait(0.2)
    jobs._scheduler.shutdown(wait=False)
    assert stuck.wait(60)
    watchdog.stop()


def test_a_tick_at_work_beats_and_counts_as_alive() -> None:
    moment = [datetime.now(UTC)]
    jobs = Scheduler({"tick": lambda: None}, lambda: moment[0])
    jobs.start()
    moment[0] += 2 * STALE_AFTER
    jobs.record_heartbeat()
    assert jobs.is_alive()
    jobs.stop()


def test_a_watchdog_that_is_stopped_says_nothing() -> None:
    stuck = threading.Event()
    watchdog = Watchdog(Scheduler({}, lambda: datetime.now(UTC)), stuck.set, interval=timedelta(milliseconds=50))
    watchdog.stop()
    watchdog.start()
    assert not stuck.wait(0.3)


def test_a_wake_ticks_at_once_whatever_the_bots_own_clock_says() -> None:
    ticks = threading.Semaphore(0)
    moment = [datetime.now(UTC)]
    jobs = Scheduler({"tick": ticks.release}, lambda: moment[0])
    jobs.wake()
    jobs.start()
    assert ticks.acquire(timeout=60)
    moment[0] += timedelta(days=400)
    for _ in range(3):
        jobs.wake()
        assert ticks.acquire(timeout=60)
    jobs.stop()
    jobs.wake()


def test_a_wake_in_the_midst_of_a_tick_has_one_more_follow() -> None:
    ticks = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 1:
            jobs.wake()
            jobs.wake()

    jobs = Scheduler({"tick": tick}, lambda: datetime.now(UTC))
    jobs.run_job("tick")
    assert len(ticks) == 2


def test_a_tick_that_fails_leaves_the_next_one_free() -> None:
    failing = [True]

    def tick() -> None:
        if failing[0]:
            raise RuntimeError("the database is gone")

    jobs = Scheduler({"tick": tick}, lambda: datetime(2026, 12, 1, tzinfo=UTC))
    with pytest.raises(RuntimeError):
        jobs.run_job("tick")
    failing[0] = False
    jobs.run_job("tick")
    assert jobs.get_tick_age() == timedelta()


def test_no_job_is_ever_stored_and_nothing_is_unpickled(database: Database) -> None:
    root = Path(__file__).parents[1]
    code = [*(root / "bot").rglob("*.py"), *(root / "storage").rglob("*.py")]
    assert [path.name for path in code if "pickle" in path.read_text(encoding="utf-8")] == []
    with database.connection() as connection:
        assert "apscheduler_jobs" not in sa.inspect(connection).get_table_names()
