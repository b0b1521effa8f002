"""Messages to the operator, and results of reviewing quarantined values."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from bot.answers.bases import Delivery
from storage.facts import QuarantineEntry


class ReviewOutcome(StrEnum):
    """The outcome of a review."""

    DONE = "done"
    UNKNOWN = "unknown"
    SETTLED_BEFORE = "settled_before"
    NOT_ACCEPTABLE = "not_acceptable"


class ReviewItem(Struct, frozen=True):
    """A quarantine entry that needs a review, or had one."""

    entry: QuarantineEntry
    version: str = ""
    """The framework version of its row; empty for a whole reading, or if the row is unknown."""
    enters_at: datetime | None = None
    """The next reading, when an accepted value takes effect; None if it already has, or if nothing polls the page."""


class OperatorMessage(Delivery, frozen=True):
    """A message in the operator channel."""

    topic: str
    text: str
    url: str
    """The page that the message is about; empty if there is none."""
    made_at: datetime
    item: ReviewItem | None = None
    """The quarantine entry to accept or reject; None for other messages."""


class ReviewResult(Struct, frozen=True):
    """The result of accepting or rejecting a quarantine entry, for the reviewer."""

    workspace_id: str
    number: int
    outcome: ReviewOutcome
    item: ReviewItem | None = None
    """The entry as it is now; None if no entry has the number."""
