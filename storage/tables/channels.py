"""The tables of channels, their schedules and their subscriptions."""

from datetime import datetime, time

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import Channel, Health, QuietHours, Schedule, Subscription
from storage.tables.base import Row, validate_text

NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""The next planning time of a schedule with no rung ahead."""


class ScheduleRow(Row, table=True):
    """A schedule that channels share, with its planning progress."""

    __tablename__ = "schedule"
    __table_args__ = (sa.UniqueConstraint("zone", "hour", "ladder", "days_off", "country"),)

    id: int | None = Field(default=None, primary_key=True)
    zone: str
    hour: str
    ladder: str
    days_off: str
    country: str
    planned_through: datetime = Field(index=True)
    next_plan_at: datetime = Field(index=True)

    @staticmethod
    def build_key(fact: Schedule) -> dict[str, str]:
        """Return the values of the columns that identify a schedule."""
        return {
            "zone": validate_text(fact.zone),
            "hour": f"{fact.hour:%H:%M}",
            "ladder": ",".join(map(str, fact.ladder)),
            "days_off": ",".join(map(str, fact.days_off)),
            "country": validate_text(fact.country),
        }

    def to_fact(self) -> Schedule:
        """Convert the row to a fact."""
        return Schedule(
            zone=self.zone,
            hour=time.fromisoformat(self.hour),
            ladder=tuple(int(rung) for rung in self.ladder.split(",") if rung),
            days_off=tuple(int(day) for day in self.days_off.split(",") if day),
            country=self.country,
        )


class ChannelRow(Row, table=True):
    """A channel with subscriptions or settings."""

    __tablename__ = "channel"
    __table_args__ = (
        sa.Index("ix_channel_schedule", "schedule_id", "workspace_id", "channel_id"),
        sa.Index("ix_channel_weekly", "schedule_id", sqlite_where=sa.text("weekly")),
    )

    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    schedule_id: int = Field(foreign_key="schedule.id")
    name: str = ""
    creator: str = ""
    zone_set: bool = False
    is_public: bool = False
    is_shared: bool = False
    quiet: str = ""
    """`18:00-09:00`, or empty for none."""
    mention: str = ""
    mention_from: int = 7
    weekly: bool = False
    notes: bool = False
    health: str = "ok"
    health_since: datetime | None = None
    health_reason: str = ""
    health_check_at: datetime | None = Field(default=None, index=True)
    """When to check again whether the channel can be reached. None while it can."""
    looked_at: datetime | None = Field(default=None, index=True)
    """When Slack was last asked about the channel. None before the first time."""

    @staticmethod
    def build_settings(fact: Channel) -> dict[str, object]:
        """Return the values of the columns that hold settings and Slack's description of the channel."""
        return {
            "name": validate_text(fact.name),
            "creator": validate_text(fact.creator),
            "zone_set": fact.has_own_zone,
            "is_public": fact.is_public,
            "is_shared": fact.is_shared,
            "quiet": f"{fact.quiet.start:%H:%M}-{fact.quiet.end:%H:%M}" if fact.quiet else "",
            "mention": validate_text(fact.mention),
            "mention_from": fact.mention_from,
            "weekly": fact.weekly,
            "notes": fact.notes,
        }

    def to_fact(self, schedule: Schedule) -> Channel:
        """Convert the row and its schedule to a fact."""
        start, _, end = self.quiet.partition("-")
        return Channel(
            workspace_id=self.workspace_id,
            channel_id=self.channel_id,
            schedule=schedule,
            name=self.name,
            creator=self.creator,
            has_own_zone=self.zone_set,
            is_public=self.is_public,
            is_shared=self.is_shared,
            quiet=QuietHours(time.fromisoformat(start), time.fromisoformat(end)) if start else None,
            mention=self.mention,
            mention_from=self.mention_from,
            weekly=self.weekly,
            notes=self.notes,
            health=Health(self.health),
            health_since=self.health_since,
            health_reason=self.health_reason,
        )


class SubscriptionRow(Row, table=True):
    """A channel's subscription to a target."""

    __tablename__ = "subscription"
    __table_args__ = (
        sa.Index("ix_subscription_target", "product", "target", "workspace_id", "channel_id", "created_at"),
        sa.ForeignKeyConstraint(["workspace_id", "channel_id"], ["channel.workspace_id", "channel.channel_id"]),
    )

    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    product: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    created_by: str
    created_at: datetime

    @classmethod
    def from_fact(cls, fact: Subscription) -> "SubscriptionRow":
        """Build the row of a subscription."""
        return cls(
            workspace_id=validate_text(fact.workspace_id),
            channel_id=validate_text(fact.channel_id),
            product=validate_text(fact.product),
            target=validate_text(fact.target),
            created_by=validate_text(fact.created_by),
            created_at=fact.created_at,
        )

    def to_fact(self) -> Subscription:
        """Convert the row to a fact."""
        return Subscription(
            self.workspace_id, self.channel_id, self.product, self.target, self.created_by, self.created_at
        )
