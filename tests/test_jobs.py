"""The clock of the bot: ticks, and knows when it does not."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.jobs import LATE, Jobs


def test_it_ticks_at_once_and_is_alive() -> None:
    ticked = threading.Event()
    start = datetime.now(UTC)
    jobs = Jobs({"tick": lambda _: ticked.set()}, lambda: start)
    assert (jobs.age(), jobs.is_alive()) == (None, False)
    jobs.start()
    assert ticked.wait(10)
    assert jobs.is_alive()
    jobs.stop()
    assert not jobs.is_alive()
    jobs.stop()


def test_a_tick_that_is_too_old_is_noticed() -> None:
    moment = [datetime.now(UTC)]
    jobs = Jobs({"tick": lambda _: None}, lambda: moment[0])
    jobs.start()
    moment[0] += LATE
    assert jobs.is_alive()
    moment[0] += timedelta(seconds=1)
    assert not jobs.is_alive()
    jobs.stop()


def test_a_tick_that_fails_is_no_good_tick() -> None:
    moment = [datetime(2026, 12, 1, tzinfo=UTC)]

    def fail(_: datetime) -> None:
        raise RuntimeError("the database is gone")

    jobs = Jobs({"tick": fail}, lambda: moment[0])
    with pytest.raises(RuntimeError):
        jobs.run("tick")
    assert jobs.age() is None


def test_the_job_is_never_dropped_for_being_late() -> None:
    jobs = Jobs({"tick": lambda _: None}, lambda: datetime.now(UTC))
    jobs.start()
    (job,) = jobs._scheduler.get_jobs()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    assert str(job.trigger.timezone) == "UTC"
    jobs.stop()
