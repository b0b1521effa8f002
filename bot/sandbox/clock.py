"""The sandbox's clock: the real time plus an offset."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class MovableClock:
    """A clock that runs at the real pace and can be moved forward.

    Only `reset` moves it back, so that recorded events are never in the future by accident. It is thread-safe.
    """

    def __init__(self, real_clock: Callable[[], datetime]) -> None:
        self._real_clock = real_clock
        self.offset = timedelta()
        """Time by which the clock is ahead of the real one."""
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the sandbox's current time, aware and in UTC."""
        return self._real_clock().astimezone(UTC) + self.offset

    def move_to(self, instant: datetime) -> None:
        """Move forward to an aware instant. Raise ValueError if it has passed."""
        with self._lock:
            ahead = instant - self()
            if ahead < timedelta():
                raise ValueError(f"{instant.isoformat()} has passed; only a reset goes back.")
            self.offset += ahead

    def reset(self) -> None:
        """Go back to the real time."""
        self.offset = timedelta()
