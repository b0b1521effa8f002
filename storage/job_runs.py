"""When the jobs that run less often than the tick last ran, so that only one of several processes runs each."""

from datetime import datetime, timedelta

from sqlmodel import Session, col

from storage.database import insert_into
from storage.tables import JobRunRow


def claim(session: Session, name: str, now: datetime, interval: timedelta) -> bool:
    """Claim the job's next run. Return False if the interval has not passed since the last run."""
    statement = insert_into(session, JobRunRow).values(name=name, ran_at=now)
    result = session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"ran_at": now}, where=col(JobRunRow.ran_at) <= now - interval
        ).returning(col(JobRunRow.name))
    )
    return result.first() is not None


def is_due(session: Session, name: str, now: datetime, interval: timedelta) -> bool:
    """Return True if the job never ran, or the interval has passed since it last ran."""
    row = session.get(JobRunRow, name)
    return row is None or now - row.ran_at >= interval
