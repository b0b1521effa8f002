"""Events that were taken in, so that the same one again has no effect."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.database import insert_into
from storage.tables import SeenEventRow, validate_text


def add(session: Session, event_id: str, now: datetime) -> bool:
    """Whether the event is seen for the first time, which it then no longer is."""
    done = session.execute(
        insert_into(session, SeenEventRow)
        .values(event_id=validate_text(event_id), at=now)
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(col(SeenEventRow.event_id))
    )
    return done.first() is not None


def delete_before(session: Session, cutoff: datetime) -> int:
    """Forgets events from before an instant, and says how many."""
    done = session.execute(
        sa.delete(SeenEventRow).where(col(SeenEventRow.at) < cutoff).returning(col(SeenEventRow.event_id))
    )
    return len(done.all())
