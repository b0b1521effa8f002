"""When a channel is left alone: one message a local day, quiet hours, and what rides in a weekly summary."""

from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot import answers
from bot.policy import durations, quiet_hours, reminders, time_zones
from bot.service.place import days_off, today_at
from storage import outbox
from storage.facts import Channel, Schedule

RIDES_IN_SUMMARY = 30
"""Reminders more days ahead than this wait for the weekly summary, where the channel wants one."""


def wait_until(session: Session, message: answers.ReminderMessage, channel: Channel, now: datetime) -> datetime | None:
    """When to send instead of now; None where now is right.

    Quiet hours hold everything. The last call, the last day, "passed" and moved dates never wait for another day. News
    ride in the day's message; where there is none, they come from the channel's hour on, on a working day.
    """
    schedule = channel.schedule
    quiet_until = quiet_hours.until(now, channel.quiet, schedule.zone, days_off(schedule))
    if quiet_until is not None:
        return quiet_until
    if message.moved or any(line.rung <= reminders.LAST_CALL for line in message.lines):
        return None
    if message.news and not message.lines and message.weekly is None and (hour := _hour_ahead(schedule, now)):
        return hour
    if (
        channel.weekly
        and not (message.weekly or message.news)
        and all(line.rung > RIDES_IN_SUMMARY for line in message.lines)
    ):
        return summary_at(schedule, now)
    zone = time_zones.named(schedule.zone)
    midnight = datetime.combine(today_at(channel, now), time(), zone)
    sent = outbox.sent_between(session, channel.workspace_id, channel.channel_id, midnight, now + timedelta(seconds=1))
    return _next_morning(schedule, now) if sent else None


def _hour_ahead(schedule: Schedule, now: datetime) -> datetime | None:
    """The channel's hour, on a working day, where the present one is none or it has not struck yet."""
    today = time_zones.day(now, schedule.zone)
    if days_off(schedule)(today):
        return _next_morning(schedule, now)
    at = reminders.due_instant(today, schedule.hour, schedule.zone)
    return at if now < at else None


def summary_at(schedule: Schedule, now: datetime) -> datetime:
    """When the next weekly summary comes: the hour of the first working day of a week."""
    monday = durations.monday_of(time_zones.day(now, schedule.zone))
    for week in range(10):  # a country may be off for a whole week, not for ten
        day = first_working_day(schedule, monday + timedelta(weeks=week))
        at = reminders.due_instant(day, schedule.hour, schedule.zone)
        if at > now:
            return at
    return _next_morning(schedule, now)


def comes_at(at: datetime, rung: int, channel: Channel) -> datetime:
    """The moment a rung comes that is due at another, where quiet hours or the weekly summary move it."""
    schedule = channel.schedule
    if channel.weekly and rung > RIDES_IN_SUMMARY:
        at = summary_at(schedule, at - timedelta(seconds=1))
    return quiet_hours.until(at, channel.quiet, schedule.zone, days_off(schedule)) or at


def first_working_day(schedule: Schedule, monday: date) -> date:
    """The day of a week's summary; its Monday where the whole week is off."""
    is_day_off = days_off(schedule)
    week = (monday + timedelta(days=number) for number in range(7))
    return next((day for day in week if not is_day_off(day)), monday)


def _next_morning(schedule: Schedule, now: datetime) -> datetime:
    """The channel's hour on its next working day."""
    is_day_off = days_off(schedule)
    day = time_zones.day(now, schedule.zone) + timedelta(days=1)
    for _ in range(reminders.LONGEST_BREAK):
        if not is_day_off(day):
            break
        day += timedelta(days=1)
    return reminders.due_instant(day, schedule.hour, schedule.zone)
