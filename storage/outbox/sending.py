"""Reminders taken under a lease and settled behind a fence; PostgreSQL adds SKIP LOCKED, the one difference."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import OutboxEntry, OutboxState
from storage.outbox.statements import INSTANT, TABLE, typed
from storage.tables import ACTIVE, OutboxRow

_CLAIM = f"""
WITH picked AS MATERIALIZED (
  SELECT id FROM outbox WHERE {ACTIVE} AND next_try_at <= :now AND (state <> 'sending' OR lease_until < :now)
   ORDER BY next_try_at, id LIMIT :most {{lock}})
UPDATE outbox
   SET unsure_since = CASE WHEN state IN ('sending', 'ambiguous') THEN coalesce(unsure_since, :now) END,
       state = 'sending', attempt = attempt + 1, owner = :owner, lease_until = :until, next_try_at = :until
 WHERE id IN (SELECT id FROM picked)
RETURNING id
"""  # noqa: S608 - the same

_TOP_UP = f"""
WITH picked AS MATERIALIZED (
  SELECT o.id FROM outbox o WHERE o.state IN ('pending', 'sending', 'ambiguous') AND o.next_try_at <= :now
     AND (o.state <> 'sending' OR o.lease_until < :now)
     AND EXISTS (SELECT 1 FROM outbox mine WHERE {ACTIVE.replace("state", "mine.state")} AND mine.owner = :owner
                    AND mine.lease_until = :until AND mine.workspace_id = o.workspace_id
                    AND mine.channel_id = o.channel_id)
   ORDER BY o.next_try_at, o.id {{lock}})
UPDATE outbox
   SET unsure_since = CASE WHEN state IN ('sending', 'ambiguous') THEN coalesce(unsure_since, :now) END,
       state = 'sending', attempt = attempt + 1, owner = :owner, lease_until = :until, next_try_at = :until
 WHERE id IN (SELECT id FROM picked)
RETURNING id
"""  # noqa: S608 - the same

_SETTLE = """
UPDATE outbox SET state = :state, message_ts = :ts, sent_at = :sent_at, error = :error, next_try_at = :next,
                  unsure_since = :unsure, owner = NULL, lease_until = NULL
 WHERE id = :id AND state = 'sending' AND owner = :owner AND attempt = :attempt
RETURNING id
"""

_LOCKS = {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"}
_TAKE = {name: typed(_CLAIM.format(lock=lock), now=INSTANT, until=INSTANT) for name, lock in _LOCKS.items()}
_TAKE_REST = {name: typed(_TOP_UP.format(lock=lock), now=INSTANT, until=INSTANT) for name, lock in _LOCKS.items()}
_NEXT_TRY = sa.text(
    f"SELECT next_try_at FROM outbox WHERE {ACTIVE} ORDER BY next_try_at LIMIT 1"  # noqa: S608 - a constant of ours
).columns(TABLE.c.next_try_at)
_RELEASE = typed(_SETTLE, next=INSTANT, sent_at=INSTANT, unsure=INSTANT)


def claim(session: Session, now: datetime, owner: str, until: datetime, limit: int = 50) -> tuple[OutboxEntry, ...]:
    """Takes due reminders under a lease, with all that is due in the same channels, so that a message is whole.

    Ordered by workspace, channel and moment. Those of a lease that ran out come back as unsure.
    """
    parameters = {"now": now, "owner": owner, "until": until}
    dialect = _dialect(session)
    ids = [row[0] for row in session.execute(_TAKE[dialect], {**parameters, "most": limit})]
    if not ids:
        return ()
    ids += [row[0] for row in session.execute(_TAKE_REST[dialect], parameters)]
    rows = session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(ids))).all()
    ordered = sorted(rows, key=lambda row: (row.workspace_id, row.channel_id, row.due_at, row.id or 0))
    _give_delivery_ids(ordered)
    session.flush()
    return tuple(row.fact() for row in ordered)


def _give_delivery_ids(rows: Sequence[OutboxRow]) -> None:
    """One random key for what a channel gets in one message; a key once given is kept."""
    given: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.delivery_id is None:
            row.delivery_id = given.setdefault((row.workspace_id, row.channel_id), uuid.uuid4().hex)


def settle(
    session: Session,
    entry: OutboxEntry,
    *,
    state: OutboxState,
    now: datetime,
    message_ts: str = "",
    error: str = "",
    next_try_at: datetime | None = None,
) -> bool:
    """Ends a claim; False where it was no longer ours, because the lease ran out and another took it."""
    unsure = (entry.unsure_since or now) if state is OutboxState.AMBIGUOUS else None
    done = session.execute(
        _RELEASE,
        {
            "state": state.value,
            "ts": message_ts or entry.message_ts,
            "sent_at": now if state is OutboxState.SENT else entry.sent_at,
            "error": "".join(c if c.isprintable() else " " for c in error[:200]),
            "next": next_try_at or now,
            "unsure": unsure,
            "id": entry.entry_id,
            "owner": entry.owner,
            "attempt": entry.attempt,
        },
    )
    return done.first() is not None


def next_try(session: Session) -> datetime | None:
    """When the next reminder on its way is to be tried; None while none is."""
    found: datetime | None = session.execute(_NEXT_TRY).scalar()
    return found


def _dialect(session: Session) -> str:
    return str(session.get_bind().dialect.name)
