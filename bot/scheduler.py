"""The clock of the bot: APScheduler ticks; what is due is computed from tables, never kept here."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

INTERVAL = timedelta(minutes=1)

LATE = 3 * INTERVAL
"""A tick older than this means that nothing ticks any more."""

TICK = "tick"
"""The job whose age tells whether the bot does its work."""

JITTER = 3
"""Seconds, so that many processes do not all come at once."""

logger = logging.getLogger(__name__)


class Jobs:
    """Runs each job every minute in a thread of its own, from the moment it is started."""

    def __init__(self, jobs: Mapping[str, Callable[[], object]], now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._now = now
        self._last: datetime | None = None
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._guard = threading.Lock()
        self._ticking = False
        self._again = False

    def start(self) -> None:
        """Runs all at once, and from then on every minute; a run that is missed is made up for by one."""
        self._last = self._now()
        for name in self._jobs:
            self._scheduler.add_job(
                self.run,
                "interval",
                args=(name,),
                seconds=INTERVAL.total_seconds(),
                jitter=JITTER,
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

    def run(self, name: str) -> None:
        """One run of a job; a tick's time is noted when it ends well, and it runs again where it was woken."""
        if name != TICK:
            logger.debug("%s: %s", name, self._jobs[name]())
            return
        while self._begun():
            try:
                logger.debug("%s: %s", name, self._jobs[name]())
            except BaseException:
                self._ticking = False
                raise
            self.beat()

    def wake(self) -> None:
        """Has it tick now, and not at the next minute; harmless where nothing ticks, from any thread."""
        with self._guard:
            self._again = True
            job = self._scheduler.get_job(TICK) if self._scheduler.running and not self._ticking else None
            if job is not None and job.next_run_time is not None:
                with suppress(JobLookupError):  # it is stopping
                    job.modify(next_run_time=job.next_run_time - INTERVAL - timedelta(seconds=JITTER))

    def _begun(self) -> bool:
        """Whether a tick is to run: the first one, and one more for whoever woke it meanwhile."""
        with self._guard:
            self._ticking = self._again or not self._ticking
            self._again = False
            return self._ticking

    def beat(self) -> None:
        """Notes that the tick is at work: one that has much to do can last longer than the interval."""
        self._last = self._now()

    def age(self) -> timedelta | None:
        """How long ago the last good tick was; None before the start."""
        return None if self._last is None else self._now() - self._last

    def is_alive(self) -> bool:
        """Whether the scheduler's thread lives and has ticked lately."""
        age = self.age()
        thread = getattr(self._scheduler, "_thread", None)
        return bool(thread and thread.is_alive() and age is not None and age <= LATE)


class Watchdog:
    """Sees in a thread of its own that nothing ticks any more, and says so once."""

    def __init__(self, jobs: Jobs, on_stuck: Callable[[], None], every: timedelta = INTERVAL) -> None:
        self._jobs = jobs
        self._on_stuck = on_stuck
        self._every = every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Looks no more."""
        self._done.set()

    def _watch(self) -> None:
        while not self._done.wait(self._every.total_seconds()):
            if not self._jobs.is_alive():
                logger.critical("nothing has ticked for %s: ending, to be started again", self._jobs.age())
                self._on_stuck()
                return
