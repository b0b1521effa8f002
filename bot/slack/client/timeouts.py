"""Timeouts of the calls made while a person waits. Slack allows three seconds in all."""

from msgspec import Struct


class Timeouts(Struct, frozen=True):
    """Seconds allowed for each kind of call."""

    channel: int = 1
    """Looking up a channel, or listing user groups."""
    membership: float = 1.5
    """Listing a person's channels, for all pages together."""
    users: float = 0.7
    """Waiting for calls about people. Answers that come later are cached for the next request."""
    user_call: int = 2
    """A call about people, whether or not anyone still waits for it."""
    modal: int = 2
    """Opening or updating a modal. Its trigger expires after three seconds."""
    home: int = 1
    """Publishing the Home tab, which follows other calls while Slack waits for the acknowledgement."""


DEFAULT_TIMEOUTS = Timeouts()
