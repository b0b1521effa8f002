"""How delivery reaches Slack: what it posts through, and what it reads histories with."""

from concurrent.futures import Future
from datetime import datetime
from typing import Protocol

from bot.answers import Message
from bot.policy import post_outcomes
from bot.service.place import Place


class Sender(Protocol):
    """Posts to Slack; futures never raise, every failure is an outcome."""

    def send(self, message: Message) -> "Future[post_outcomes.Outcome]":
        """Starts posting a message."""
        ...

    def correct(self, message: Message, message_ts: str) -> "Future[post_outcomes.Outcome]":
        """Starts drawing a message anew that was posted earlier."""
        ...


class History(Protocol):
    """Reads what channels hold; futures never raise."""

    def find(self, place: Place, oldest: datetime) -> "Future[post_outcomes.Sighting]":
        """Starts looking for our messages since an instant, by their delivery ids."""
        ...
