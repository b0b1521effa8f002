"""Planning: find the rungs that each schedule has reached, and write reminders for them into the outbox."""

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
"""Seconds a tick waits for a locked database; much longer than a command, because no person waits for it."""


class Planner:
    """Writes due reminders into the outbox. Any number of processes can plan at once, as often as they like."""

    def __init__(self, database: Database, snapshots: SnapshotCache) -> None:
        self._database = database
        self._snapshots = snapshots

    def plan(self, now: datetime, checkpoint: Callable[[str], None] = lambda _: None) -> PlanResult:
        """Plan every schedule that has reached a rung since it was last planned. Takes one query if there is none."""
        if not schedules.has_due(self._database, now):
            return PlanResult()
        with self._database.read_only() as session:
            due_schedules = schedules.list_due(session, now)
        results = [self._claim_and_plan(due.schedule_id, now, checkpoint) for due in due_schedules]
        return PlanResult(sum(result.written for result in results), sum(result.superseded for result in results))

    def _claim_and_plan(self, schedule_id: int, now: datetime, checkpoint: Callable[[str], None]) -> PlanResult:
        def work(session: Session) -> PlanResult:
            due = schedules.lock_due(session, schedule_id, now)
            if due is None:  # another process is planning it, or has just done so
                return PlanResult()
            result = plan_schedule(session, due, self._snapshots.read(session), now)
            checkpoint("planning")
            return result

        result = self._database.run(work, wait=LOCK_TIMEOUT)
        checkpoint("planned")
        return result


def plan_schedule(
    session: Session, due: schedules.DueSchedule, snapshot: CatalogueSnapshot, now: datetime
) -> PlanResult:
    """Write reminders for the rungs reached since the last planning, and store when to plan the schedule next."""
    rungs = list_due_rungs(due.schedule, snapshot, after=due.planned_through, now=now)
    results = [outbox.plan(session, due.schedule_id, rung) for rung in rungs]
    written = sum(result.written for result in results)
    next_at = find_next_instant(due.schedule, snapshot, now)
    if channels.wants_weekly(session, due.schedule_id):
        written += _plan_weekly_summary(session, due, now)
        summary_at = send_time.find_next_summary_time(due.schedule, now)
        next_at = min(summary_at, next_at) if next_at else summary_at
    schedules.update_planned(session, due.schedule_id, now, next_at)
    return PlanResult(written, sum(result.superseded for result in results))


def plan_overdue(session: Session, channel: Channel, snapshot: CatalogueSnapshot, now: datetime) -> None:
    """Write reminders for one channel that are due but that no tick has planned yet.

    Call this before the channel's schedule or targets change, because afterwards nothing is planned by the old ones.
    """
    planned_through = schedules.find_planned_through(session, channel.schedule)
    if planned_through is not None:
        for rung in list_due_rungs(channel.schedule, snapshot, after=planned_through, now=now):
            outbox.plan_channel(session, channel.workspace_id, channel.channel_id, rung)


def _plan_weekly_summary(session: Session, due: schedules.DueSchedule, now: datetime) -> int:
    """Write this week's summaries if they became due since the last planning. Return their number."""
    monday = durations.find_monday(time_zones.to_local_date(now, due.schedule.zone))
    day = send_time.find_first_working_day(due.schedule, monday)
    due_at = reminders.compute_due_at(day, due.schedule.hour, due.schedule.zone)
    if not due.planned_through < due_at <= now:
        return 0
    return outbox.plan_weekly_summaries(session, due.schedule_id, DLVM, monday, due_at)


def list_due_rungs(
    schedule: Schedule, snapshot: CatalogueSnapshot, *, after: datetime | None, now: datetime
) -> Iterator[DueRung]:
    """Yield the most urgent reached rung of each date, if it is due after `after` and not after `now`."""
    is_day_off = get_day_off_check(schedule)
    for version, milestone in _list_milestones(snapshot):
        reached = reminders.find_reached_rung(now, milestone.day, schedule, is_day_off)
        if reached is not None and (after is None or reached.due_at > after):
            subject = version.product, version.framework, version.name, milestone.milestone, milestone.day
            yield DueRung(*subject, reached.rung, reached.due_on, reached.due_at)


def find_next_instant(schedule: Schedule, snapshot: CatalogueSnapshot, now: datetime) -> datetime | None:
    """Return when the schedule next has a rung due for any date of the catalogue; None if every date has passed."""
    is_day_off = get_day_off_check(schedule)
    upcoming = (reminders.find_upcoming_rung(now, m.day, schedule, is_day_off) for _, m in _list_milestones(snapshot))
    return min((rung.due_at for rung in upcoming if rung is not None), default=None)


@lru_cache(maxsize=4)
def _list_milestones(snapshot: CatalogueSnapshot) -> tuple[tuple[FrameworkVersion, lifecycle.MilestoneDate], ...]:
    return tuple((version, date) for version in snapshot.versions for date in lifecycle.list_milestones(version))
