"""Slack's rate limits: when each channel and each workspace can be posted to again.

They are stored, so that all processes together keep them. The lock on a workspace's row divides the work: the process
that holds it claims the workspace's next messages, and other processes skip the workspace.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.outbox.statements import bind_types
from storage.tables import RateLimitRow, get_table

CHANNEL_INTERVAL = timedelta(seconds=1)
"""Time between two messages to one channel, as documented by Slack."""

WORKSPACE_INTERVAL = timedelta(seconds=60 / 295)
"""Mean time between two messages to one workspace. Slack documents "several hundred" a minute; we assume 300."""

BURST = 5
"""Messages to one workspace at once. With the interval, no more than 300 go out in a minute."""

_WHOLE_WORKSPACE = ""
"""The channel id in a workspace's own row."""

_LIMITS = get_table(RateLimitRow)
_FREE_AT = _LIMITS.c.free_at.type

_INSERT_MISSING = bind_types(
    """
INSERT INTO rate_limit (workspace_id, channel_id, free_at) VALUES (:workspace_id, '', :now)
ON CONFLICT (workspace_id, channel_id) DO NOTHING
""",
    now=_FREE_AT,
)
_LOCK = (
    sa.select(_LIMITS.c.workspace_id)
    .where(_LIMITS.c.workspace_id.in_(sa.bindparam("workspaces", expanding=True)))
    .where(_LIMITS.c.channel_id == _WHOLE_WORKSPACE, _LIMITS.c.free_at <= sa.bindparam("now"))
    .with_for_update(skip_locked=True)
)
_SET_FREE_AT = bind_types(
    """
INSERT INTO rate_limit (workspace_id, channel_id, free_at) VALUES (:workspace_id, :channel_id, :free_at)
ON CONFLICT (workspace_id, channel_id) DO UPDATE SET free_at = excluded.free_at
""",
    free_at=_FREE_AT,
)


def lock_workspaces(session: Session, workspace_ids: Sequence[str], now: datetime) -> list[str]:
    """Lock those workspaces that can be posted to and that no other transaction has locked. Return them in order."""
    session.execute(_INSERT_MISSING, [{"workspace_id": id_, "now": now} for id_ in sorted(workspace_ids)])
    locked = {row[0] for row in session.execute(_LOCK, {"workspaces": workspace_ids, "now": now})}
    return [id_ for id_ in workspace_ids if id_ in locked]


def record_posts(session: Session, channels: Mapping[str, Collection[str]], now: datetime) -> None:
    """Store when channels and workspaces are free again after one message to each channel, given by workspace."""
    rows = [
        {"workspace_id": workspace_id, "channel_id": channel_id, "free_at": free_at}
        for workspace_id, channel_ids in channels.items()
        for channel_id, free_at in (
            (_WHOLE_WORKSPACE, now + WORKSPACE_INTERVAL * len(channel_ids)),
            *((channel_id, now + CHANNEL_INTERVAL) for channel_id in channel_ids),
        )
    ]
    session.execute(_SET_FREE_AT, rows)


def record_rate_limit(
    session: Session, workspace_id: str, channel_id: str, now: datetime, wait: timedelta, memory: timedelta
) -> None:
    """Store that Slack answered with a rate limit: the channel is free again after `wait`.

    If another limit in the workspace was recorded within `memory`, the whole workspace waits.
    """
    query = select(RateLimitRow.limited_at).filter_by(workspace_id=workspace_id, channel_id=_WHOLE_WORKSPACE)
    limited_at = session.exec(query.with_for_update()).first()
    _save(session, workspace_id, channel_id, now + wait)
    is_repeated = limited_at is not None and now - limited_at <= memory
    _save(session, workspace_id, _WHOLE_WORKSPACE, now + wait if is_repeated else None, limited_at=now)


def get_next_free_time(session: Session, now: datetime) -> datetime | None:
    """Return when the next channel or workspace is free again, or None if all are. Covers all workspaces."""
    return session.exec(select(sa.func.min(col(RateLimitRow.free_at))).where(col(RateLimitRow.free_at) > now)).one()


def delete_expired_rate_limits(session: Session, cutoff: datetime) -> int:
    """Delete the rows that were free before the cutoff. Return their number. Covers all workspaces."""
    deletion = sa.delete(RateLimitRow).where(col(RateLimitRow.free_at) < cutoff)
    return len(session.execute(deletion.returning(col(RateLimitRow.channel_id))).all())


def _save(
    session: Session,
    workspace_id: str,
    channel_id: str,
    free_at: datetime | None,
    *,
    limited_at: datetime | None = None,
) -> None:
    """Store the values that are not None. A new row without `free_at` is free at once."""
    values = {"free_at": free_at, "limited_at": limited_at}
    updated = {name: value for name, value in values.items() if value is not None}
    key = {"workspace_id": workspace_id, "channel_id": channel_id}
    insert = insert_into(session, RateLimitRow).values({**key, "free_at": limited_at, **updated})
    session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=updated))
