"""The clock of the bot: APScheduler ticks; what is due is computed from tables, never kept here."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

INTERVAL = timedelta(minutes=1)

STALE_AFTER = 3 * INTERVAL
"""A tick older than this means that nothing ticks any more."""

TICK = "tick"
"""The job whose age tells whether the bot does its work."""

JITTER_SECONDS = 3
"""Seconds, so that many processes do not all come at once."""

logger = logging.getLogger(__name__)


class Scheduler:
    """Runs each job every minute in a thread of its own, from the moment it is started."""

    def __init__(self, jobs: Mapping[str, Callable[[], object]], now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._now = now
        self._last_tick_at: datetime | None = None
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._lock = threading.Lock()
        self._is_ticking = False
        self._is_wake_requested = False

    def start(self) -> None:
        """Runs all at once, and from then on every minute; a run that is missed is made up for by one."""
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
        """Lets running jobs end, then stops."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def run_job(self, name: str) -> None:
        """One run of a job; a tick's time is noted when it ends well, and it runs again where it was woken."""
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
        """Has it tick now, and not at the next minute; harmless where nothing ticks, from any thread."""
        with self._lock:
            self._is_wake_requested = True
            job = self._scheduler.get_job(TICK) if self._scheduler.running and not self._is_ticking else None
            if job is not None and job.next_run_time is not None:
                with suppress(JobLookupError):  # it is stopping
                    job.modify(next_run_time=job.next_run_time - INTERVAL - timedelta(seconds=JITTER_SECONDS))

    def _claim_tick(self) -> bool:
        """Whether a tick is to run: the first one, and one more for whoever woke it meanwhile."""
        with self._lock:
            self._is_ticking = self._is_wake_requested or not self._is_ticking
            self._is_wake_requested = False
            return self._is_ticking

    def record_heartbeat(self) -> None:
        """Notes that the tick is at work: one that has much to do can last longer than the interval."""
        self._last_tick_at = self._now()

    def get_tick_age(self) -> timedelta | None:
        """How long ago the last good tick was; None before the start."""
        return None if self._last_tick_at is None else self._now() - self._last_tick_at

    def is_alive(self) -> bool:
        """Whether the scheduler's thread lives and has ticked lately."""
        age = self.get_tick_age()
        thread = getattr(self._scheduler, "_thread", None)
        return bool(thread and thread.is_alive() and age is not None and age <= STALE_AFTER)


class Watchdog:
    """Sees in a thread of its own that nothing ticks any more, and says so once."""

    def __init__(self, scheduler: Scheduler, on_stuck: Callable[[], None], interval: timedelta = INTERVAL) -> None:
        self._scheduler = scheduler
        self._on_stuck = on_stuck
        self._interval = interval
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Looks no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval.total_seconds()):
            if not self._scheduler.is_alive():
                logger.critical(
                    "nothing has ticked for %s: ending, to be started again", self._scheduler.get_tick_age()
                )
                self._on_stuck()
                return
