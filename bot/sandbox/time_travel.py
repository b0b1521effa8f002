"""Moving the clock: every instant at which something is due is stopped at, as if the time had passed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.clock import MovableClock

MOST_STOPS = 5_000
"""Stops on one journey; a bot that is never done would otherwise hold the clock for ever."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a journey ended, and what was delivered on the way."""

    at: datetime
    delivered: int
    stops: int


@dataclass(slots=True)
class Journey:
    """Advances the clock; one at a time, and off the event loop, for the bot posts to it meanwhile."""

    clock: MovableClock
    tick: Callable[[datetime], int]
    """Delivers what is due; says how many messages went out."""
    next_due: Callable[[], datetime | None]
    """When the bot next has something to say."""
    next_stop: Callable[[], datetime | None]
    """When it next has something to do."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, to: datetime) -> Arrival:
        """Moves to an instant by way of everything that is due until then."""
        with self._lock:
            delivered = stops = 0
            last: datetime | None = None
            while stops < MOST_STOPS and (due := self.next_stop()) is not None and due <= to and due != last:
                delivered += self._stop_at(due)
                stops, last = stops + 1, due
            delivered += self._stop_at(to)
            return Arrival(self.clock(), delivered, stops)

    def advance_by(self, span: timedelta) -> Arrival:
        """Moves by so much."""
        return self.advance(self.clock() + span)

    def jump(self) -> Arrival | None:
        """Moves to the next instant at which something is said, by way of all that is due; None where nothing is."""
        due = self.next_due()
        return None if due is None else self.advance(max(due, self.clock()))

    def _stop_at(self, instant: datetime) -> int:
        if instant > self.clock():
            self.clock.move_to(instant)
        return self.tick(self.clock())
