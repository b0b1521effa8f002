"""Which reminder is due when: rungs of a ladder before a date, moved to working days, as a question about state.

Nothing here counts ticks: what is due on a day depends on the day and the date alone.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from msgspec import Struct

from bot.policy import time_zones
from storage.facts import Schedule

DEFAULT_LADDER = (180, 90, 60, 30, 14, 7, 3, 1, 0, -1)
"""Days before a milestone."""

PASSED = -1
LAST_DAY = 0
LAST_CALL = 1

MAX_DAYS_OFF = 60
"""Days in a row that may all be days off before the shift gives up."""

IsDayOff = Callable[[date], bool]


class PlannedRung(Struct, frozen=True):
    """A rung of a ladder before one date, with the moment it is meant for."""

    rung: int
    due_on: date
    """The date minus the rung, in calendar days, whatever day of the week that is."""
    sending_day: date
    due_at: datetime


def build_weekly_days_off(days_off: Iterable[int]) -> IsDayOff:
    """Days off by weekday, Monday is 0."""
    off = frozenset(days_off)
    return lambda day: day.weekday() in off


def find_sending_day(milestone_date: date, rung: int, is_day_off: IsDayOff) -> date:
    """The working day of a rung: the one before it, so never past the date; for "passed" the one after."""
    day = milestone_date - timedelta(days=rung)
    step = timedelta(days=1 if rung == PASSED else -1)
    for _ in range(MAX_DAYS_OFF):
        if not is_day_off(day):
            return day
        day += step
    return milestone_date - timedelta(days=rung)


def compute_due_at(day: date, hour: time, zone: str) -> datetime:
    """The moment a local hour comes, in UTC; in a gap of the clock the hour after it, in a fold the first."""
    return datetime.combine(day, hour, time_zones.get_zone(zone)).astimezone(UTC)


def list_rungs(milestone_date: date, ladder: Iterable[int], is_day_off: IsDayOff) -> tuple[tuple[int, date], ...]:
    """Each rung with its sending day, farthest first; those that fall on one day make the most urgent one."""
    by_day: dict[date, int] = {}
    for rung in sorted(ladder, reverse=True):
        by_day[find_sending_day(milestone_date, rung, is_day_off)] = rung
    return tuple((rung, day) for day, rung in sorted(by_day.items()))


def find_due_rung(day: date, milestone_date: date, ladder: Iterable[int], is_day_off: IsDayOff) -> int | None:
    """The most urgent rung reached by a local day; after the date only "passed", once its own day has come."""
    reached_rungs = [rung for rung, sending in list_rungs(milestone_date, ladder, is_day_off) if sending <= day]
    standing = [rung for rung in reached_rungs if (rung == PASSED) == (day > milestone_date)]
    return min(standing, default=None)


@lru_cache(maxsize=1_024)
def plan_rungs(milestone_date: date, schedule: Schedule, is_day_off: IsDayOff) -> tuple[PlannedRung, ...]:
    """Every rung of the schedule's ladder with its moment, farthest first.

    Kept as long as it is asked for: what is a day off has to stay one.
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
    """The most urgent rung whose moment has come; after the date, in the schedule's zone, only "passed"."""
    today = time_zones.to_local_date(now, schedule.zone)
    come = [planned for planned in plan_rungs(milestone_date, schedule, is_day_off) if planned.due_at <= now]
    standing = [planned for planned in come if (planned.rung == PASSED) == (today > milestone_date)]
    return min(standing, key=lambda planned: planned.rung, default=None)


def find_upcoming_rung(
    now: datetime, milestone_date: date, schedule: Schedule, is_day_off: IsDayOff
) -> PlannedRung | None:
    """The next rung whose moment is still ahead."""
    return next((p for p in plan_rungs(milestone_date, schedule, is_day_off) if p.due_at > now), None)
