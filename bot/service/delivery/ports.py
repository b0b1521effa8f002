"""Interfaces that delivery needs: a sender, message history, and time to wait in."""

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
    """A monotonic clock that can wait."""

    def monotonic(self) -> float:
        """Return the seconds of a clock that never goes back."""

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        """Wait until a future is done, or for that many seconds."""


class SystemTimer:
    """A timer in real time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._never_set = threading.Event()

    def monotonic(self) -> float:
        """Return the seconds of a clock that never goes back."""
        return self._monotonic()

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        """Wait until a future is done, or for that many seconds."""
        if futures:
            wait(futures, timeout=seconds, return_when=FIRST_COMPLETED)
        else:
            self._never_set.wait(seconds)


class Sender(Protocol):
    """Posts and updates messages in Slack. Futures never raise: a failure is an outcome."""

    def send(self, message: Message) -> "Future[post_outcomes.PostOutcome]":
        """Start posting a message."""

    def update(self, message: Message, message_ts: str) -> "Future[post_outcomes.PostOutcome]":
        """Start replacing a message that was posted earlier."""


class MessageHistory(Protocol):
    """Reads the history of channels. Futures never raise: a failure is an outcome."""

    def find(self, place: Place, oldest: datetime) -> "Future[post_outcomes.HistoryLookup]":
        """Start looking for the bot's messages since an instant, by their delivery ids."""
