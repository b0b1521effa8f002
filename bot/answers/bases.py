"""Bases of the view models."""

from msgspec import Struct


class MarkedDate(Struct, frozen=True, kw_only=True):
    """A date that can be overridden or unverified."""

    is_overridden: bool = False
    is_unverified: bool = False
    """True if the page now prints another date, which is in quarantine."""


class Delivery(Struct, frozen=True):
    """A message that dlvm sends on its own."""

    workspace_id: str
    channel_id: str
    """The channel; for a direct message the id of the person, because posting to it opens the direct message."""
    delivery_id: str
