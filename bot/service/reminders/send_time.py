"""When a message may be sent: quiet hours, one message a local day, and the weekly summary."""

from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot import answers
from bot.policy import durations, quiet_hours, reminders, time_zones
from bot.service.place import get_today
from bot.service.working_days import get_day_off_check
from storage import outbox
from storage.facts import Channel, Schedule

SUMMARY_DAYS = 30
"""In a channel with weekly summaries, reminders more days ahead than this wait for the summary."""


def find_postponed_time(
    session: Session, message: answers.ReminderMessage, channel: Channel, now: datetime
) -> datetime | None:
    """Return when to send the message instead of now; None if it can be sent now.

    Quiet hours postpone every message. Messages with a date change, the last call, the last day or "passed" wait for
    nothing else. Events are added to the day's message; without one, they are sent at the channel's hour on a working
    day.
    """
    schedule = channel.schedule
    quiet_until = quiet_hours.find_end(now, channel.quiet, schedule.zone, get_day_off_check(schedule))
    if quiet_until is not None:
        return quiet_until
    if message.date_changes or any(line.rung <= reminders.LAST_CALL for line in message.lines):
        return None
    has_only_events = message.events and not message.lines and message.weekly is None
    if has_only_events and (event_time := _find_event_time(schedule, now)):
        return event_time
    has_only_lines = not message.weekly and not message.events
    if channel.weekly and has_only_lines and all(line.rung > SUMMARY_DAYS for line in message.lines):
        return find_next_summary_time(schedule, now)
    midnight = datetime.combine(get_today(channel, now), time(), time_zones.get_zone(schedule.zone))
    until = now + timedelta(seconds=1)
    sent_today = outbox.list_sent_between(session, channel.workspace_id, channel.channel_id, midnight, until)
    return _find_next_working_morning(schedule, now) if sent_today else None


def _find_event_time(schedule: Schedule, now: datetime) -> datetime | None:
    """Return the schedule's next hour on a working day; None if today is one and its hour has passed."""
    today = time_zones.to_local_date(now, schedule.zone)
    if get_day_off_check(schedule)(today):
        return _find_next_working_morning(schedule, now)
    at = reminders.compute_due_at(today, schedule.hour, schedule.zone)
    return at if now < at else None


def find_next_summary_time(schedule: Schedule, now: datetime) -> datetime:
    """Return when the next weekly summary is due: the schedule's hour on the first working day of a week."""
    monday = durations.find_monday(time_zones.to_local_date(now, schedule.zone))
    for week in range(10):  # no country has public holidays for ten weeks in a row
        day = find_first_working_day(schedule, monday + timedelta(weeks=week))
        at = reminders.compute_due_at(day, schedule.hour, schedule.zone)
        if at > now:
            return at
    return _find_next_working_morning(schedule, now)


def compute_send_time(at: datetime, rung: int, channel: Channel) -> datetime:
    """Return when a rung due at an instant is sent, after waiting for quiet hours and the weekly summary."""
    schedule = channel.schedule
    if channel.weekly and rung > SUMMARY_DAYS:
        at = find_next_summary_time(schedule, at - timedelta(seconds=1))
    return quiet_hours.find_end(at, channel.quiet, schedule.zone, get_day_off_check(schedule)) or at


def find_first_working_day(schedule: Schedule, monday: date) -> date:
    """Return the first working day of the week; its Monday if the whole week is off."""
    is_day_off = get_day_off_check(schedule)
    week = (monday + timedelta(days=offset) for offset in range(7))
    return next((day for day in week if not is_day_off(day)), monday)


def _find_next_working_morning(schedule: Schedule, now: datetime) -> datetime:
    """Return the schedule's hour on the next working day after today."""
    tomorrow = time_zones.to_local_date(now, schedule.zone) + timedelta(days=1)
    day = reminders.find_working_day(tomorrow, get_day_off_check(schedule))
    return reminders.compute_due_at(day, schedule.hour, schedule.zone)
