"""How fast may be posted: from when on a channel, and its whole workspace, may be posted to again.

Kept in the database, so that all processes together keep to it. The lock on a workspace's row is what shares the
work: whoever holds it takes the workspace's next messages, others skip it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.outbox.statements import bind_types
from storage.tables import RateLimitRow, get_table

CHANNEL_INTERVAL = timedelta(seconds=1)
"""Between two messages to one channel, by Slack's rule."""

WORKSPACE_INTERVAL = timedelta(seconds=60 / 295)
"""Between two messages to one workspace in the long run: Slack names "several hundred" a minute; 300 are assumed."""

BURST = 5
"""Messages to one workspace at once, so that never more than 300 go out in a minute."""

_WHOLE = ""
"""The channel of a workspace's own row."""


_PACES = get_table(RateLimitRow)
_FREE_AT = _PACES.c.free_at.type

_ENTER = bind_types(
    """
INSERT INTO pace (workspace_id, channel_id, free_at) VALUES (:workspace_id, '', :now)
ON CONFLICT (workspace_id, channel_id) DO NOTHING
""",
    now=_FREE_AT,
)
_HOLD = (
    sa.select(_PACES.c.workspace_id)
    .where(_PACES.c.workspace_id.in_(sa.bindparam("workspaces", expanding=True)), _PACES.c.channel_id == _WHOLE)
    .where(_PACES.c.free_at <= sa.bindparam("now"))
    .with_for_update(skip_locked=True)
)
_TOOK = bind_types(
    """
INSERT INTO pace (workspace_id, channel_id, free_at) VALUES (:workspace_id, :channel_id, :free_at)
ON CONFLICT (workspace_id, channel_id) DO UPDATE SET free_at = excluded.free_at
""",
    free_at=_FREE_AT,
)


def lock_workspaces(session: Session, workspace_ids: Sequence[str], now: datetime) -> list[str]:
    """Those whose turn it is and that this transaction now holds, in order; not those that another one holds."""
    session.execute(_ENTER, [{"workspace_id": one, "now": now} for one in sorted(workspace_ids)])
    held = {row[0] for row in session.execute(_HOLD, {"workspaces": workspace_ids, "now": now})}
    return [one for one in workspace_ids if one in held]


def record_posts(session: Session, chosen: Mapping[str, Collection[str]], now: datetime) -> None:
    """Notes that a message goes to each of the channels, by their workspaces."""
    paces = [
        {"workspace_id": workspace_id, "channel_id": channel_id, "free_at": free_at}
        for workspace_id, channel_ids in chosen.items()
        for channel_id, free_at in (
            (_WHOLE, now + WORKSPACE_INTERVAL * len(channel_ids)),
            *((one, now + CHANNEL_INTERVAL) for one in channel_ids),
        )
    ]
    session.execute(_TOOK, paces)


def record_rate_limit(
    session: Session, workspace_id: str, channel_id: str, now: datetime, wait: timedelta, memory: timedelta
) -> None:
    """Slack said it was too much: the channel waits, and the whole workspace where it had said so lately already."""
    query = select(RateLimitRow.limited_at).where(*_is(workspace_id, _WHOLE))
    before = session.exec(query.with_for_update()).first()
    _set(session, workspace_id, channel_id, now + wait)
    again = before is not None and now - before <= memory
    _set(session, workspace_id, _WHOLE, now + wait if again else None, limited_at=now)


def get_next_free_time(session: Session, now: datetime) -> datetime | None:
    """When the next channel or workspace is free again that is not free now; any workspace's."""
    return session.exec(select(sa.func.min(col(RateLimitRow.free_at))).where(col(RateLimitRow.free_at) > now)).one()


def delete_expired_rate_limits(session: Session, cutoff: datetime) -> int:
    """Deletes what was free long ago; any workspace's."""
    done = session.execute(
        sa.delete(RateLimitRow).where(col(RateLimitRow.free_at) < cutoff).returning(col(RateLimitRow.channel_id))
    )
    return len(done.all())


def _set(
    session: Session,
    workspace_id: str,
    channel_id: str,
    free_at: datetime | None,
    *,
    limited_at: datetime | None = None,
) -> None:
    """Writes what is given, and leaves the rest as it was."""
    changing = {"free_at": free_at, "limited_at": limited_at}
    given = {name: value for name, value in changing.items() if value is not None}
    session.execute(
        insert_into(session, RateLimitRow)
        .values(workspace_id=workspace_id, channel_id=channel_id, **{"free_at": limited_at, **given})
        .on_conflict_do_update(index_elements=["workspace_id", "channel_id"], set_=given)
    )


def _is(workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(RateLimitRow.workspace_id) == workspace_id, col(RateLimitRow.channel_id) == channel_id
