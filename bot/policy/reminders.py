"""Reminder schedule: the rungs of a ladder before a date, moved to working days.

All results depend only on the given date and time, so missed ticks can't lose a reminder.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from msgspec import Struct

from bot.policy import time_zones
from storage.facts import Schedule

DEFAULT_LADDER = Schedule().ladder
"""Days before a milestone."""

PASSED = -1
LAST_DAY = 0
LAST_CALL = 1

MAX_DAYS_OFF = 60
"""Consecutive days searched for a working day. If all are days off, the day itself counts as one."""

IsDayOff = Callable[[date], bool]


class PlannedRung(Struct, frozen=True):
    """A rung of a ladder before one date, with its sending time."""

    rung: int
    due_on: date
    """Milestone date minus rung, in calendar days, before the move to a working day."""
    sending_day: date
    due_at: datetime


def build_weekly_days_off(days_off: Iterable[int]) -> IsDayOff:
    """Return a check for days off by weekday. Monday is 0."""
    weekdays = frozenset(days_off)
    return lambda day: day.weekday() in weekdays


def find_sending_day(milestone_date: date, rung: int, is_day_off: IsDayOff) -> date:
    """Return the working day on which a rung is sent.

    A rung on a day off moves to the previous working day, and therefore never past the date. "Passed" moves to the next
    one.
    """
    return find_working_day(milestone_date - timedelta(days=rung), is_day_off, step=1 if rung == PASSED else -1)


def find_working_day(day: date, is_day_off: IsDayOff, *, step: int = 1) -> date:
    """Return the day or the nearest working day, after it or, with a step of -1, before it."""
    working_day = day
    for _ in range(MAX_DAYS_OFF):
        if not is_day_off(working_day):
            return working_day
        working_day += timedelta(days=step)
    return day


def compute_due_at(day: date, hour: time, zone: str) -> datetime:
    """Return the UTC time of a local hour.

    An hour that a clock change skips counts with the offset from before the change. Of an hour that comes twice, the
    first counts.
    """
    return datetime.combine(day, hour, time_zones.get_zone(zone)).astimezone(UTC)


def list_rungs(milestone_date: date, ladder: Iterable[int], is_day_off: IsDayOff) -> tuple[tuple[int, date], ...]:
    """Return each rung with its sending day, earliest first. Of rungs on one day, only the most urgent is kept."""
    rung_by_day: dict[date, int] = {}
    for rung in sorted(ladder, reverse=True):
        rung_by_day[find_sending_day(milestone_date, rung, is_day_off)] = rung
    return tuple((rung, day) for day, rung in sorted(rung_by_day.items()))


@lru_cache(maxsize=1_024)
def plan_rungs(milestone_date: date, schedule: Schedule, is_day_off: IsDayOff) -> tuple[PlannedRung, ...]:
    """Return every rung of the schedule's ladder with its sending time, earliest first.

    The result is cached: `is_day_off` has to return equal results for equal days.
    """
    return tuple(
        PlannedRung(
            rung=rung,
            due_on=milestone_date - timedelta(days=rung),
            sending_day=day,
            due_at=compute_due_at(day, schedule.hour, schedule.zone),
        )
        for rung, day in list_rungs(milestone_date, schedule.ladder, is_day_off)
    )


def find_reached_rung(
    now: datetime, milestone_date: date, schedule: Schedule, is_day_off: IsDayOff
) -> PlannedRung | None:
    """Return the most urgent rung whose sending time has come, or None.

    After the date, in the schedule's zone, only "passed" counts.
    """
    is_past = time_zones.to_local_date(now, schedule.zone) > milestone_date
    reached = (
        planned
        for planned in plan_rungs(milestone_date, schedule, is_day_off)
        if planned.due_at <= now and (planned.rung == PASSED) == is_past
    )
    return min(reached, key=lambda planned: planned.rung, default=None)


def find_upcoming_rung(
    now: datetime, milestone_date: date, schedule: Schedule, is_day_off: IsDayOff
) -> PlannedRung | None:
    """Return the next rung whose sending time is after now, or None."""
    planned_rungs = plan_rungs(milestone_date, schedule, is_day_off)
    return next((planned for planned in planned_rungs if planned.due_at > now), None)
