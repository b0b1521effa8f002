"""Reminders taken under a lease, workspace by workspace in turn, with all that is due in a channel."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.database import Database
from storage.facts import REDRAWN, OutboxEntry
from storage.outbox import pacing
from storage.outbox.statements import INSTANT, TABLE, typed
from storage.tables import ACTIVE, OutboxRow

_ANY_DUE = typed(f"SELECT 1 FROM outbox WHERE {ACTIVE} AND next_try_at <= :now LIMIT 1", now=INSTANT)  # noqa: S608 - a constant of ours

_OTHER = ACTIVE.replace("state", "o.state")

_WAITING = typed(
    f"""
WITH RECURSIVE waiting (workspace_id) AS (
  SELECT min(workspace_id) FROM outbox WHERE {ACTIVE}
   UNION ALL
  SELECT (SELECT min(o.workspace_id) FROM outbox o WHERE {_OTHER} AND o.workspace_id > waiting.workspace_id)
    FROM waiting WHERE waiting.workspace_id IS NOT NULL)
SELECT waiting.workspace_id
  FROM waiting LEFT JOIN pace ON pace.workspace_id = waiting.workspace_id AND pace.channel_id = ''
 WHERE waiting.workspace_id IS NOT NULL AND (pace.free_at IS NULL OR pace.free_at <= :now)
   AND EXISTS (SELECT 1 FROM outbox o
                WHERE {_OTHER} AND o.workspace_id = waiting.workspace_id AND o.next_try_at <= :now)
 ORDER BY pace.free_at IS NOT NULL, pace.free_at, waiting.workspace_id
""",  # noqa: S608 - constants of ours
    now=INSTANT,
)

_CHANNELS = typed(
    f"""
SELECT o.channel_id
  FROM outbox o LEFT JOIN pace ON pace.workspace_id = o.workspace_id AND pace.channel_id = o.channel_id
 WHERE {_OTHER} AND o.workspace_id = :workspace_id AND o.next_try_at <= :now
   AND (o.state <> 'sending' OR o.lease_until < :now)
   AND (pace.free_at IS NULL OR pace.free_at <= :now)
 GROUP BY o.channel_id ORDER BY min(o.next_try_at), o.channel_id LIMIT :most
""",  # noqa: S608 - the same
    now=INSTANT,
)

_TAKE = typed(
    f"""
UPDATE outbox
   SET unsure_since = CASE WHEN state = 'sending' THEN coalesce(unsure_since, claimed_at, :now)
                           WHEN state = 'ambiguous' THEN coalesce(unsure_since, :now) END,
       looks = CASE WHEN state = 'sending' THEN 0 ELSE looks END,
       state = 'sending', attempt = attempt + 1, owner = :owner, claimed_at = :now, lease_until = :until,
       next_try_at = :until
 WHERE {ACTIVE} AND workspace_id = :workspace_id AND channel_id IN :channels AND next_try_at <= :now
   AND (state <> 'sending' OR lease_until < :now)
RETURNING id
""",  # noqa: S608 - the same
    now=INSTANT,
    until=INSTANT,
).bindparams(sa.bindparam("channels", expanding=True))

_OF_IDS = sa.select(TABLE).where(TABLE.c.id.in_(sa.bindparam("ids", expanding=True)))
_GIVE = sa.text("UPDATE outbox SET delivery_id = :delivery_id WHERE id = :id")

_NEXT_TRY = sa.text(
    f"SELECT next_try_at FROM outbox WHERE {ACTIVE} ORDER BY next_try_at LIMIT 1"  # noqa: S608 - the same
).columns(TABLE.c.next_try_at)

_NEXT_MESSAGE = (
    sa.text(
        f"SELECT next_try_at FROM outbox WHERE {ACTIVE} AND kind NOT IN :redrawn ORDER BY next_try_at LIMIT 1"  # noqa: S608 - the same
    )
    .columns(TABLE.c.next_try_at)
    .bindparams(sa.bindparam("redrawn", [kind.value for kind in REDRAWN], expanding=True))
)


def waits(database: Database, until: datetime) -> bool:
    """Whether anything is to be tried by then; any workspace's."""
    return bool(database.rows(_ANY_DUE, {"now": until}))


def any_due(session: Session, now: datetime) -> bool:
    """Whether anything is to be tried; any workspace's."""
    return session.execute(_ANY_DUE, {"now": now}).first() is not None


def next_try(session: Session) -> datetime | None:
    """When the next reminder on its way is to be tried; None while none is."""
    found: datetime | None = session.execute(_NEXT_TRY).scalar()
    return found


def next_message(session: Session) -> datetime | None:
    """The same of what brings a message, not of messages that are drawn anew; any workspace's."""
    found: datetime | None = session.execute(_NEXT_MESSAGE).scalar()
    return found


def claim(
    session: Session, now: datetime, owner: str, until: datetime, channels: int = 50, busy: Collection[str] = ()
) -> tuple[OutboxEntry, ...]:
    """Takes what is due under a lease: a few channels of each workspace whose turn it is, up to so many in all.

    All that is due in a channel comes together, ordered by workspace, channel and moment. What an earlier claim left
    when its lease ran out comes back as unsure since that claim. Workspaces that are busy are left alone.
    """
    ids: list[int] = []
    left = channels
    for (workspace_id,) in session.execute(_WAITING, {"now": now}).all():
        if left <= 0:
            break
        if workspace_id in busy or not pacing.hold_turn(session, workspace_id, now):
            continue
        most = min(left, pacing.BURST)
        where = {"workspace_id": workspace_id, "now": now}
        found = [row[0] for row in session.execute(_CHANNELS, {**where, "most": most})]
        if found:
            taking = {**where, "channels": found, "owner": owner, "until": until}
            ids += [row[0] for row in session.execute(_TAKE, taking)]
            pacing.took(session, workspace_id, found, now)
            left -= len(found)
    return _taken(session, ids) if ids else ()


def due(session: Session, now: datetime) -> tuple[OutboxEntry, ...]:
    """What a claim could take, ordered like one; nothing is taken, and no pace is kept."""
    query = select(OutboxRow).where(sa.text(ACTIVE), col(OutboxRow.next_try_at) <= now)
    return tuple(row.fact() for row in sorted(session.exec(query), key=_by_channel))


def _taken(session: Session, ids: Sequence[int]) -> tuple[OutboxEntry, ...]:
    """What was just taken, by Core and not as rows: those would cost a third of a claim."""
    rows: Any = session.execute(_OF_IDS, {"ids": ids})
    ordered = sorted(rows, key=_by_channel)
    keys = _delivery_ids(ordered)
    given = [{"id": row.id, "delivery_id": keys[row.id]} for row in ordered if keys[row.id] != row.delivery_id]
    if given:
        session.execute(_GIVE, given)
    return tuple(replace(OutboxRow.fact(row), delivery_id=keys[row.id]) for row in ordered)


def _by_channel(row: OutboxRow) -> tuple[str, str, datetime, int]:
    return row.workspace_id, row.channel_id, row.due_at, row.id or 0


def _delivery_ids(rows: Sequence[Any]) -> dict[int, str]:
    """One new random key for what a channel gets in one message; what Slack may hold already keeps its key."""
    new: dict[tuple[str, str], str] = {}
    return {
        row.id: new.setdefault((row.workspace_id, row.channel_id), uuid.uuid4().hex)
        if row.delivery_id is None or row.unsure_since is None
        else row.delivery_id
        for row in rows
    }
