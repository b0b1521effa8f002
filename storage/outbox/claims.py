"""Claims of due messages under a lease: workspaces take turns, and a channel's due messages are claimed together."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from math import ceil
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.database import Database
from storage.facts import REDRAW_KINDS, OutboxEntry
from storage.outbox import rate_limits
from storage.outbox.statements import INSTANT, TABLE, bind_types
from storage.tables import ACTIVE, OutboxRow

_HAS_DUE = bind_types(f"SELECT 1 FROM outbox WHERE {ACTIVE} AND next_try_at <= :now LIMIT 1", now=INSTANT)  # noqa: S608 - built from constants

_O_ACTIVE = ACTIVE.replace("state", "o.state")

_LIST_WAITING_WORKSPACES = bind_types(
    f"""
WITH RECURSIVE waiting (workspace_id) AS (
  SELECT min(workspace_id) FROM outbox WHERE {ACTIVE}
   UNION ALL
  SELECT (SELECT min(o.workspace_id) FROM outbox o WHERE {_O_ACTIVE} AND o.workspace_id > waiting.workspace_id)
    FROM waiting WHERE waiting.workspace_id IS NOT NULL)
SELECT waiting.workspace_id
  FROM waiting LEFT JOIN rate_limit ON rate_limit.workspace_id = waiting.workspace_id AND rate_limit.channel_id = ''
 WHERE waiting.workspace_id IS NOT NULL AND (rate_limit.free_at IS NULL OR rate_limit.free_at <= :now)
   AND EXISTS (SELECT 1 FROM outbox o
                WHERE {_O_ACTIVE} AND o.workspace_id = waiting.workspace_id AND o.next_try_at <= :now)
 ORDER BY rate_limit.free_at IS NOT NULL, rate_limit.free_at, waiting.workspace_id
""",  # noqa: S608 - built from constants
    now=INSTANT,
)

_IS_DUE = f"{_O_ACTIVE} AND o.next_try_at <= :now AND (o.state <> 'sending' OR o.lease_until < :now)"
_IS_DUE_IN_CHANNEL = _IS_DUE.replace("o.next_try_at", "coalesce(o.next_try_at, :now)")
"""`_IS_DUE` without the index on time, which would search all of a workspace for each channel."""

_LIST_LONGEST_WAITING_CHANNELS = f"""
SELECT * FROM (
  SELECT o.workspace_id, o.channel_id, min(o.next_try_at) AS since
    FROM outbox o
    LEFT JOIN rate_limit ON rate_limit.workspace_id = o.workspace_id AND rate_limit.channel_id = o.channel_id
   WHERE {_IS_DUE} AND o.workspace_id = :workspace_{{0}} AND (rate_limit.free_at IS NULL OR rate_limit.free_at <= :now)
   GROUP BY o.workspace_id, o.channel_id ORDER BY since, o.channel_id LIMIT :limit) AS of_{{0}}
"""  # noqa: S608 - built from constants


@cache
def _build_choice(workspace_count: int) -> sa.TextClause:
    """Return the statement that lists the due entries of each workspace's longest waiting channels."""
    channels = "UNION ALL".join(_LIST_LONGEST_WAITING_CHANNELS.format(n) for n in range(workspace_count))
    return bind_types(
        f"""
WITH chosen (workspace_id, channel_id, since) AS ({channels})
SELECT o.workspace_id, o.channel_id, o.id
  FROM chosen JOIN outbox o ON o.workspace_id = chosen.workspace_id AND o.channel_id = chosen.channel_id
 WHERE {_IS_DUE_IN_CHANNEL} ORDER BY chosen.since, o.channel_id
""",  # noqa: S608 - built from constants
        now=INSTANT,
    )


_CLAIM = (
    bind_types(
        f"""
UPDATE outbox
   SET ambiguous_since = CASE WHEN state = 'sending' THEN coalesce(ambiguous_since, claimed_at, :now)
                           WHEN state = 'ambiguous' THEN coalesce(ambiguous_since, :now) END,
       lookups = CASE WHEN state = 'sending' THEN 0 ELSE lookups END,
       state = 'sending', attempt = attempt + 1, owner = :owner, claimed_at = :now, lease_until = :until,
       next_try_at = :until
 WHERE id IN :ids AND {ACTIVE} AND next_try_at <= :now AND (state <> 'sending' OR lease_until < :now)
RETURNING {", ".join(TABLE.c.keys())}
""",  # noqa: S608 - built from constants
        now=INSTANT,
        until=INSTANT,
    )
    .bindparams(sa.bindparam("ids", expanding=True))
    .columns(*TABLE.c)
)

_SET_DELIVERY_ID = sa.text("UPDATE outbox SET delivery_id = :delivery_id WHERE id = :id")

_GET_NEXT_ATTEMPT_TIME = sa.text(
    f"SELECT next_try_at FROM outbox WHERE {ACTIVE} ORDER BY next_try_at LIMIT 1"  # noqa: S608 - built from constants
).columns(TABLE.c.next_try_at)

_GET_NEXT_MESSAGE_TIME = (
    sa.text(
        f"SELECT next_try_at FROM outbox WHERE {ACTIVE} AND kind NOT IN :redraw_kinds ORDER BY next_try_at LIMIT 1"  # noqa: S608 - built from constants
    )
    .columns(TABLE.c.next_try_at)
    .bindparams(sa.bindparam("redraw_kinds", [kind.value for kind in REDRAW_KINDS], expanding=True))
)


_EntryIds = dict[str, dict[str, list[int]]]
"""Ids of entries, by workspace and channel."""


def has_due(database: Database, until: datetime) -> bool:
    """Return True if any entry is due by then. Covers all workspaces."""
    return bool(database.fetch(_HAS_DUE, {"now": until}))


def has_due_in_session(session: Session, now: datetime) -> bool:
    """Return True if any entry is due, as `has_due` does, but within a transaction."""
    return session.execute(_HAS_DUE, {"now": now}).first() is not None


def get_next_attempt_time(session: Session) -> datetime | None:
    """Return when the next unfinished entry is due, or None if there is none. Covers all workspaces."""
    next_try_at: datetime | None = session.execute(_GET_NEXT_ATTEMPT_TIME).scalar()
    return next_try_at


def get_next_message_time(session: Session) -> datetime | None:
    """Return when the next new message is due, leaving out updates of sent messages. Covers all workspaces."""
    next_try_at: datetime | None = session.execute(_GET_NEXT_MESSAGE_TIME).scalar()
    return next_try_at


def claim(
    session: Session,
    now: datetime,
    owner: str,
    lease_until: datetime,
    max_channels: int = 50,
    busy_workspaces: Collection[str] = (),
) -> tuple[OutboxEntry, ...]:
    """Claim due entries under a lease, of the longest waiting channels of each workspace whose turn it is.

    A channel's due entries are claimed together. The result is ordered by workspace, channel and due time. An entry
    whose earlier lease expired is ambiguous since that claim. Busy workspaces are skipped.
    """
    rows = session.execute(_LIST_WAITING_WORKSPACES, {"now": now})
    workspace_ids = iter([row[0] for row in rows if row[0] not in busy_workspaces])
    chosen: _EntryIds = {}
    remaining = max_channels
    while remaining > 0 and (turn := list(islice(workspace_ids, ceil(remaining / rate_limits.BURST)))):
        batch = _choose(session, rate_limits.lock_workspaces(session, turn, now), now, remaining)
        chosen |= batch
        remaining -= sum(map(len, batch.values()))
    if not chosen:
        return ()
    rate_limits.record_posts(session, chosen, now)
    ids = [entry_id for channels in chosen.values() for entry_ids in channels.values() for entry_id in entry_ids]
    claimed: Any = session.execute(_CLAIM, {"ids": ids, "now": now, "owner": owner, "until": lease_until})
    return _assign_delivery_ids(session, sorted(claimed, key=_get_sort_key))


def _choose(session: Session, workspace_ids: Sequence[str], now: datetime, limit: int) -> _EntryIds:
    """Return the due entries of the longest waiting channels of each workspace, up to `limit` channels in all."""
    if not workspace_ids:
        return {}
    due: _EntryIds = {workspace_id: {} for workspace_id in workspace_ids}
    values = {"now": now, "limit": min(limit, rate_limits.BURST)}
    values |= {f"workspace_{n}": workspace_id for n, workspace_id in enumerate(workspace_ids)}
    for workspace_id, channel_id, entry_id in session.execute(_build_choice(len(workspace_ids)), values):
        due[workspace_id].setdefault(channel_id, []).append(entry_id)
    chosen: _EntryIds = {}
    for workspace_id, channels in due.items():
        if limit > 0 and channels:
            chosen[workspace_id] = dict(islice(channels.items(), limit))
            limit -= len(chosen[workspace_id])
    return chosen


def list_due(session: Session, now: datetime) -> tuple[OutboxEntry, ...]:
    """Return all due entries in the order of a claim, without claiming them and regardless of rate limits."""
    query = select(OutboxRow).where(sa.text(ACTIVE), col(OutboxRow.next_try_at) <= now)
    return tuple(row.to_fact() for row in sorted(session.exec(query), key=_get_sort_key))


def _assign_delivery_ids(session: Session, rows: Sequence[Any]) -> tuple[OutboxEntry, ...]:
    """Return the claimed entries with their message's key. The rows are Core's: ORM rows would cost a third more."""
    delivery_ids = _choose_delivery_ids(rows)
    updates = [
        {"id": row.id, "delivery_id": delivery_ids[row.id]} for row in rows if delivery_ids[row.id] != row.delivery_id
    ]
    if updates:
        session.execute(_SET_DELIVERY_ID, updates)
    return tuple(replace(OutboxRow.decode(row), delivery_id=delivery_ids[row.id]) for row in rows)


def _get_sort_key(row: OutboxRow) -> tuple[str, str, datetime, int]:
    return row.workspace_id, row.channel_id, row.due_at, row.id or 0


def _choose_delivery_ids(rows: Sequence[Any]) -> dict[int, str]:
    """Return a new random key for each channel's message. An ambiguous entry keeps its key, as Slack might know it."""
    new: dict[tuple[str, str], str] = {}
    return {
        row.id: new.setdefault((row.workspace_id, row.channel_id), secrets.token_hex(16))
        if row.delivery_id is None or row.ambiguous_since is None
        else row.delivery_id
        for row in rows
    }
