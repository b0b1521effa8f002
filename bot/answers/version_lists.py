"""Lists of versions, and upcoming dates and reminders."""

from datetime import date, datetime

from msgspec import Struct

from bot.answers.bases import MarkedDate
from bot.answers.status import Source
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import DEEP_LEARNING_VM, Product
from storage.facts import Milestone, PrintedDate


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
    unverified: tuple[Milestone, ...] = ()
    """The milestones for which the page now prints another date, which is in quarantine."""
    patch_dates: tuple[PrintedDate, ...] = ()
    """The ends of patches and support, soonest first. There are several if the rows differ."""
    availability_dates: tuple[PrintedDate, ...] = ()
    """The ends of availability, soonest first. There are several if the rows differ."""
    is_month_only: bool = False
    """True if the table prints a month for the end of patches and support. Its last day counts."""


class VersionList(Struct, frozen=True):
    """Versions grouped by state, soonest date first."""

    framework: str
    day: date
    zone: str
    lines: tuple[VersionLine, ...]
    unavailable_count: int
    """The number of unavailable versions that are not among the lines."""
    source: Source
    product: Product = DEEP_LEARNING_VM


class UpcomingDate(MarkedDate, frozen=True):
    """A date that is ahead."""

    version: str
    milestone: Milestone
    day: date
    second_milestone: Milestone | None
    """The other milestone, if it falls on this day too."""
    families: tuple[str, ...]
    is_subscribed: bool


class NextReminder(MarkedDate, frozen=True):
    """The next reminder of a channel about a version."""

    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    at: datetime


class UpcomingDates(Struct, frozen=True):
    """The next dates in the catalogue, and the next reminders of the channel."""

    day: date
    zone: str
    within: int
    """The length of the window in days."""
    dates: tuple[UpcomingDate, ...]
    first_after: UpcomingDate | None
    """The first date after the window, if the window is empty."""
    reminders: tuple[NextReminder, ...]
    source: Source
