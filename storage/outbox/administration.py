"""What the operator does with the outbox: look, retry, drop, prune; over all workspaces."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import MessageKind, OutboxEntry, OutboxState
from storage.tables import OutboxRow

PRUNE_BATCH = 500
"""Rows of one small transaction."""

_OPEN = (OutboxState.DEAD.value, OutboxState.AMBIGUOUS.value, OutboxState.HELD.value)


def list_by_state(
    session: Session, states: Sequence[OutboxState], limit: int
) -> tuple[tuple[OutboxEntry, datetime], ...]:
    """Entries in the states with when each is tried next, the soonest first."""
    query = (
        select(OutboxRow)
        .where(col(OutboxRow.state).in_([state.value for state in states]))
        .order_by(col(OutboxRow.next_try_at), col(OutboxRow.id))
        .limit(limit)
    )
    return tuple((row.to_fact(), row.next_try_at) for row in session.exec(query))


def find(session: Session, entry_id: int) -> OutboxEntry | None:
    """The entry of that number."""
    row = session.get(OutboxRow, entry_id)
    return row.to_fact() if row is not None else None


def retry(session: Session, entry_id: int, now: datetime) -> bool:
    """Has an entry that is dead, held or unsure sent at the next tick, without asking Slack whether it has it."""
    return _change(session, entry_id, _OPEN, state=OutboxState.PENDING.value, next_try_at=now, attempt=0)


def drop(session: Session, entry_id: int) -> bool:
    """Gives an entry up that is not sent and not being sent."""
    return _change(session, entry_id, (*_OPEN, OutboxState.PENDING.value), state=OutboxState.SUPERSEDED.value)


def prune(session: Session, cutoff: date, after_id: int) -> int | None:
    """Deletes some rows that guard nothing any more: their milestone date lies before the day.

    Gives the number to go on after; None where there are no more. Whatever is still on its way stays, and so do
    introductions: a channel gets one in its life.
    """
    done = (OutboxState.SENT.value, OutboxState.SUPERSEDED.value, OutboxState.DEAD.value)
    query = (
        select(OutboxRow.id)
        .where(col(OutboxRow.id) > after_id, col(OutboxRow.milestone_date) < cutoff, col(OutboxRow.state).in_(done))
        .where(col(OutboxRow.kind) != MessageKind.INTRODUCTION.value)
        .order_by(col(OutboxRow.id))
        .limit(PRUNE_BATCH)
    )
    ids = [entry_id for entry_id in session.exec(query) if entry_id is not None]
    session.execute(sa.delete(OutboxRow).where(col(OutboxRow.id).in_(ids)))
    return ids[-1] if ids else None


def _change(session: Session, entry_id: int, states: Sequence[str], **values: object) -> bool:
    done = session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.id) == entry_id, col(OutboxRow.state).in_(states))
        .values(**values, unsure_since=None, looks=0)
        .returning(col(OutboxRow.id))
    )
    return done.first() is not None
