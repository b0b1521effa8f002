"""Time as delivery waits in it: real, or a test's."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime
from typing import Protocol

from bot.answers import Message
from bot.policy import post_outcomes
from bot.service.delivery.in_flight import AnyFuture
from bot.service.place import Place


class Timer(Protocol):
    """Waits, in real time or in a test's."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        """Until one of the futures is done, or so many seconds have gone by."""
        ...


class SystemTimer:
    """Real time, on a clock that never goes back."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._never_set = threading.Event()

    def monotonic(self) -> float:
        """Seconds."""
        return self._monotonic()

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        """Until one of the futures is done, or so many seconds have gone by."""
        if futures:
            wait(futures, timeout=seconds, return_when=FIRST_COMPLETED)
        else:
            self._never_set.wait(seconds)


class Sender(Protocol):
    """Posts to Slack; futures never raise, every failure is an outcome."""

    def send(self, message: Message) -> "Future[post_outcomes.PostOutcome]":
        """Starts posting a message."""
        ...

    def update(self, message: Message, message_ts: str) -> "Future[post_outcomes.PostOutcome]":
        """Starts drawing a message anew that was posted earlier."""
        ...


class MessageHistory(Protocol):
    """Reads what channels hold; futures never raise."""

    def find(self, place: Place, oldest: datetime) -> "Future[post_outcomes.HistoryLookup]":
        """Starts looking for our messages since an instant, by their delivery ids."""
        ...
