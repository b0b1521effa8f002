"""Outcomes of posting to a channel: accepted, refused, or ambiguous."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from storage.facts import Health


class Remedy(StrEnum):
    """Action to take after a refusal."""

    RETRY = "retry"
    """Retry until it succeeds; nobody has to act."""
    UNKNOWN = "unknown"
    """The cause is unknown: retry a limited number of times, then leave it to the operator."""
    PAUSE_CHANNEL = "pause_channel"
    """The channel is unreachable until a person fixes it."""
    SUSPEND_WORKSPACE = "suspend_workspace"
    """The installation no longer works."""
    OUR_BUG = "our_bug"
    """The request was invalid because of a bug in dlvm; don't send it again."""
    GONE = "gone"
    """The message to update was deleted or can no longer be edited."""


class Accepted(Struct, frozen=True):
    """The message is in the channel."""

    message_ts: str
    flaw: str = ""
    """Bug in dlvm because of which the message was sent in a plainer form; empty if it was sent as rendered."""


class Refused(Struct, frozen=True):
    """The message is certainly not in the channel."""

    error: str
    remedy: Remedy
    retry_after: float | None = None
    """Seconds to wait, if Slack named a time."""
    health: Health = Health.UNREACHABLE
    """Health of the channel, if the remedy is to pause it."""


class Ambiguous(Struct, frozen=True):
    """The message might be in the channel."""

    error: str


PostOutcome = Accepted | Refused | Ambiguous


class HistoryFound(Struct, frozen=True):
    """Messages found in a channel's history."""

    messages: Mapping[str, str] = field(default_factory=dict)
    """Message timestamps by delivery ID."""


class HistoryUnavailable(Struct, frozen=True):
    """The channel's history couldn't be read."""

    reason: str
    is_permanent: bool
    """False if a later attempt could succeed."""


HistoryLookup = HistoryFound | HistoryUnavailable


class AmbiguityPolicy(StrEnum):
    """Handling of an ambiguous message if the channel's history is unavailable."""

    RESEND = "resend"
    """Send again: a duplicate is better than a missed deadline."""
    HOLD = "hold"
    """Leave it to the operator."""
