"""Versions in lists, and the dates and reminders that come next."""

from datetime import date, datetime

from msgspec import Struct

from bot.answers.status import Source
from bot.policy.lifecycle import LifecycleState
from storage.facts import Milestone


class VersionLine(Struct, frozen=True):
    """A version in a list."""

    version: str
    state: LifecycleState
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    next_date: date | None
    rows_differ: bool
    is_last_day: bool
    is_subscribed: bool
    overridden: tuple[Milestone, ...] = ()
    """Which of its dates somebody set by hand."""
    unverified: tuple[Milestone, ...] = ()
    """Which of them the page prints otherwise by now, which is held back."""


class VersionList(Struct, frozen=True):
    """Versions by state, soonest date first."""

    framework: str
    day: date
    zone: str
    lines: tuple[VersionLine, ...]
    unavailable_count: int
    """How many more there are that can no longer be used and are not among the lines."""
    source: Source


class UpcomingDate(Struct, frozen=True):
    """A milestone ahead."""

    version: str
    milestone: Milestone
    day: date
    second_milestone: Milestone | None
    """The other milestone where both fall on this day."""
    families: tuple[str, ...]
    is_subscribed: bool
    is_overridden: bool = False
    """Whether somebody set it by hand."""
    is_unverified: bool = False
    """Whether the page prints another one by now, which is held back."""


class NextReminder(Struct, frozen=True):
    """The next reminder a channel will get for a milestone."""

    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    at: datetime
    is_overridden: bool = False
    """Whether somebody set the date by hand."""
    is_unverified: bool = False
    """Whether the page prints another one by now, which is held back."""


class Upcoming(Struct, frozen=True):
    """What is due next, in the catalogue and for the channel."""

    day: date
    zone: str
    within: int
    dates: tuple[UpcomingDate, ...]
    first_after: UpcomingDate | None
    """The first one after the window, where the window is empty."""
    reminders: tuple[NextReminder, ...]
    source: Source
