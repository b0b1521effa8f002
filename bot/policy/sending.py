"""What can come of a post to a channel: three outcomes, never two."""

from dataclasses import dataclass
from enum import StrEnum


class Remedy(StrEnum):
    """What a refusal means for what happens next."""

    RETRY = "retry"
    """Try again later; nobody has to do anything."""
    PAUSE_CHANNEL = "pause_channel"
    """This channel can't be reached until somebody mends it."""
    SUSPEND_WORKSPACE = "suspend_workspace"
    """The installation no longer works."""
    OUR_BUG = "our_bug"
    """What we sent was wrong; sending the same again is useless."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is in the channel."""

    message_ts: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The message is certainly not in the channel."""

    error: str
    remedy: Remedy
    retry_after: float | None = None
    """Seconds, where a time was named."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The message may or may not be in the channel."""

    error: str


Outcome = Accepted | Refused | Ambiguous
