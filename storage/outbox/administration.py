"""Administration of the outbox by the operator, over all workspaces: list, retry, drop and prune entries."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import MessageKind, OutboxEntry, OutboxState
from storage.tables import OutboxRow

PRUNE_BATCH = 500
"""Rows deleted in one transaction."""

_STUCK = (OutboxState.DEAD.value, OutboxState.AMBIGUOUS.value, OutboxState.HELD.value)
_FINAL = (OutboxState.SENT.value, OutboxState.SUPERSEDED.value, OutboxState.DEAD.value)


def list_by_state(
    session: Session, states: Sequence[OutboxState], limit: int
) -> tuple[tuple[OutboxEntry, datetime], ...]:
    """Return the entries in these states with the time of their next attempt, soonest first."""
    query = (
        select(OutboxRow)
        .where(col(OutboxRow.state).in_([state.value for state in states]))
        .order_by(col(OutboxRow.next_try_at), col(OutboxRow.id))
        .limit(limit)
    )
    return tuple((row.to_fact(), row.next_try_at) for row in session.exec(query))


def find(session: Session, entry_id: int) -> OutboxEntry | None:
    """Return the entry, or None if there is no such id."""
    row = session.get(OutboxRow, entry_id)
    return row.to_fact() if row is not None else None


def retry(session: Session, entry_id: int, now: datetime) -> bool:
    """Make a dead, held or ambiguous entry due at the next tick. Return False if it is in another state.

    It is posted without searching Slack for an earlier attempt.
    """
    return _update(session, entry_id, _STUCK, state=OutboxState.PENDING.value, next_try_at=now, attempt=0)


def drop(session: Session, entry_id: int) -> bool:
    """Supersede an entry that is neither sent nor being sent. Return False if it is in another state."""
    return _update(session, entry_id, (*_STUCK, OutboxState.PENDING.value), state=OutboxState.SUPERSEDED.value)


def prune(session: Session, cutoff: date, after_id: int) -> int | None:
    """Delete a batch of finished entries whose milestone date is before the cutoff.

    Return the id to pass as `after_id` for the next batch, or None after the last one. Unfinished entries are kept. So
    are introductions, because a channel gets only one, ever.
    """
    query = (
        select(OutboxRow.id)
        .where(col(OutboxRow.id) > after_id, col(OutboxRow.milestone_date) < cutoff, col(OutboxRow.state).in_(_FINAL))
        .where(col(OutboxRow.kind) != MessageKind.INTRODUCTION.value)
        .order_by(col(OutboxRow.id))
        .limit(PRUNE_BATCH)
    )
    ids = [entry_id for entry_id in session.exec(query) if entry_id is not None]
    session.execute(sa.delete(OutboxRow).where(col(OutboxRow.id).in_(ids)))
    return ids[-1] if ids else None


def _update(session: Session, entry_id: int, states: Sequence[str], **values: object) -> bool:
    update = sa.update(OutboxRow).where(col(OutboxRow.id) == entry_id, col(OutboxRow.state).in_(states))
    updated = update.values(**values, ambiguous_since=None, lookups=0).returning(col(OutboxRow.id))
    return session.execute(updated).first() is not None
