"""When the jobs that run less often than the tick last ran, so that of many processes one runs each."""

from datetime import datetime, timedelta

from sqlmodel import Session, col

from storage.database import insert_into
from storage.tables import JobRunRow


def claim(session: Session, name: str, now: datetime, interval: timedelta) -> bool:
    """Whether the job's time has come; where it has, it counts as run now."""
    statement = insert_into(session, JobRunRow).values(name=name, ran_at=now)
    done = session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"ran_at": now}, where=col(JobRunRow.ran_at) <= now - interval
        ).returning(col(JobRunRow.name))
    )
    return done.first() is not None


def find_last_run(session: Session, name: str) -> datetime | None:
    """When the job last ran."""
    row = session.get(JobRunRow, name)
    return row.ran_at if row is not None else None
