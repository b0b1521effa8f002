"""Events received from Slack, so that a repeated delivery has no effect."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.database import insert_into
from storage.tables import SeenEventRow, validate_text


def add(session: Session, event_id: str, now: datetime) -> bool:
    """Store the event. Return False if it was already received."""
    insert = insert_into(session, SeenEventRow).values(event_id=validate_text(event_id), at=now)
    statement = insert.on_conflict_do_nothing(index_elements=["event_id"]).returning(col(SeenEventRow.event_id))
    return session.execute(statement).first() is not None


def delete_before(session: Session, cutoff: datetime) -> int:
    """Delete the events received before the cutoff. Return their number."""
    deletion = sa.delete(SeenEventRow).where(col(SeenEventRow.at) < cutoff)
    return len(session.execute(deletion.returning(col(SeenEventRow.event_id))).all())
