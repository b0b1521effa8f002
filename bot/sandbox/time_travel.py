"""Moving the clock forward, with a stop whenever the bot has something to do."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.clock import MovableClock

MAX_STOPS = 5_000
"""Limit for one move, in case the bot never runs out of work."""


@dataclass(frozen=True, slots=True)
class TravelResult:
    """The end of a move of the clock, and the number of messages posted on the way."""

    arrived_at: datetime
    delivered: int


@dataclass(slots=True)
class TimeTravel:
    """Move the clock, one move at a time.

    Call it off the event loop, because the bot posts to the sandbox's server during a move.
    """

    clock: MovableClock
    tick: Callable[[datetime], int]
    """Plan and deliver as of an instant, and return the number of messages posted."""
    find_next_message: Callable[[], datetime | None]
    """Return when the bot posts its next message."""
    find_next_stop: Callable[[], datetime | None]
    """Return when the bot next posts or updates a message."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def advance_to(self, instant: datetime) -> TravelResult:
        """Move to an instant, stopping at everything due until then."""
        with self._lock:
            delivered = 0
            last_stop: datetime | None = None
            for _ in range(MAX_STOPS):
                stop = self.find_next_stop()
                if stop is None or stop > instant or stop == last_stop:
                    break
                delivered += self._stop_at(stop)
                last_stop = stop
            delivered += self._stop_at(instant)
            return TravelResult(self.clock(), delivered)

    def advance_by(self, span: timedelta) -> TravelResult:
        """Move forward by a time span."""
        return self.advance_to(self.clock() + span)

    def advance_to_next_message(self) -> TravelResult | None:
        """Move to the bot's next message. Return None if there is none."""
        due = self.find_next_message()
        return None if due is None else self.advance_to(max(due, self.clock()))

    def _stop_at(self, instant: datetime) -> int:
        if instant > self.clock():
            self.clock.move_to(instant)
        return self.tick(self.clock())
