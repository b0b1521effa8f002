"""The tables of channels, their schedules and their subscriptions."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import Channel, Schedule, Subscription
from storage.tables.base import FactRow, Row

NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""The next planning time of a schedule with no rung ahead."""


class ScheduleRow(Row, FactRow[Schedule], table=True):
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


class ChannelRow(Row, FactRow[Channel], table=True):
    """A channel with subscriptions or settings."""

    __tablename__ = "channel"
    spread: ClassVar = {"schedule": ("zone", "hour", "ladder", "days_off", "country")}
    """These stand in the schedule's row, so a channel is read from a join of both tables."""
    __table_args__ = (
        sa.Index("ix_channel_schedule", "schedule_id", "workspace_id", "channel_id"),
        sa.Index("ix_channel_weekly", "schedule_id", sqlite_where=sa.text("weekly")),
    )

    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    schedule_id: int = Field(foreign_key="schedule.id")
    name: str = ""
    creator: str = ""
    has_own_zone: bool = False
    is_public: bool = False
    is_shared: bool = False
    quiet: str = ""
    mention: str = ""
    mention_from: int = 7
    weekly: bool = False
    notes: bool = False
    health: str = "ok"
    health_since: datetime | None = None
    health_reason: str = ""
    health_check_at: datetime | None = Field(default=None, index=True)
    """When to check again whether the channel can be reached. None while it can."""
    checked_at: datetime | None = Field(default=None, index=True)
    """When Slack was last asked about the channel. None before the first time."""


class SubscriptionRow(Row, FactRow[Subscription], table=True):
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
