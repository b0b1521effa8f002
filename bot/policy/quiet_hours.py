"""Hours in which a channel is left alone."""

from datetime import datetime, time, timedelta

from bot.policy import time_zones
from bot.policy.reminders import IsDayOff, compute_due_at
from storage.facts import QuietHours

MAX_DAYS_OFF = 60
"""Days looked through for a working one."""


def is_quiet(quiet: QuietHours, moment: time) -> bool:
    """Whether a wall time lies in the quiet hours; they may span midnight, and are none where both ends are equal."""
    if quiet.start <= quiet.end:
        return quiet.start <= moment < quiet.end
    return moment >= quiet.start or moment < quiet.end


def find_end(now: datetime, quiet: QuietHours | None, zone: str, is_day_off: IsDayOff) -> datetime | None:
    """The end of the present quiet hours on a working day; None where it is not quiet now."""
    local = time_zones.to_local(now, zone)
    if quiet is None or not is_quiet(quiet, local.time()):
        return None
    day = local.date() + timedelta(days=0 if local.time() < quiet.end else 1)
    for _ in range(MAX_DAYS_OFF):
        if not is_day_off(day):
            break
        day += timedelta(days=1)
    return compute_due_at(day, quiet.end, zone)
