"""Schedules that channels share, and how far each has been planned."""

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, col, select

from storage.database import Database, insert_into
from storage.facts import Schedule
from storage.tables import NEVER, ScheduleRow


class DueSchedule(Struct, frozen=True):
    """A schedule in which a rung may have been reached since it was planned."""

    schedule_id: int
    schedule: Schedule
    planned_through: datetime


_INSTANT = ScheduleRow.__table__.c.next_plan_at.type  # type: ignore[attr-defined] # SQLModel does not declare __table__

_ANY_DUE = sa.text(
    """
SELECT 1 FROM schedule WHERE next_plan_at <= :now
 UNION ALL
SELECT 1 FROM schedule WHERE planned_through > :now
 LIMIT 1
"""
).bindparams(sa.bindparam("now", type_=_INSTANT))


def ensure_id(session: Session, schedule: Schedule, now: datetime) -> int:
    """The id of the schedule; one that is new is to be planned at once, for what comes after now."""
    key = ScheduleRow.build_key(schedule)
    session.execute(
        insert_into(session, ScheduleRow)
        .values(**key, planned_through=now, next_plan_at=now)
        .on_conflict_do_nothing(index_elements=list(key))
    )
    found = session.exec(select(ScheduleRow.id).filter_by(**key)).one()
    if found is None:
        raise LookupError("a schedule without an id")
    return found


def find_planned_through(session: Session, schedule: Schedule) -> datetime | None:
    """How far the schedule is planned; None where no channel ever had it."""
    return session.exec(select(ScheduleRow.planned_through).filter_by(**ScheduleRow.build_key(schedule))).one_or_none()


def has_due(database: Database, now: datetime) -> bool:
    """Whether there is a schedule to be planned."""
    return bool(database.fetch(_ANY_DUE, {"now": now}))


def list_due(session: Session, now: datetime) -> tuple[DueSchedule, ...]:
    """Schedules to be planned: their next moment has come, or the clock went back behind the last planning."""
    waiting = sa.or_(col(ScheduleRow.next_plan_at) <= now, col(ScheduleRow.planned_through) > now)
    rows = session.exec(select(ScheduleRow).where(waiting).order_by(col(ScheduleRow.id))).all()
    return tuple(DueSchedule(row.id or 0, row.to_fact(), row.planned_through) for row in rows)


def lock_due(session: Session, schedule_id: int, now: datetime) -> DueSchedule | None:
    """The schedule held for planning by this transaction; None where it is not due or another one holds it."""
    waiting = sa.or_(col(ScheduleRow.next_plan_at) <= now, col(ScheduleRow.planned_through) > now)
    query = select(ScheduleRow).where(col(ScheduleRow.id) == schedule_id, waiting)
    row = session.exec(query.with_for_update(skip_locked=True)).one_or_none()
    return DueSchedule(schedule_id, row.to_fact(), row.planned_through) if row is not None else None


def update_planned(
    session: Session, schedule_id: int, planned_through: datetime, next_plan_at: datetime | None
) -> None:
    """Notes how far the schedule is planned and when it is to be planned again; never where nothing is ahead."""
    session.execute(
        sa.update(ScheduleRow)
        .where(col(ScheduleRow.id) == schedule_id)
        .values(planned_through=planned_through, next_plan_at=next_plan_at or NEVER)
    )


def mark_due(session: Session, schedule_id: int, now: datetime) -> None:
    """Has the schedule planned again: what its channels want has changed."""
    session.execute(sa.update(ScheduleRow).where(col(ScheduleRow.id) == schedule_id).values(next_plan_at=now))


def mark_all_due(session: Session, now: datetime) -> None:
    """Has every schedule planned again, for what comes after now: the catalogue changed.

    Where no moment came since a schedule was planned, it is as good as planned until now; rungs of new dates whose
    moment lies before that are behind.
    """
    waited = col(ScheduleRow.next_plan_at) > now
    through = sa.case((waited, now), else_=col(ScheduleRow.planned_through))
    session.execute(sa.update(ScheduleRow).values(planned_through=through, next_plan_at=now))
