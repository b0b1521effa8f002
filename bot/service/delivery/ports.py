"""Time as delivery waits in it: real, or a test's."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, wait
from typing import Protocol

from bot.service.delivery.in_flight import AnyFuture


class Watch(Protocol):
    """Waits, in real time or in a test's."""

    def elapsed(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        """Until one of the futures is done, or so many seconds have gone by."""
        ...


class RealWatch:
    """Real time, on a clock that never goes back."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        self._stopwatch = stopwatch
        self._nothing = threading.Event()

    def elapsed(self) -> float:
        """Seconds."""
        return self._stopwatch()

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        """Until one of the futures is done, or so many seconds have gone by."""
        if futures:
            wait(futures, timeout=seconds, return_when=FIRST_COMPLETED)
        else:
            self._nothing.wait(seconds)
