"""The scheduler: runs jobs every minute with APScheduler. What is due is computed from tables, never stored here."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

INTERVAL = timedelta(minutes=1)

STALE_AFTER = 3 * INTERVAL
"""Age of the last tick beyond which the scheduler counts as stuck."""

TICK = "tick"
"""Name of the job whose age shows whether the bot works."""

JITTER_SECONDS = 3
"""Keeps processes from all running a job at the same moment."""

logger = logging.getLogger(__name__)


class Scheduler:
    """Run each job every minute in its own thread."""

    def __init__(self, jobs: Mapping[str, Callable[[], object]], now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._now = now
        self._last_tick_at: datetime | None = None
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._lock = threading.Lock()
        self._is_ticking = False
        self._is_wake_requested = False

    def start(self) -> None:
        """Run every job now and then every minute. Any number of missed runs is made up for by one."""
        self._last_tick_at = self._now()
        for name in self._jobs:
            self._scheduler.add_job(
                self.run_job,
                "interval",
                args=(name,),
                seconds=INTERVAL.total_seconds(),
                jitter=JITTER_SECONDS,
                next_run_time=self._now(),
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
                id=name,
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Wait for running jobs to finish, then stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def run_job(self, name: str) -> None:
        """Run a job. The tick records its time if it succeeds, and runs again if `wake` was called meanwhile."""
        if name != TICK:
            logger.debug("%s: %s", name, self._jobs[name]())
            return
        while self._claim_tick():
            try:
                logger.debug("%s: %s", name, self._jobs[name]())
            except BaseException:
                self._is_ticking = False
                raise
            self.record_heartbeat()

    def wake(self) -> None:
        """Tick now instead of at the next minute. Safe from any thread; does nothing if the scheduler isn't running."""
        with self._lock:
            self._is_wake_requested = True
            can_reschedule = self._scheduler.running and not self._is_ticking
            job = self._scheduler.get_job(TICK) if can_reschedule else None
            if job is not None and job.next_run_time is not None:
                with suppress(JobLookupError):  # the scheduler is stopping
                    job.modify(next_run_time=job.next_run_time - INTERVAL - timedelta(seconds=JITTER_SECONDS))

    def _claim_tick(self) -> bool:
        """Return True if a tick must run: the first one, and one more if `wake` was called during it."""
        with self._lock:
            self._is_ticking = self._is_wake_requested or not self._is_ticking
            self._is_wake_requested = False
            return self._is_ticking

    def record_heartbeat(self) -> None:
        """Record that the tick is making progress: a tick with much to do can outlast the interval."""
        self._last_tick_at = self._now()

    def get_tick_age(self) -> timedelta | None:
        """Return the time since the last successful tick or heartbeat, or None before the start."""
        return None if self._last_tick_at is None else self._now() - self._last_tick_at

    def is_alive(self) -> bool:
        """Return True if the scheduler's thread is running and has ticked recently."""
        age = self.get_tick_age()
        thread = getattr(self._scheduler, "_thread", None)
        return bool(thread and thread.is_alive() and age is not None and age <= STALE_AFTER)


class Watchdog:
    """A thread that calls `on_stuck` once if the scheduler stops ticking."""

    def __init__(self, scheduler: Scheduler, on_stuck: Callable[[], None], interval: timedelta = INTERVAL) -> None:
        self._scheduler = scheduler
        self._on_stuck = on_stuck
        self._interval = interval
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Start checking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop checking."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval.total_seconds()):
            if not self._scheduler.is_alive():
                logger.critical("No tick for %s: exiting to be restarted", self._scheduler.get_tick_age())
                self._on_stuck()
                return
