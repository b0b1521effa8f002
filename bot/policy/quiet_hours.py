"""Hours in which a channel is left alone."""

from datetime import datetime, time, timedelta

from bot.policy import time_zones
from bot.policy.reminders import DayOff, due_instant
from storage.facts import QuietHours

LONGEST_SEARCH = 60
"""Days looked through for a working one."""


def covers(quiet: QuietHours, moment: time) -> bool:
    """Whether a wall time lies in the quiet hours; they may span midnight, and are none where both ends are equal."""
    if quiet.start <= quiet.end:
        return quiet.start <= moment < quiet.end
    return moment >= quiet.start or moment < quiet.end


def until(now: datetime, quiet: QuietHours | None, zone: str, is_day_off: DayOff) -> datetime | None:
    """The end of the present quiet hours on a working day; None where it is not quiet now."""
    local = time_zones.local(now, zone)
    if quiet is None or not covers(quiet, local.time()):
        return None
    day = local.date() + timedelta(days=0 if local.time() < quiet.end else 1)
    for _ in range(LONGEST_SEARCH):
        if not is_day_off(day):
            break
        day += timedelta(days=1)
    return due_instant(day, quiet.end, zone)
