"""Hours during which nothing is posted to a channel."""

from datetime import datetime, time, timedelta

from bot.policy import time_zones
from bot.policy.reminders import IsDayOff, compute_due_at, find_working_day
from storage.facts import QuietHours


def is_quiet(quiet: QuietHours, moment: time) -> bool:
    """Return True if a local time is within the quiet hours.

    The start is inclusive, the end exclusive. The hours can span midnight; equal ends mean no quiet hours.
    """
    if quiet.start <= quiet.end:
        return quiet.start <= moment < quiet.end
    return moment >= quiet.start or moment < quiet.end


def find_end(now: datetime, quiet: QuietHours | None, zone: str, is_day_off: IsDayOff) -> datetime | None:
    """Return the end of the current quiet hours, moved to the next working day, or None if it isn't quiet now."""
    local = time_zones.to_local(now, zone)
    if quiet is None or not is_quiet(quiet, local.time()):
        return None
    day = local.date() + timedelta(days=0 if local.time() < quiet.end else 1)
    return compute_due_at(find_working_day(day, is_day_off), quiet.end, zone)
