"""What a channel watches, and when it hears of it."""

from datetime import date, datetime, time
from enum import StrEnum

from msgspec import Struct

from bot.answers.version_lists import NextReminder
from storage.facts import Health, Milestone, QuietHours, Schedule


class ChannelReach(StrEnum):
    """Whether the bot can post in a channel, as Slack said when it was asked."""

    OK = "ok"
    NEEDS_INVITE = "needs_invite"
    ARCHIVED = "archived"
    UNREACHABLE = "unreachable"
    UNCHECKED = "unchecked"


class ChannelLook(Struct, frozen=True):
    """What Slack said of a channel when it was asked."""

    reach: ChannelReach
    is_public: bool = False
    name: str = ""
    creator: str = ""
    """The id of who made it."""
    is_shared: bool = False
    """Whether people of other organisations are in it."""


class SubscribedTarget(Struct, frozen=True):
    """A target a channel watches now, with what it will hear of."""

    target: str
    is_new: bool
    versions: tuple[str, ...]
    next_reminder: NextReminder | None
    past_dates: tuple[tuple[str, Milestone, date], ...]
    """(version, milestone, date) of what is already behind."""
    past_overridden: tuple[tuple[str, Milestone, date], ...] = ()
    """Those of them that somebody set by hand."""
    past_unverified: tuple[tuple[str, Milestone, date], ...] = ()
    """Those of them that the page prints otherwise by now, which is held back."""


class Subscribed(Struct, frozen=True):
    """What a channel watches after subscribing."""

    day: date
    zone: str
    targets: tuple[SubscribedTarget, ...]
    overlaps: tuple[str, ...]
    """Targets whose versions another target of the channel covers already."""
    reach: ChannelReach
    hour: time


class Unsubscribed(Struct, frozen=True):
    """What a channel no longer watches."""

    removed: tuple[str, ...]
    not_subscribed: tuple[str, ...]
    still_covered: tuple[tuple[str, str], ...]
    """(version, wider target) for versions the channel still watches."""
    remaining: int


class SubscriptionLine(Struct, frozen=True):
    """A subscription in the list of a channel."""

    target: str
    created_by: str
    created_on: date
    versions: tuple[str, ...]
    next_reminder: NextReminder | None
    last_delivered: datetime | None


class SubscriptionList(Struct, frozen=True):
    """A page of what a channel watches."""

    day: date
    zone: str
    lines: tuple[SubscriptionLine, ...]
    page: int
    """Counts from 1."""
    pages: int
    total: int
    reach: ChannelReach
    health: Health = Health.OK
    health_since: date | None = None
    health_reason: str = ""


class ChannelSettings(Struct, frozen=True):
    """A channel's settings, with what they mean."""

    schedule: Schedule
    is_zone_set: bool
    is_changed: bool
    now: datetime
    next_reminders: tuple[NextReminder, ...]
    quiet: QuietHours | None = None
    mention: str = ""
    mention_from: int = 7
    weekly: bool = False
    release_notes: bool = False
    are_release_notes_read: bool = True
    """Whether the release notes are read at all; only asked where the channel wants them."""
    errors: tuple[tuple[str, str], ...] = ()
    """(setting, sentence) for what could not be understood; then nothing was changed."""
