"""Schedules that channels share, and the planning progress of each."""

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, col, select

from storage.database import Database, insert_into
from storage.facts import Schedule
from storage.tables import NEVER, ScheduleRow, get_table


class DueSchedule(Struct, frozen=True):
    """A schedule that might have reached a rung since it was last planned."""

    schedule_id: int
    schedule: Schedule
    planned_through: datetime


_HAS_DUE = sa.text(
    """
SELECT 1 FROM schedule WHERE next_plan_at <= :now
 UNION ALL
SELECT 1 FROM schedule WHERE planned_through > :now
 LIMIT 1
"""
).bindparams(sa.bindparam("now", type_=get_table(ScheduleRow).c.next_plan_at.type))


def ensure_id(session: Session, schedule: Schedule, now: datetime) -> int:
    """Return the id of the schedule, storing it if it is new. A new schedule is due at once, for rungs after `now`."""
    key = ScheduleRow.encode(schedule)
    insert = insert_into(session, ScheduleRow).values(**key, planned_through=now, next_plan_at=now)
    session.execute(insert.on_conflict_do_nothing(index_elements=list(key)))
    schedule_id = session.exec(select(ScheduleRow.id).filter_by(**key)).one()
    if schedule_id is None:
        raise LookupError("the database returned a schedule without an id")
    return schedule_id


def find_planned_through(session: Session, schedule: Schedule) -> datetime | None:
    """Return the time through which the schedule is planned, or None if it is not stored."""
    return session.exec(select(ScheduleRow.planned_through).filter_by(**ScheduleRow.encode(schedule))).one_or_none()


def has_due(database: Database, now: datetime) -> bool:
    """Return True if any schedule is due for planning."""
    return bool(database.fetch(_HAS_DUE, {"now": now}))


def list_due(session: Session, now: datetime) -> tuple[DueSchedule, ...]:
    """Return the schedules due for planning: their time has come, or the clock was set back since the last planning."""
    rows = session.exec(select(ScheduleRow).where(_is_due(now)).order_by(col(ScheduleRow.id))).all()
    return tuple(DueSchedule(row.id or 0, row.to_fact(), row.planned_through) for row in rows)


def lock_due(session: Session, schedule_id: int, now: datetime) -> DueSchedule | None:
    """Lock the schedule for planning in this transaction. Return None if it is not due or another process has it."""
    query = select(ScheduleRow).where(col(ScheduleRow.id) == schedule_id, _is_due(now))
    row = session.exec(query.with_for_update(skip_locked=True)).one_or_none()
    return DueSchedule(schedule_id, row.to_fact(), row.planned_through) if row is not None else None


def update_planned(
    session: Session, schedule_id: int, planned_through: datetime, next_plan_at: datetime | None
) -> None:
    """Store the planning progress. `next_plan_at` is None if no rung is ahead."""
    update = sa.update(ScheduleRow).where(col(ScheduleRow.id) == schedule_id)
    session.execute(update.values(planned_through=planned_through, next_plan_at=next_plan_at or NEVER))


def mark_due(session: Session, schedule_id: int, now: datetime) -> None:
    """Make the schedule due for planning, because settings of its channels changed."""
    session.execute(sa.update(ScheduleRow).where(col(ScheduleRow.id) == schedule_id).values(next_plan_at=now))


def mark_all_due(session: Session, now: datetime) -> None:
    """Make every schedule due for planning, because the catalogue changed.

    A schedule that was not yet due counts as planned through `now`, so a new date brings no rungs of the past.
    """
    is_ahead = col(ScheduleRow.next_plan_at) > now
    planned_through = sa.case((is_ahead, now), else_=col(ScheduleRow.planned_through))
    session.execute(sa.update(ScheduleRow).values(planned_through=planned_through, next_plan_at=now))


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(ScheduleRow.next_plan_at) <= now, col(ScheduleRow.planned_through) > now)
