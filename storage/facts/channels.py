"""Facts of channels: schedule, settings, health and subscriptions."""

from datetime import datetime, time
from enum import StrEnum

from msgspec import Struct

ALL = "all"
"""The target of a subscription to every framework version."""


class Schedule(Struct, frozen=True):
    """When a channel gets its reminders. Channels with equal schedules are planned together."""

    zone: str = "UTC"
    hour: time = time(9, 0)
    """Local time in the zone."""
    ladder: tuple[int, ...] = (180, 90, 60, 30, 14, 7, 3, 1, 0, -1)
    """Days before a milestone. 0 is the last day, -1 the day after it."""
    days_off: tuple[int, ...] = (5, 6)
    """Weekdays without reminders. Monday is 0."""
    country: str = ""
    """ISO code of the country whose public holidays are days off as well. Empty for none."""


class Health(StrEnum):
    """State of a channel: it gets messages, or the kind of fix it needs."""

    OK = "ok"
    NEEDS_INVITE = "needs_invite"
    ARCHIVED = "archived"
    UNREACHABLE = "unreachable"
    BLOCKED_BY_POLICY = "blocked_by_policy"


class QuietHours(Struct, frozen=True):
    """Local time in which nothing is posted, from start (inclusive) to end (exclusive). It can span midnight."""

    start: time
    end: time


class Channel(Struct, frozen=True):
    """A Slack channel with subscriptions: its settings and its health."""

    workspace_id: str
    channel_id: str
    schedule: Schedule
    name: str = ""
    """As last reported by Slack. The name of a private channel is never shown outside it."""
    creator: str = ""
    """The user who created the channel, as reported by Slack."""
    has_own_zone: bool = False
    """False while the channel uses its workspace's default zone."""
    is_public: bool = False
    """True only if Slack reported it. Channels not known to be public are never named outside themselves."""
    is_shared: bool = False
    """True if people from other organisations are members."""
    quiet: QuietHours | None = None
    mention: str = ""
    """The id of the user or user group to mention in reminders. Empty for none."""
    mention_from: int = 7
    """Mention them from this many days before a date."""
    weekly: bool = False
    """True if the channel gets a summary at the beginning of each week."""
    notes: bool = False
    """True if the channel gets release notes about the versions it subscribes to."""
    health: Health = Health.OK
    health_since: datetime | None = None
    health_reason: str = ""
    """Slack's error code."""


class ChannelSummary(Struct, frozen=True):
    """The part of a channel that lists of channels show."""

    channel_id: str
    name: str
    is_public: bool
    health: Health = Health.OK
    health_since: datetime | None = None


class Subscription(Struct, frozen=True):
    """A channel's subscription to a target: a framework version, a framework, or all."""

    workspace_id: str
    channel_id: str
    product: str
    target: str
    created_by: str
    created_at: datetime
