"""How long people's answers wait for what Slack is asked meanwhile: it gives three seconds in all."""

from msgspec import Struct


class Timeouts(Struct, frozen=True):
    """Seconds for each thing that Slack is asked while a person waits."""

    channel: int = 1
    """Whether a channel can be reached, or which user groups there are."""
    membership: float = 1.5
    """Which channels somebody is in, over all pages."""
    users: float = 0.7
    """Who somebody is; what comes later is remembered for the next time."""
    user_call: int = 2
    """What is asked of people may take, answered or not."""
    modal: int = 2
    """To open or renew a modal: a trigger lives three."""
    home: int = 1
    """To show Home, where Slack was asked something before and waits for the acknowledgement."""


DEFAULT_TIMEOUTS = Timeouts()
