"""The channels of a workspace: settings, and whether they can be reached."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage import schedules
from storage.database import insert_into
from storage.facts import Channel, ChannelSummary, Health
from storage.tables import ChannelRow, ScheduleRow, SubscriptionRow, WorkspaceRow, get_table, validate_text

_CHANNELS = get_table(ChannelRow)
_SCHEDULES = get_table(ScheduleRow)
_SELECT = sa.select(*_CHANNELS.c, *_SCHEDULES.c).join(_SCHEDULES, _SCHEDULES.c.id == _CHANNELS.c.schedule_id)
_FIND = _SELECT.where(_CHANNELS.c.workspace_id == sa.bindparam("workspace_id")).where(
    _CHANNELS.c.channel_id == sa.bindparam("channel_id")
)

_MARK_REACHABLE = sa.text(
    """
UPDATE channel SET health = 'ok', health_since = NULL, health_reason = '', health_check_at = NULL
 WHERE workspace_id = :workspace_id AND channel_id = :channel_id AND health_since IS NOT NULL
"""
)
_LIST_FOR_WORKSPACE = (
    sa.select(*(_CHANNELS.c[name] for name in ("channel_id", "name", "is_public", "health", "health_since")))
    .where(_CHANNELS.c.workspace_id == sa.bindparam("workspace_id"))
    .order_by(_CHANNELS.c.channel_id)
)

_KEY = ("workspace_id", "channel_id")
_SETTINGS = (
    "schedule_id",
    "name",
    "creator",
    "has_own_zone",
    "is_public",
    "is_shared",
    "quiet",
    "mention",
    "mention_from",
    "weekly",
    "notes",
)
"""Columns of settings and of what Slack reports about the channel."""
_REACHABLE = {"health": Health.OK.value, "health_reason": ""}


def find(session: Session, workspace_id: str, channel_id: str) -> Channel | None:
    """Return the channel with its schedule, or None if it is not stored."""
    row = session.execute(_FIND, {"workspace_id": workspace_id, "channel_id": channel_id}).one_or_none()
    return ChannelRow.decode(row) if row is not None else None


def save(session: Session, channel: Channel, now: datetime) -> None:
    """Store the channel's settings and schedule. Its health stays unchanged."""
    schedule_id = schedules.ensure_id(session, channel.schedule, now)
    values = {"schedule_id": schedule_id, **ChannelRow.encode(channel)}
    settings = {name: values[name] for name in _SETTINGS}
    insert = insert_into(session, ChannelRow).values({name: values[name] for name in _KEY} | settings | _REACHABLE)
    session.execute(insert.on_conflict_do_update(index_elements=list(_KEY), set_=settings))


def update_from_slack(session: Session, workspace_id: str, channel_id: str, **fields: object) -> bool:
    """Store what Slack reports about the channel. Return False if it is not stored.

    The fields are any of `name`, `creator`, `is_public`, `is_shared` and `checked_at`.
    """
    values = {key: validate_text(value) if isinstance(value, str) else value for key, value in fields.items()}
    update = sa.update(ChannelRow).filter_by(workspace_id=workspace_id, channel_id=channel_id).values(**values)
    return session.execute(update.returning(col(ChannelRow.channel_id))).first() is not None


def list_unchecked_since(session: Session, before: datetime, limit: int) -> tuple[Channel, ...]:
    """Return channels with subscriptions that were not checked with Slack since then, least recent first.

    Covers all workspaces except suspended ones, whose channels Slack does not show.
    """
    is_subscribed = sa.exists().where(
        col(SubscriptionRow.workspace_id) == col(ChannelRow.workspace_id),
        col(SubscriptionRow.channel_id) == col(ChannelRow.channel_id),
    )
    is_suspended = sa.exists().where(
        col(WorkspaceRow.workspace_id) == col(ChannelRow.workspace_id), col(WorkspaceRow.suspended_since).is_not(None)
    )
    checked_at = col(ChannelRow.checked_at)
    query = _SELECT.where(sa.or_(checked_at.is_(None), checked_at < before), is_subscribed)
    rows = session.execute(query.where(~is_suspended).order_by(checked_at.nulls_first()).limit(limit))
    return tuple(map(ChannelRow.decode, rows))


def list_for_workspace(session: Session, workspace_id: str) -> tuple[ChannelSummary, ...]:
    """Return every stored channel of the workspace, by id."""
    rows = session.execute(_LIST_FOR_WORKSPACE, {"workspace_id": workspace_id})
    return tuple(
        ChannelSummary(channel_id, name, is_public, Health(health), since)
        for channel_id, name, is_public, health, since in rows
    )


def filter_public(session: Session, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
    """Return the ids of those channels that are known to be public."""
    query = select(ChannelRow.channel_id).filter_by(workspace_id=workspace_id, is_public=True)
    return frozenset(session.exec(query.where(col(ChannelRow.channel_id).in_(channel_ids))))


def update_health(
    session: Session,
    channel: Channel,
    health: Health,
    *,
    since: datetime | None,
    reason: str,
    check_at: datetime | None,
) -> None:
    """Store whether the channel can be reached, since when it can't, and when to check again."""
    session.execute(
        sa.update(ChannelRow)
        .filter_by(workspace_id=channel.workspace_id, channel_id=channel.channel_id)
        .values(health=health.value, health_since=since, health_reason=reason[:200], health_check_at=check_at)
    )


def mark_reachable(session: Session, workspace_id: str, channel_id: str) -> None:
    """Clear the channel's health problem after a message was delivered."""
    session.execute(_MARK_REACHABLE, {"workspace_id": workspace_id, "channel_id": channel_id})


def list_due_for_health_check(session: Session, now: datetime, limit: int) -> tuple[Channel, ...]:
    """Return unreachable channels whose next check is due, the most overdue first. Covers all workspaces."""
    query = _SELECT.where(col(ChannelRow.health_check_at) <= now)
    rows = session.execute(query.order_by(col(ChannelRow.health_check_at)).limit(limit))
    return tuple(map(ChannelRow.decode, rows))


def list_unhealthy(session: Session) -> tuple[Channel, ...]:
    """Return every channel that can't be reached, longest first. Covers all workspaces."""
    query = _SELECT.where(col(ChannelRow.health) != Health.OK.value)
    rows = session.execute(query.order_by(col(ChannelRow.health_since), col(ChannelRow.channel_id)))
    return tuple(map(ChannelRow.decode, rows))


def list_subscribers(session: Session, workspace_id: str, channel_id: str) -> tuple[str, ...]:
    """Return the ids of the users who created the channel's subscriptions."""
    query = select(SubscriptionRow.created_by).filter_by(workspace_id=workspace_id, channel_id=channel_id).distinct()
    return tuple(session.exec(query.order_by(col(SubscriptionRow.created_by))))


def wants_weekly(session: Session, schedule_id: int) -> bool:
    """Return True if any channel on the schedule gets weekly summaries. Covers all workspaces."""
    query = select(ChannelRow.channel_id).where(col(ChannelRow.schedule_id) == schedule_id, sa.text("weekly"))
    return session.exec(query.limit(1)).first() is not None
