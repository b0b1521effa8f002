"""Facts of channels, what those watch and what their people decided."""

from datetime import date, datetime, time
from enum import StrEnum

from msgspec import Struct

from storage.facts.catalogue import Milestone

ALL = "all"
"""The target of a subscription to every framework version."""


class Schedule(Struct, frozen=True):
    """When a channel wants its reminders; channels with equal schedules are planned together."""

    zone: str = "UTC"
    hour: time = time(9, 0)
    """Wall time in the zone."""
    ladder: tuple[int, ...] = (180, 90, 60, 30, 14, 7, 3, 1, 0, -1)
    """Days before a milestone, 0 for the last day, -1 for the day after."""
    days_off: tuple[int, ...] = (5, 6)
    """Weekdays without reminders, Monday is 0."""
    country: str = ""
    """ISO code whose public holidays are days off too; empty for none."""


class Health(StrEnum):
    """Whether reminders reach a channel, and if not, what kind of mend it needs."""

    OK = "ok"
    NEEDS_INVITE = "needs_invite"
    ARCHIVED = "archived"
    UNREACHABLE = "unreachable"
    BLOCKED_BY_POLICY = "blocked_by_policy"


class QuietHours(Struct, frozen=True):
    """Wall time in which nothing is posted, from the first (included) to the second (not); may span midnight."""

    start: time
    end: time


class Channel(Struct, frozen=True):
    """A Slack channel with subscriptions, its settings, and whether it can be reached."""

    workspace_id: str
    channel_id: str
    schedule: Schedule
    name: str = ""
    """As Slack last told it; private ones are shown to nobody outside the channel."""
    creator: str = ""
    """Who made the channel, as Slack told it."""
    has_own_zone: bool = False
    """False while the zone is only the workspace's default."""
    is_public: bool = False
    """True only where Slack said so: what is not known to be public is named to nobody outside the channel."""
    is_shared: bool = False
    """Whether people of other organisations are in it."""
    quiet: QuietHours | None = None
    mention: str = ""
    """The id of a person or user group to be named in reminders; empty for nobody."""
    mention_from: int = 7
    """Days left from which on they are named."""
    weekly: bool = False
    """Whether the channel wants a summary at the beginning of each week."""
    notes: bool = False
    """Whether the channel wants what the release notes say of what it watches."""
    health: Health = Health.OK
    health_since: datetime | None = None
    health_reason: str = ""
    """Slack's error code."""


class ChannelSummary(Struct, frozen=True):
    """What is shown of a channel among many."""

    channel_id: str
    name: str
    is_public: bool
    health: Health = Health.OK
    health_since: datetime | None = None


class Subscription(Struct, frozen=True):
    """A channel watches a target: a framework version, a framework, or all."""

    workspace_id: str
    channel_id: str
    product: str
    target: str
    created_by: str
    created_at: datetime


class DecisionKind(StrEnum):
    """What people can decide about a date."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    MIGRATED = "migrated"
    OWNED = "owned"
    """Somebody is named in its reminders from then on; silences nothing."""


class Decision(Struct, frozen=True):
    """What somebody decided for a channel about one date of a version, or about the whole version."""

    workspace_id: str
    channel_id: str
    product: str
    version: str
    kind: DecisionKind
    decided_by: str
    decided_at: datetime
    milestone: Milestone | None = None
    """None for a migrated version: that is about both."""
    milestone_date: date | None = None
    snoozed_until: date | None = None
    """Until when it is snoozed; that day it comes back."""
    original_date: date | None = None
    """The date it was decided for, where that date has moved later since."""
    migrated_to: str = ""
    """The version the channel went to; empty where nobody said."""
    owner: str = ""
    """The id of the person or user group that owns the migration."""
