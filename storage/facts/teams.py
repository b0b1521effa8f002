"""Facts of teams."""

from msgspec import Struct


class Team(Struct, frozen=True):
    """A group of channels with a common owner and common subscriptions."""

    workspace_id: str
    name: str
    owner: str = ""
    """The id of a user or user group. Empty for none."""
    channels: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """Every channel of the team subscribes to these, including channels that join later."""
