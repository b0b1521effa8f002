"""Subscriptions of a channel."""

from datetime import date, datetime, time
from enum import StrEnum

from msgspec import Struct

from bot.answers.version_lists import NextReminder
from storage.facts import Health, Milestone


class ChannelReach(StrEnum):
    """The result of asking Slack if dlvm can post in a channel."""

    OK = "ok"
    NEEDS_INVITE = "needs_invite"
    ARCHIVED = "archived"
    UNREACHABLE = "unreachable"
    UNCHECKED = "unchecked"


HEALTH_BY_REACH = {
    ChannelReach.NEEDS_INVITE: Health.NEEDS_INVITE,
    ChannelReach.ARCHIVED: Health.ARCHIVED,
    ChannelReach.UNREACHABLE: Health.UNREACHABLE,
}
"""Health of a channel that Slack described, for each reach that prevents posts."""


class ChannelLook(Struct, frozen=True):
    """The information Slack gave about a channel."""

    reach: ChannelReach
    is_public: bool = False
    name: str = ""
    creator: str = ""
    is_shared: bool = False
    """True if people of other organisations are members."""


UNCHECKED = ChannelLook(ChannelReach.UNCHECKED)
"""The look at a channel that Slack was not asked about, or didn't answer in time."""


class SubscribedTarget(Struct, frozen=True):
    """A subscribed target, with the versions it covers."""

    target: str
    is_new: bool
    versions: tuple[str, ...]
    next_reminder: NextReminder | None
    past_dates: tuple[tuple[str, Milestone, date], ...]
    """(version, milestone, date) of every date that has passed."""
    past_overridden: tuple[tuple[str, Milestone, date], ...] = ()
    past_unverified: tuple[tuple[str, Milestone, date], ...] = ()
    """The passed dates for which the page now prints another date, which is in quarantine."""


class Subscribed(Struct, frozen=True):
    """The result of subscribing a channel."""

    day: date
    zone: str
    targets: tuple[SubscribedTarget, ...]
    overlaps: tuple[str, ...]
    """Targets whose versions another subscription of the channel already covers."""
    reach: ChannelReach
    hour: time


class Unsubscribed(Struct, frozen=True):
    """The result of unsubscribing a channel."""

    removed: tuple[str, ...]
    not_subscribed: tuple[str, ...]
    still_covered: tuple[tuple[str, str], ...]
    """(version, wider target) for each version that another subscription still covers."""
    remaining: int


class SubscriptionLine(Struct, frozen=True):
    """A subscription in a list."""

    target: str
    created_by: str
    created_on: date
    versions: tuple[str, ...]
    next_reminder: NextReminder | None
    last_delivered: datetime | None


class SubscriptionList(Struct, frozen=True):
    """A page of the subscriptions of a channel."""

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
