"""Reminders on their way: planned, claimed under a lease, settled behind a fence.

The statements are the same on both databases, but for PostgreSQL's SKIP LOCKED. States stand in them as literals,
or SQLite would not use the partial index; instants are bound with their column's type, or equal ones would differ.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import OutboxEntry, OutboxState, Planned, Rung
from storage.tables import ACTIVE, OutboxRow

_TABLE: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined] # SQLModel does not declare __table__
_INSTANT = _TABLE.c.due_at.type
_DAY = _TABLE.c.due_on.type

_NEW = """
INSERT INTO outbox (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind,
                    due_on, due_at, next_try_at, state, attempt, message_ts, error)
SELECT DISTINCT s.workspace_id, s.channel_id, :product, :version, :milestone, :date, :rung, 'reminder',
       :due_on, :due_at, :due_at, 'pending', 0, '', ''
  FROM subscription s JOIN channel c ON c.workspace_id = s.workspace_id AND c.channel_id = s.channel_id
 WHERE s.product = :product AND s.target IN (:version, :framework, 'all') AND s.created_at <= :due_at AND {where}
 ORDER BY s.workspace_id, s.channel_id
    ON CONFLICT (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind)
    DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at
 WHERE outbox.state = 'superseded'
"""

_NEARER = f"""
UPDATE outbox SET state = 'superseded', owner = NULL, lease_until = NULL
 WHERE {ACTIVE} AND state = 'pending' AND product = :product AND version = :version
   AND milestone = :milestone AND milestone_date = :date AND rung > :rung
   AND EXISTS (SELECT 1 FROM outbox nearer
                WHERE nearer.workspace_id = outbox.workspace_id AND nearer.channel_id = outbox.channel_id
                  AND nearer.product = :product AND nearer.version = :version AND nearer.milestone = :milestone
                  AND nearer.milestone_date = :date AND nearer.rung = :rung AND nearer.kind = 'reminder')
"""  # noqa: S608 - a constant of ours

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


def _typed(text: str, **types: sa.types.TypeEngine[Any]) -> sa.TextClause:
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=kind) for name, kind in types.items()))


def _planning(where: str) -> sa.TextClause:
    """Every value with its type: PostgreSQL can't tell the type of a value in a SELECT."""
    return _typed(
        _NEW.format(where=where),
        product=sa.String(),
        version=sa.String(),
        framework=sa.String(),
        milestone=sa.String(),
        rung=sa.Integer(),
        date=_DAY,
        due_on=_DAY,
        due_at=_INSTANT,
    )


_PLAN = _planning("c.schedule_id = :schedule_id")
_PLAN_CHANNEL = _planning("s.workspace_id = :workspace_id AND s.channel_id = :channel_id")
_SUPERSEDE_FARTHER = _typed(_NEARER, date=_DAY)
_LOCKS = {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"}
_TAKE = {name: _typed(_CLAIM.format(lock=lock), now=_INSTANT, until=_INSTANT) for name, lock in _LOCKS.items()}
_TAKE_REST = {name: _typed(_TOP_UP.format(lock=lock), now=_INSTANT, until=_INSTANT) for name, lock in _LOCKS.items()}
_NEXT_TRY = sa.text(
    f"SELECT next_try_at FROM outbox WHERE {ACTIVE} ORDER BY next_try_at LIMIT 1"  # noqa: S608 - a constant of ours
).columns(_TABLE.c.next_try_at)
_RELEASE = _typed(_SETTLE, next=_INSTANT, sent_at=_INSTANT, unsure=_INSTANT)


def plan(session: Session, schedule_id: int, rung: Rung) -> Planned:
    """Writes the rung for every channel of the schedule that watched the version at its moment; idempotent.

    A superseded reminder comes back; rungs farther from the milestone that still wait are superseded.
    """
    return _plan(session, _PLAN, rung, schedule_id=schedule_id)


def plan_channel(session: Session, workspace_id: str, channel_id: str, rung: Rung) -> Planned:
    """The same for one channel."""
    return _plan(session, _PLAN_CHANNEL, rung, workspace_id=workspace_id, channel_id=channel_id)


def _plan(session: Session, statement: sa.TextClause, rung: Rung, **where: object) -> Planned:
    same: dict[str, object] = {
        "product": rung.product,
        "version": rung.version,
        "milestone": rung.milestone.value,
        "date": rung.milestone_date,
        "rung": rung.rung,
    }
    more = {"framework": rung.framework, "due_on": rung.due_on, "due_at": rung.due_at}
    written = _count(session, statement, {**same, **more, **where})
    superseded = _count(session, _SUPERSEDE_FARTHER, same) if written else 0
    return Planned(written, superseded)


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


def supersede(session: Session, workspace_id: str, channel_id: str, product: str, versions: Sequence[str]) -> int:
    """Drops the channel's waiting reminders of versions that it watches no longer."""
    done = session.execute(
        sa.update(OutboxRow)
        .where(*_in_channel(workspace_id, channel_id), col(OutboxRow.state) == OutboxState.PENDING.value)
        .where(col(OutboxRow.product) == product, col(OutboxRow.version).in_(versions))
        .values(state=OutboxState.SUPERSEDED.value)
        .returning(col(OutboxRow.id))
    )
    return len(done.all())


def last_sent(session: Session, workspace_id: str, channel_id: str) -> dict[str, datetime]:
    """When the channel last got a reminder, by version."""
    query = (
        select(OutboxRow.version, sa.func.max(col(OutboxRow.sent_at)))
        .where(*_in_channel(workspace_id, channel_id), col(OutboxRow.state) == OutboxState.SENT.value)
        .group_by(col(OutboxRow.version))
    )
    return {version: sent_at for version, sent_at in session.exec(query) if sent_at is not None}


def sent_between(
    session: Session, workspace_id: str, channel_id: str, start: datetime, end: datetime
) -> tuple[OutboxEntry, ...]:
    """What the channel was sent from the start to the end, which is not included."""
    query = (
        select(OutboxRow)
        .where(*_in_channel(workspace_id, channel_id), col(OutboxRow.state) == OutboxState.SENT.value)
        .where(col(OutboxRow.sent_at) >= start, col(OutboxRow.sent_at) < end)
    )
    return tuple(row.fact() for row in session.exec(query))


def entries(session: Session, workspace_id: str, channel_id: str) -> tuple[OutboxEntry, ...]:
    """Everything the outbox holds for the channel, oldest first."""
    query = select(OutboxRow).where(*_in_channel(workspace_id, channel_id)).order_by(col(OutboxRow.id))
    return tuple(row.fact() for row in session.exec(query))


def counts(session: Session) -> dict[OutboxState, int]:
    """How many reminders are in each state, over all workspaces."""
    query = select(OutboxRow.state, sa.func.count()).group_by(col(OutboxRow.state))
    return {OutboxState(state): count for state, count in session.exec(query)}


def _in_channel(workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(OutboxRow.workspace_id) == workspace_id, col(OutboxRow.channel_id) == channel_id


def _dialect(session: Session) -> str:
    return str(session.get_bind().dialect.name)


def _count(session: Session, statement: sa.TextClause, parameters: dict[str, object]) -> int:
    done = session.execute(statement, parameters)
    return int(done.rowcount)  # type: ignore[attr-defined] # rows changed; typed for SELECTs only
