"""Which reminders are due, schedule by schedule: policy says which rungs are reached, one statement writes them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session

from bot.policy import durations, lifecycle, reminders, time_zones
from bot.service.reminders import send_time
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from bot.service.working_days import get_day_off_check
from storage import channels, outbox, schedules
from storage.database import Database
from storage.facts import DLVM, Channel, DueRung, FrameworkVersion, PlanResult, Schedule

LOCK_TIMEOUT = 30.0
"""Seconds a tick waits for a locked database; no person waits for it."""


class Planner:
    """Writes due reminders into the outbox; may run anywhere, at any time, any number of times."""

    def __init__(self, database: Database, snapshots: SnapshotCache) -> None:
        self._database = database
        self._snapshots = snapshots

    def plan(self, now: datetime, checkpoint: Callable[[str], None] = lambda _: None) -> PlanResult:
        """Plans every schedule in which a rung was reached since it was last planned; costs one query otherwise."""
        if not schedules.has_due(self._database, now):
            return PlanResult()
        with self._database.read_only() as session:
            waiting = schedules.list_due(session, now)
        done = [self._claim_and_plan(each.schedule_id, now, checkpoint) for each in waiting]
        return PlanResult(sum(p.written for p in done), sum(p.superseded for p in done))

    def _claim_and_plan(self, schedule_id: int, now: datetime, checkpoint: Callable[[str], None]) -> PlanResult:
        def work(session: Session) -> PlanResult:
            due = schedules.lock_due(session, schedule_id, now)
            if due is None:  # another process plans it, or has done so
                return PlanResult()
            planned = plan_schedule(session, due, self._snapshots.read(session), now)
            checkpoint("planning")
            return planned

        planned = self._database.run(work, wait=LOCK_TIMEOUT)
        checkpoint("planned")
        return planned


def plan_schedule(
    session: Session, due: schedules.DueSchedule, snapshot: CatalogueSnapshot, now: datetime
) -> PlanResult:
    """Writes what was reached in the schedule since it was last planned, and notes how far it is planned."""
    rungs = list_due_rungs(due.schedule, snapshot, after=due.planned_through, now=now)
    done = [outbox.plan(session, due.schedule_id, rung) for rung in rungs]
    written = sum(planned.written for planned in done)
    next_at = find_next_instant(due.schedule, snapshot, now)
    if channels.wants_weekly(session, due.schedule_id):
        written += _plan_weekly_summary(session, due, now)
        summary = send_time.find_next_summary_time(due.schedule, now)
        next_at = min(summary, next_at) if next_at else summary
    schedules.update_planned(session, due.schedule_id, now, next_at)
    return PlanResult(written, sum(planned.superseded for planned in done))


def plan_overdue(session: Session, channel: Channel, snapshot: CatalogueSnapshot, now: datetime) -> None:
    """Writes for one channel what its schedule has reached and no tick has planned yet.

    For before the channel's schedule or targets change: afterwards no planner would know what was due by the old ones.
    """
    planned = schedules.find_planned_through(session, channel.schedule)
    if planned is not None:
        for rung in list_due_rungs(channel.schedule, snapshot, after=planned, now=now):
            outbox.plan_channel(session, channel.workspace_id, channel.channel_id, rung)


def _plan_weekly_summary(session: Session, due: schedules.DueSchedule, now: datetime) -> int:
    """Writes this week's summary, where its moment has come since the last planning."""
    monday = durations.find_monday(time_zones.to_local_date(now, due.schedule.zone))
    day = send_time.find_first_working_day(due.schedule, monday)
    at = reminders.compute_due_at(day, due.schedule.hour, due.schedule.zone)
    return (
        outbox.plan_weekly_summaries(session, due.schedule_id, DLVM, monday, at)
        if due.planned_through < at <= now
        else 0
    )


def list_due_rungs(
    schedule: Schedule, snapshot: CatalogueSnapshot, *, after: datetime | None, now: datetime
) -> Iterator[DueRung]:
    """The nearest rung of each milestone, where its moment lies after the last planning and not after now."""
    is_day_off = get_day_off_check(schedule)
    for version, milestone in _list_milestones(snapshot):
        found = reminders.find_reached_rung(now, milestone.day, schedule, is_day_off)
        if found is not None and (after is None or found.due_at > after):
            yield DueRung(
                product=version.product,
                framework=version.framework,
                version=version.name,
                milestone=milestone.milestone,
                milestone_date=milestone.day,
                rung=found.rung,
                due_on=found.due_on,
                due_at=found.due_at,
            )


def find_next_instant(schedule: Schedule, snapshot: CatalogueSnapshot, now: datetime) -> datetime | None:
    """When the next rung of anything in the catalogue is reached in this schedule; None where all has passed."""
    is_day_off = get_day_off_check(schedule)
    ahead = (reminders.find_upcoming_rung(now, m.day, schedule, is_day_off) for _, m in _list_milestones(snapshot))
    return min((rung.due_at for rung in ahead if rung is not None), default=None)


@lru_cache(maxsize=4)
def _list_milestones(snapshot: CatalogueSnapshot) -> tuple[tuple[FrameworkVersion, lifecycle.MilestoneDate], ...]:
    """Every date of the catalogue; the same as long as the catalogue is."""
    return tuple(
        (version, milestone) for version in snapshot.versions for milestone in lifecycle.list_milestones(version)
    )
