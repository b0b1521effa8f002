"""Which reminders are due, schedule by schedule: policy says which rungs are reached, one statement writes them."""

from collections.abc import Iterator
from datetime import datetime

from bot.policy import lifecycle, reminders
from bot.service.known import Known, KnownVersions
from bot.service.place import days_off
from storage import outbox, schedules
from storage.database import Database
from storage.facts import FrameworkVersion, Planned, Rung, Schedule

PATIENCE = 30.0
"""Seconds a tick waits for a locked database; no person waits for it."""


class Planning:
    """Writes due reminders into the outbox; may run anywhere, at any time, any number of times."""

    def __init__(self, database: Database, known: KnownVersions) -> None:
        self._database = database
        self._known = known

    def plan(self, now: datetime) -> Planned:
        """Plans every schedule in which a rung was reached since it was last planned; costs one query otherwise."""
        with self._database.reading() as session:
            waiting = schedules.due(session, now)
        done = [self._plan_schedule(each.schedule_id, now) for each in waiting]
        return Planned(sum(p.written for p in done), sum(p.superseded for p in done))

    def _plan_schedule(self, schedule_id: int, now: datetime) -> Planned:
        written = superseded = 0
        with self._database.transaction(wait=PATIENCE) as session:
            due = schedules.take(session, schedule_id, now)
            if due is None:  # another process plans it, or has done so
                return Planned()
            known = self._known.read(session)
            for rung in reached(due.schedule, known, after=due.planned_through, now=now):
                planned = outbox.plan(session, schedule_id, rung)
                written += planned.written
                superseded += planned.superseded
            schedules.mark(session, schedule_id, now, next_instant(due.schedule, known, now))
        return Planned(written, superseded)


def reached(schedule: Schedule, known: Known, *, after: datetime | None, now: datetime) -> Iterator[Rung]:
    """The nearest rung of each milestone, where its moment lies after the last planning and not after now."""
    is_day_off = days_off(schedule)
    for version, milestone in _milestones(known):
        found = reminders.reached(now, milestone.day, schedule, is_day_off)
        if found is not None and (after is None or found.due_at > after):
            yield Rung(
                product=version.product,
                framework=version.framework,
                version=version.name,
                milestone=milestone.milestone,
                milestone_date=milestone.day,
                rung=found.rung,
                due_on=found.due_on,
                due_at=found.due_at,
            )


def next_instant(schedule: Schedule, known: Known, now: datetime) -> datetime | None:
    """When the next rung of anything in the catalogue is reached in this schedule; None where all has passed."""
    is_day_off = days_off(schedule)
    ahead = (reminders.upcoming(now, m.day, schedule, is_day_off) for _, m in _milestones(known))
    return min((rung.due_at for rung in ahead if rung is not None), default=None)


def _milestones(known: Known) -> Iterator[tuple[FrameworkVersion, lifecycle.MilestoneDate]]:
    for version in known.versions:
        for milestone in lifecycle.milestones(version):
            yield version, milestone
