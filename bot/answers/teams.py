"""Teams, the subscriptions of their channels, and their migration progress."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from bot.answers.bases import MarkedDate
from bot.answers.version_lists import NextReminder
from storage.facts import Milestone


class TeamLine(Struct, frozen=True):
    """A team in the list."""

    name: str
    owner: str
    """The id of the person or user group that owns the team; empty if there is none."""
    channels: tuple[str, ...]
    """The ids of the channels that the user is allowed to see."""
    targets: tuple[str, ...]


class TeamList(Struct, frozen=True):
    """All teams of a workspace."""

    teams: tuple[TeamLine, ...]


class TeamProgress(MarkedDate, frozen=True):
    """The migration progress of a team for one date: its channels by decision."""

    version: str
    milestone: Milestone
    milestone_date: date
    migrated: tuple[str, ...]
    acknowledged: tuple[str, ...]
    open: tuple[str, ...]


class TeamDetails(Struct, frozen=True):
    """A team with its migration progress."""

    day: date
    team: TeamLine
    progress: tuple[TeamProgress, ...]
    """Soonest date first."""


class TeamAction(StrEnum):
    """A change of a team."""

    CREATE = "create"
    DELETE = "delete"
    ADD = "add"
    REMOVE = "remove"
    OWNER = "owner"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class TeamUpdate(Struct, frozen=True):
    """The result of changing a team."""

    action: TeamAction
    team: TeamLine
    channels: tuple[str, ...] = ()
    """The channels that were added or removed."""
    targets: tuple[str, ...] = ()
    """The targets that were subscribed or unsubscribed."""
    is_unchanged: bool = False


class InventoryLine(Struct, frozen=True):
    """A channel and its subscriptions."""

    channel_id: str
    targets: tuple[str, ...]
    next_reminder: NextReminder | None
    teams: tuple[str, ...] = ()


class Inventory(Struct, frozen=True):
    """The subscriptions of the channels that the user is allowed to see."""

    day: date
    zone: str
    lines: tuple[InventoryLine, ...]
    page: int
    pages: int
    total: int
