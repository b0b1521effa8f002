"""The Home tab of a person."""

from datetime import date

from msgspec import Struct

from bot.answers.bases import MarkedDate
from bot.answers.status import Source
from bot.policy.lifecycle import LifecycleState
from storage.facts import Health, Milestone


class HomeSelection(Struct, frozen=True):
    """The page and filters a person selected. A channel they can't see is ignored."""

    page: int = 1
    framework: str = ""
    channel_id: str = ""


class HomeChannel(Struct, frozen=True):
    """A channel that the person is allowed to see."""

    channel_id: str
    name: str
    """Empty if the name is unknown."""


class HomeLine(MarkedDate, frozen=True):
    """A version that channels of the person are subscribed to, and the marks of its next date."""

    version: str
    title: str
    state: LifecycleState
    next_milestone: Milestone | None
    next_date: date | None
    channels: tuple[str, ...]


class OpenDate(MarkedDate, frozen=True):
    """A near date, and the channels without a decision about it."""

    version: str
    title: str
    milestone: Milestone
    day: date
    channels: tuple[str, ...]


class UnreachableChannel(Struct, frozen=True):
    """A channel that dlvm can't post in."""

    channel_id: str
    health: Health
    since: date | None


class Home(Struct, frozen=True):
    """The versions that a person's channels are subscribed to, soonest date first."""

    day: date
    source: Source
    lines: tuple[HomeLine, ...]
    page: int
    """Counts from 1."""
    pages: int
    total: int
    """The number of versions that match the filters, on all pages."""
    subscribed_channels: int
    """The number of the person's channels that have a subscription."""
    open_dates: tuple[OpenDate, ...]
    unreachable: tuple[UnreachableChannel, ...]
    frameworks: tuple[str, ...]
    channels: tuple[HomeChannel, ...]
    """The choices of the channel filter, sorted by name."""
    framework: str = ""
    """The selected framework; empty for all."""
    channel_id: str = ""
    """The selected channel; empty for all."""
    are_channels_known: bool = True
    """False if Slack did not say in time which channels the person is in. Then only public ones are shown."""
