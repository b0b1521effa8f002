"""Which reminders are due, schedule by schedule: policy says which rungs are reached, one statement writes them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session

from bot.policy import durations, lifecycle, reminders, time_zones
from bot.service.place import days_off
from bot.service.reminders import send_time
from bot.service.versions.snapshot import Known, KnownVersions
from storage import channels, outbox, schedules
from storage.database import Database
from storage.facts import DLVM, Channel, FrameworkVersion, Planned, Rung, Schedule

PATIENCE = 30.0
"""Seconds a tick waits for a locked database; no person waits for it."""


class Planning:
    """Writes due reminders into the outbox; may run anywhere, at any time, any number of times."""

    def __init__(self, database: Database, known: KnownVersions) -> None:
        self._database = database
        self._known = known

    def plan(self, now: datetime, checkpoint: Callable[[str], None] = lambda _: None) -> Planned:
        """Plans every schedule in which a rung was reached since it was last planned; costs one query otherwise."""
        if not schedules.any_due(self._database, now):
            return Planned()
        with self._database.reading() as session:
            waiting = schedules.due(session, now)
        done = [self._plan_schedule(each.schedule_id, now, checkpoint) for each in waiting]
        return Planned(sum(p.written for p in done), sum(p.superseded for p in done))

    def _plan_schedule(self, schedule_id: int, now: datetime, checkpoint: Callable[[str], None]) -> Planned:
        def work(session: Session) -> Planned:
            due = schedules.take(session, schedule_id, now)
            if due is None:  # another process plans it, or has done so
                return Planned()
            planned = plan_schedule(session, due, self._known.read(session), now)
            checkpoint("planning")
            return planned

        planned = self._database.run(work, wait=PATIENCE)
        checkpoint("planned")
        return planned


def plan_schedule(session: Session, due: schedules.DueSchedule, known: Known, now: datetime) -> Planned:
    """Writes what was reached in the schedule since it was last planned, and notes how far it is planned."""
    rungs = reached(due.schedule, known, after=due.planned_through, now=now)
    done = [outbox.plan(session, due.schedule_id, rung) for rung in rungs]
    written = sum(planned.written for planned in done)
    next_at = next_instant(due.schedule, known, now)
    if channels.wants_weekly(session, due.schedule_id):
        written += _plan_weekly(session, due, now)
        summary = send_time.summary_at(due.schedule, now)
        next_at = min(summary, next_at) if next_at else summary
    schedules.mark(session, due.schedule_id, now, next_at)
    return Planned(written, sum(planned.superseded for planned in done))


def catch_up(session: Session, channel: Channel, known: Known, now: datetime) -> None:
    """Writes for one channel what its schedule has reached and no tick has planned yet.

    For before the channel's schedule or targets change: afterwards no planner would know what was due by the old ones.
    """
    planned = schedules.planned_through(session, channel.schedule)
    if planned is not None:
        for rung in reached(channel.schedule, known, after=planned, now=now):
            outbox.plan_channel(session, channel.workspace_id, channel.channel_id, rung)


def _plan_weekly(session: Session, due: schedules.DueSchedule, now: datetime) -> int:
    """Writes this week's summary, where its moment has come since the last planning."""
    monday = durations.monday_of(time_zones.day(now, due.schedule.zone))
    day = send_time.first_working_day(due.schedule, monday)
    at = reminders.due_instant(day, due.schedule.hour, due.schedule.zone)
    return outbox.plan_weekly(session, due.schedule_id, DLVM, monday, at) if due.planned_through < at <= now else 0


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


@lru_cache(maxsize=4)
def _milestones(known: Known) -> tuple[tuple[FrameworkVersion, lifecycle.MilestoneDate], ...]:
    """Every date of the catalogue; the same as long as the catalogue is."""
    return tuple((version, milestone) for version in known.versions for milestone in lifecycle.milestones(version))
