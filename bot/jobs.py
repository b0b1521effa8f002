"""The clock of the bot: one APScheduler job that ticks; what is due is computed from tables, never kept here."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

INTERVAL = timedelta(minutes=1)

LATE = 3 * INTERVAL
"""A tick older than this means that nothing ticks any more."""

logger = logging.getLogger(__name__)


class Jobs:
    """Ticks every minute in a thread of its own, from the moment it is started."""

    def __init__(self, tick: Callable[[datetime], object], now: Callable[[], datetime]) -> None:
        self._tick = tick
        self._now = now
        self._last: datetime | None = None
        self._scheduler = BackgroundScheduler(timezone="UTC")

    def start(self) -> None:
        """Ticks at once, and from then on every minute; a run that is missed is made up for by one."""
        self._last = self._now()
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=INTERVAL.total_seconds(),
            next_run_time=self._now(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
            id="tick",
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Lets a running tick end, then stops."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def tick(self) -> None:
        """One tick; its time is noted when it ends well."""
        now = self._now()
        done = self._tick(now)
        self._last = now
        logger.debug("tick: %s", done)

    def age(self) -> timedelta | None:
        """How long ago the last good tick was; None before the start."""
        return None if self._last is None else self._now() - self._last

    def is_alive(self) -> bool:
        """Whether the scheduler's thread lives and has ticked lately."""
        age = self.age()
        thread = getattr(self._scheduler, "_thread", None)
        return bool(thread and thread.is_alive() and age is not None and age <= LATE)
