"""What whoever runs the bot is told, and what comes of their word on what is held back."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from storage.facts import QuarantineEntry


class ReviewOutcome(StrEnum):
    """What became of a word on what is held back."""

    DONE = "done"
    UNKNOWN = "unknown"
    SETTLED_BEFORE = "settled_before"
    NOT_ACCEPTABLE = "not_acceptable"


class ReviewItem(Struct, frozen=True):
    """Something of a page that waits for a person's word, or had it."""

    entry: QuarantineEntry
    version: str = ""
    """The framework version of its row; empty for a whole reading, or where the row is not known."""
    enters_at: datetime | None = None
    """When the page is read next, for what was accepted; None where that has happened, or nothing reads the page."""


class OperatorMessage(Struct, frozen=True):
    """A word to whoever runs the bot, in their channel."""

    workspace_id: str
    channel_id: str
    delivery_id: str
    topic: str
    text: str
    url: str
    """The page that it is about; empty for none."""
    made_at: datetime
    item: ReviewItem | None = None
    """What can be accepted or rejected in it."""


class ReviewResult(Struct, frozen=True):
    """What came of accepting or rejecting something, for who did."""

    workspace_id: str
    number: int
    outcome: ReviewOutcome
    item: ReviewItem | None = None
    """How it stands now; None where nothing of that number is known."""
