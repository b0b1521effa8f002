"""What can come of a post to a channel: three outcomes, never two."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from storage.facts import Health


class Remedy(StrEnum):
    """What a refusal means for what happens next."""

    RETRY = "retry"
    """Try again later, for as long as it takes; nobody has to do anything."""
    UNKNOWN = "unknown"
    """Nobody knows what is wrong: try a few times, then keep it for the operator."""
    PAUSE_CHANNEL = "pause_channel"
    """This channel can't be reached until somebody mends it."""
    SUSPEND_WORKSPACE = "suspend_workspace"
    """The installation no longer works."""
    OUR_BUG = "our_bug"
    """What we sent was wrong; sending the same again is useless."""
    GONE = "gone"
    """The message that was to be changed is not there, or may not be changed any more."""


class Accepted(Struct, frozen=True):
    """The message is in the channel."""

    message_ts: str
    flaw: str = ""
    """Why it had to be sent more plainly than it was drawn, which is a bug of ours; empty where it had not."""


class Refused(Struct, frozen=True):
    """The message is certainly not in the channel."""

    error: str
    remedy: Remedy
    retry_after: float | None = None
    """Seconds, where a time was named."""
    health: Health = Health.UNREACHABLE
    """What is the matter with the channel, where the remedy is to pause it."""


class Ambiguous(Struct, frozen=True):
    """The message may or may not be in the channel."""

    error: str


PostOutcome = Accepted | Refused | Ambiguous


class HistoryFound(Struct, frozen=True):
    """What a channel's history holds of ours: the message of each delivery id that was found."""

    messages: Mapping[str, str] = field(default_factory=dict)


class HistoryUnavailable(Struct, frozen=True):
    """The history could not be read."""

    reason: str
    is_permanent: bool
    """False where asking again later may help."""


HistoryLookup = HistoryFound | HistoryUnavailable


class AmbiguityPolicy(StrEnum):
    """What becomes of a message that Slack may hold, where Slack can't be asked."""

    RESEND = "resend"
    """A repeat is better than a lost deadline."""
    HOLD = "hold"
    """The operator decides."""
