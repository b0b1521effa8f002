"""Teams, what their channels watch, and how far they are."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from bot.answers.version_lists import NextReminder
from storage.facts import Milestone


class TeamLine(Struct, frozen=True):
    """A team in the list."""

    name: str
    owner: str
    channels: tuple[str, ...]
    """Those that the asker may see."""
    targets: tuple[str, ...]


class TeamList(Struct, frozen=True):
    """Every team of a workspace."""

    teams: tuple[TeamLine, ...]


class TeamProgress(Struct, frozen=True):
    """How far a team is with one date of a version: its channels, by what they decided."""

    version: str
    milestone: Milestone
    milestone_date: date
    migrated: tuple[str, ...]
    acknowledged: tuple[str, ...]
    open: tuple[str, ...]
    is_overridden: bool = False
    """Whether somebody set the date by hand."""
    is_unverified: bool = False
    """Whether the page prints another one by now, which is held back."""


class TeamDetails(Struct, frozen=True):
    """What a team's channels watch, and how far the migration is."""

    day: date
    team: TeamLine
    progress: tuple[TeamProgress, ...]
    """The soonest date first."""


class TeamAction(StrEnum):
    """What can be done to a team."""

    CREATE = "create"
    DELETE = "delete"
    ADD = "add"
    REMOVE = "remove"
    OWNER = "owner"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class TeamUpdate(Struct, frozen=True):
    """What was done to a team."""

    action: TeamAction
    team: TeamLine
    channels: tuple[str, ...] = ()
    """Those that came or left."""
    targets: tuple[str, ...] = ()
    """What is watched from now on, or no longer."""
    is_unchanged: bool = False
    """It was so before."""


class InventoryLine(Struct, frozen=True):
    """A channel and what it watches."""

    channel_id: str
    targets: tuple[str, ...]
    next_reminder: NextReminder | None
    teams: tuple[str, ...] = ()


class Inventory(Struct, frozen=True):
    """What the channels of a workspace watch that the asker may see."""

    day: date
    zone: str
    lines: tuple[InventoryLine, ...]
    page: int
    pages: int
    total: int
