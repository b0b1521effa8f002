"""The sandbox's clock: the real one, moved forward by hand."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class PastInstantError(ValueError):
    """The clock was asked to move to an instant that has passed."""


class MovableClock:
    """A clock that runs at the real pace and can be moved forward.

    It never goes backwards except by `reset`, so that nothing that has happened can be ahead of it by accident.
    Threads may share one.
    """

    def __init__(self, real_clock: Callable[[], datetime]) -> None:
        self._real_clock = real_clock
        self._offset = timedelta()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """The present instant of the sandbox, aware and in UTC."""
        return self._real_clock().astimezone(UTC) + self._offset

    @property
    def offset(self) -> timedelta:
        """How far the clock is ahead of the real one."""
        return self._offset

    @property
    def is_moved(self) -> bool:
        """Whether the clock shows anything but the real time."""
        return self._offset != timedelta()

    def read_real_clock(self) -> datetime:
        """The real present instant, aware and in UTC."""
        return self._real_clock().astimezone(UTC)

    def move_to(self, instant: datetime) -> None:
        """Moves forward to an aware instant; raises BackwardsError if it has passed."""
        with self._lock:
            ahead = instant - self()
            if ahead < timedelta():
                raise PastInstantError(f"{instant.isoformat()} has passed; only a reset goes back.")
            self._offset += ahead

    def restore(self, offset: timedelta) -> None:
        """Takes up an offset that an earlier run had."""
        self._offset = offset

    def reset(self) -> None:
        """Goes back to the real time."""
        self._offset = timedelta()
