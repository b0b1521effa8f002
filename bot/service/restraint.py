"""One message a channel and local day: what is not urgent waits for the next one."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.policy import reminders
from bot.service.composing import Composed
from bot.service.place import days_off
from storage import outbox
from storage.facts import Channel


def wait_until(session: Session, composed: Composed, channel: Channel, now: datetime) -> datetime | None:
    """When to send instead of now; None where now is right.

    The last call, the last day and "passed" never wait.
    """
    if composed.message is None or any(line.rung <= reminders.LAST_CALL for line in composed.message.lines):
        return None
    zone = ZoneInfo(channel.schedule.zone)
    today = now.astimezone(zone).date()
    midnight = datetime.combine(today, time(), zone)
    sent = outbox.sent_between(session, channel.workspace_id, channel.channel_id, midnight, now + timedelta(seconds=1))
    return _next_moment(channel, now) if sent else None


def _next_moment(channel: Channel, now: datetime) -> datetime:
    """The channel's hour on its next working day."""
    is_day_off = days_off(channel.schedule)
    day = now.astimezone(ZoneInfo(channel.schedule.zone)).date() + timedelta(days=1)
    while is_day_off(day):
        day += timedelta(days=1)
    return reminders.due_instant(day, channel.schedule.hour, channel.schedule.zone)
