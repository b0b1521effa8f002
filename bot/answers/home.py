"""What a person sees on Home."""

from datetime import date

from msgspec import Struct

from bot.answers.status import Source
from bot.policy.lifecycle import LifecycleState
from storage.facts import Health, Milestone


class HomeSelection(Struct, frozen=True):
    """What a person wants to see of it; anything that is not theirs to see counts as not said."""

    page: int = 1
    framework: str = ""
    channel_id: str = ""


class HomeChannel(Struct, frozen=True):
    """A channel that may be named to the person."""

    channel_id: str
    name: str
    """Empty where nobody told it."""


class HomeLine(Struct, frozen=True):
    """A version that channels of the person watch."""

    version: str
    title: str
    state: LifecycleState
    next_milestone: Milestone | None
    next_date: date | None
    channels: tuple[str, ...]
    """The ids of those that watch it."""
    is_overridden: bool = False
    """Whether somebody set the next date by hand."""
    is_unverified: bool = False
    """Whether the page prints another one by now, which is held back."""


class OpenDate(Struct, frozen=True):
    """A date that comes soon, and the channels that have decided nothing about it."""

    version: str
    title: str
    milestone: Milestone
    day: date
    channels: tuple[str, ...]
    is_overridden: bool = False
    is_unverified: bool = False


class UnreachableChannel(Struct, frozen=True):
    """A channel that can't be reached."""

    channel_id: str
    health: Health
    since: date | None


class Home(Struct, frozen=True):
    """What a person's channels watch, soonest date first."""

    day: date
    source: Source
    lines: tuple[HomeLine, ...]
    page: int
    """Counts from 1."""
    pages: int
    total: int
    """Versions that pass the filters."""
    subscribed_channels: int
    """Channels of the person that watch anything."""
    open_dates: tuple[OpenDate, ...]
    unreachable: tuple[UnreachableChannel, ...]
    frameworks: tuple[str, ...]
    """To filter by."""
    channels: tuple[HomeChannel, ...]
    """The same; by name."""
    framework: str = ""
    """The filter in force."""
    channel_id: str = ""
    """The same."""
    are_channels_known: bool = True
    """False where Slack did not say which channels the person is in; then only public ones are shown."""
