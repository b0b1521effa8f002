"""Reminders taken under a lease, workspace by workspace in turn, with all that is due in a channel."""

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

_ANY_DUE = bind_types(f"SELECT 1 FROM outbox WHERE {ACTIVE} AND next_try_at <= :now LIMIT 1", now=INSTANT)  # noqa: S608 - a constant of ours

_OTHER = ACTIVE.replace("state", "o.state")

_WAITING = bind_types(
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

_DUE = f"{_OTHER} AND o.next_try_at <= :now AND (o.state <> 'sending' OR o.lease_until < :now)"
_DUE_IN_CHANNEL = _DUE.replace("o.next_try_at", "coalesce(o.next_try_at, :now)")
"""The same, found by workspace and channel: by its moment, all of a workspace would be looked through for each."""

_WAITING_LONGEST = f"""
SELECT * FROM (
  SELECT o.workspace_id, o.channel_id, min(o.next_try_at) AS since
    FROM outbox o LEFT JOIN pace ON pace.workspace_id = o.workspace_id AND pace.channel_id = o.channel_id
   WHERE {_DUE} AND o.workspace_id = :workspace_{{0}} AND (pace.free_at IS NULL OR pace.free_at <= :now)
   GROUP BY o.workspace_id, o.channel_id ORDER BY since, o.channel_id LIMIT :most) AS of_{{0}}
"""  # noqa: S608 - the same


@cache
def _choosing(workspaces: int) -> sa.TextClause:
    """The entries of a few channels of each of so many workspaces, those that wait longest."""
    chosen = "UNION ALL".join(_WAITING_LONGEST.format(n) for n in range(workspaces))
    return bind_types(
        f"""
WITH chosen (workspace_id, channel_id, since) AS ({chosen})
SELECT o.workspace_id, o.channel_id, o.id
  FROM chosen JOIN outbox o ON o.workspace_id = chosen.workspace_id AND o.channel_id = chosen.channel_id
 WHERE {_DUE_IN_CHANNEL} ORDER BY chosen.since, o.channel_id
""",  # noqa: S608 - the same
        now=INSTANT,
    )


_TAKE = (
    bind_types(
        f"""
UPDATE outbox
   SET unsure_since = CASE WHEN state = 'sending' THEN coalesce(unsure_since, claimed_at, :now)
                           WHEN state = 'ambiguous' THEN coalesce(unsure_since, :now) END,
       looks = CASE WHEN state = 'sending' THEN 0 ELSE looks END,
       state = 'sending', attempt = attempt + 1, owner = :owner, claimed_at = :now, lease_until = :until,
       next_try_at = :until
 WHERE id IN :ids AND {ACTIVE} AND next_try_at <= :now AND (state <> 'sending' OR lease_until < :now)
RETURNING {", ".join(TABLE.c.keys())}
""",  # noqa: S608 - the same
        now=INSTANT,
        until=INSTANT,
    )
    .bindparams(sa.bindparam("ids", expanding=True))
    .columns(*TABLE.c)
)

_GIVE = sa.text("UPDATE outbox SET delivery_id = :delivery_id WHERE id = :id")

_NEXT_TRY = sa.text(f"SELECT next_try_at FROM outbox WHERE {ACTIVE} ORDER BY next_try_at LIMIT 1").columns(  # noqa: S608 - the same
    TABLE.c.next_try_at
)

_NEXT_MESSAGE = (
    sa.text(f"SELECT next_try_at FROM outbox WHERE {ACTIVE} AND kind NOT IN :redrawn ORDER BY next_try_at LIMIT 1")  # noqa: S608 - the same
    .columns(TABLE.c.next_try_at)
    .bindparams(sa.bindparam("redrawn", [kind.value for kind in REDRAW_KINDS], expanding=True))
)


_Chosen = dict[str, dict[str, list[int]]]
"""The entries of a claim, by workspace and channel."""


def has_due(database: Database, until: datetime) -> bool:
    """Whether anything is to be tried by then; any workspace's."""
    return bool(database.fetch(_ANY_DUE, {"now": until}))


def has_due_in_session(session: Session, now: datetime) -> bool:
    """Whether anything is to be tried; any workspace's."""
    return session.execute(_ANY_DUE, {"now": now}).first() is not None


def get_next_attempt_time(session: Session) -> datetime | None:
    """When the next reminder on its way is to be tried; None while none is."""
    found: datetime | None = session.execute(_NEXT_TRY).scalar()
    return found


def get_next_message_time(session: Session) -> datetime | None:
    """The same of what brings a message, not of messages that are drawn anew; any workspace's."""
    found: datetime | None = session.execute(_NEXT_MESSAGE).scalar()
    return found


def claim(
    session: Session,
    now: datetime,
    owner: str,
    lease_until: datetime,
    max_channels: int = 50,
    busy_workspaces: Collection[str] = (),
) -> tuple[OutboxEntry, ...]:
    """Takes what is due under a lease: a few channels of each workspace whose turn it is, up to so many in all.

    All that is due in a channel comes together, ordered by workspace, channel and moment. What an earlier claim left
    when its lease ran out comes back as unsure since that claim. Workspaces that are busy are left alone.
    """
    waiting = iter([row[0] for row in session.execute(_WAITING, {"now": now}) if row[0] not in busy_workspaces])
    chosen: _Chosen = {}
    left = max_channels
    while left > 0 and (turns := list(islice(waiting, ceil(left / rate_limits.BURST)))):
        found = _choose(session, rate_limits.lock_workspaces(session, turns, now), now, left)
        chosen |= found
        left -= sum(map(len, found.values()))
    if not chosen:
        return ()
    rate_limits.record_posts(session, chosen, now)
    ids = [one for of_channels in chosen.values() for of_channel in of_channels.values() for one in of_channel]
    rows: Any = session.execute(_TAKE, {"ids": ids, "now": now, "owner": owner, "until": lease_until})
    return _with_keys(session, sorted(rows, key=_by_channel))


def _choose(session: Session, turns: Sequence[str], now: datetime, most: int) -> _Chosen:
    """A few channels of each workspace in turn, the ones that have waited longest; so many in all."""
    if not turns:
        return {}
    due: _Chosen = {workspace_id: {} for workspace_id in turns}
    values = {"now": now, "most": min(most, rate_limits.BURST)} | {f"workspace_{n}": one for n, one in enumerate(turns)}
    for workspace_id, channel_id, entry_id in session.execute(_choosing(len(turns)), values):
        due[workspace_id].setdefault(channel_id, []).append(entry_id)
    chosen: _Chosen = {}
    for workspace_id, channels in due.items():
        if most > 0 and channels:
            chosen[workspace_id] = dict(islice(channels.items(), most))
            most -= len(chosen[workspace_id])
    return chosen


def list_due(session: Session, now: datetime) -> tuple[OutboxEntry, ...]:
    """What a claim could take, ordered like one; nothing is taken, and no pace is kept."""
    query = select(OutboxRow).where(sa.text(ACTIVE), col(OutboxRow.next_try_at) <= now)
    return tuple(row.to_fact() for row in sorted(session.exec(query), key=_by_channel))


def _with_keys(session: Session, rows: Sequence[Any]) -> tuple[OutboxEntry, ...]:
    """What was just taken, each with its message's key; rows are Core's: a session's own would cost a third more."""
    keys = _delivery_ids(rows)
    given = [{"id": row.id, "delivery_id": keys[row.id]} for row in rows if keys[row.id] != row.delivery_id]
    if given:
        session.execute(_GIVE, given)
    return tuple(replace(OutboxRow.to_fact(row), delivery_id=keys[row.id]) for row in rows)


def _by_channel(row: OutboxRow) -> tuple[str, str, datetime, int]:
    return row.workspace_id, row.channel_id, row.due_at, row.id or 0


def _delivery_ids(rows: Sequence[Any]) -> dict[int, str]:
    """One new random key for what a channel gets in one message; what Slack may hold already keeps its key."""
    new: dict[tuple[str, str], str] = {}
    return {
        row.id: new.setdefault((row.workspace_id, row.channel_id), secrets.token_hex(16))
        if row.delivery_id is None or row.unsure_since is None
        else row.delivery_id
        for row in rows
    }
