"""When a channel is left alone: one message a local day, quiet hours, and what rides in a weekly summary."""

from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot import answers
from bot.policy import durations, quiet_hours, reminders, time_zones
from bot.service.place import get_today
from bot.service.working_days import get_day_off_check
from storage import outbox
from storage.facts import Channel, Schedule

SUMMARY_DAYS = 30
"""Reminders more days ahead than this wait for the weekly summary, where the channel wants one."""


def find_postponed_time(
    session: Session, message: answers.ReminderMessage, channel: Channel, now: datetime
) -> datetime | None:
    """When to send instead of now; None where now is right.

    Quiet hours hold everything. The last call, the last day, "passed" and moved dates never wait for another day. News
    ride in the day's message; where there is none, they come from the channel's hour on, on a working day.
    """
    schedule = channel.schedule
    quiet_until = quiet_hours.find_end(now, channel.quiet, schedule.zone, get_day_off_check(schedule))
    if quiet_until is not None:
        return quiet_until
    if message.date_changes or any(line.rung <= reminders.LAST_CALL for line in message.lines):
        return None
    if message.events and not message.lines and message.weekly is None and (hour := _find_event_time(schedule, now)):
        return hour
    if (
        channel.weekly
        and not (message.weekly or message.events)
        and all(line.rung > SUMMARY_DAYS for line in message.lines)
    ):
        return find_next_summary_time(schedule, now)
    zone = time_zones.get_zone(schedule.zone)
    midnight = datetime.combine(get_today(channel, now), time(), zone)
    sent = outbox.list_sent_between(
        session, channel.workspace_id, channel.channel_id, midnight, now + timedelta(seconds=1)
    )
    return _find_next_working_morning(schedule, now) if sent else None


def _find_event_time(schedule: Schedule, now: datetime) -> datetime | None:
    """The channel's hour, on a working day, where the present one is none or it has not struck yet."""
    today = time_zones.to_local_date(now, schedule.zone)
    if get_day_off_check(schedule)(today):
        return _find_next_working_morning(schedule, now)
    at = reminders.compute_due_at(today, schedule.hour, schedule.zone)
    return at if now < at else None


def find_next_summary_time(schedule: Schedule, now: datetime) -> datetime:
    """When the next weekly summary comes: the hour of the first working day of a week."""
    monday = durations.find_monday(time_zones.to_local_date(now, schedule.zone))
    for week in range(10):  # a country may be off for a whole week, not for ten
        day = find_first_working_day(schedule, monday + timedelta(weeks=week))
        at = reminders.compute_due_at(day, schedule.hour, schedule.zone)
        if at > now:
            return at
    return _find_next_working_morning(schedule, now)


def compute_send_time(at: datetime, rung: int, channel: Channel) -> datetime:
    """The moment a rung comes that is due at another, where quiet hours or the weekly summary move it."""
    schedule = channel.schedule
    if channel.weekly and rung > SUMMARY_DAYS:
        at = find_next_summary_time(schedule, at - timedelta(seconds=1))
    return quiet_hours.find_end(at, channel.quiet, schedule.zone, get_day_off_check(schedule)) or at


def find_first_working_day(schedule: Schedule, monday: date) -> date:
    """The day of a week's summary; its Monday where the whole week is off."""
    is_day_off = get_day_off_check(schedule)
    week = (monday + timedelta(days=number) for number in range(7))
    return next((day for day in week if not is_day_off(day)), monday)


def _find_next_working_morning(schedule: Schedule, now: datetime) -> datetime:
    """The channel's hour on its next working day."""
    is_day_off = get_day_off_check(schedule)
    day = time_zones.to_local_date(now, schedule.zone) + timedelta(days=1)
    for _ in range(reminders.MAX_DAYS_OFF):
        if not is_day_off(day):
            break
        day += timedelta(days=1)
    return reminders.compute_due_at(day, schedule.hour, schedule.zone)
