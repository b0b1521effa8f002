"""Moving the clock: every instant at which something is due is stopped at, as if the time had passed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.clock import MovableClock

MAX_STOPS = 5_000
"""Stops on one journey; a bot that is never done would otherwise hold the clock for ever."""


@dataclass(frozen=True, slots=True)
class TravelResult:
    """Where a journey ended, and what was delivered on the way."""

    arrived_at: datetime
    delivered: int
    stops: int


@dataclass(slots=True)
class TimeTravel:
    """Advances the clock; one at a time, and off the event loop, for the bot posts to it meanwhile."""

    clock: MovableClock
    tick: Callable[[datetime], int]
    """Delivers what is due; says how many messages went out."""
    find_next_message: Callable[[], datetime | None]
    """When the bot next has something to say."""
    find_next_stop: Callable[[], datetime | None]
    """When it next has something to do."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def advance_to(self, instant: datetime) -> TravelResult:
        """Moves to an instant by way of everything that is due until then."""
        with self._lock:
            delivered = stops = 0
            last: datetime | None = None
            while stops < MAX_STOPS and (due := self.find_next_stop()) is not None and due <= instant and due != last:
                delivered += self._stop_at(due)
                stops, last = stops + 1, due
            delivered += self._stop_at(instant)
            return TravelResult(self.clock(), delivered, stops)

    def advance_by(self, span: timedelta) -> TravelResult:
        """Moves by so much."""
        return self.advance_to(self.clock() + span)

    def advance_to_next_message(self) -> TravelResult | None:
        """Moves to the next instant at which something is said, by way of all that is due; None where nothing is."""
        due = self.find_next_message()
        return None if due is None else self.advance_to(max(due, self.clock()))

    def _stop_at(self, instant: datetime) -> int:
        if instant > self.clock():
            self.clock.move_to(instant)
        return self.tick(self.clock())
