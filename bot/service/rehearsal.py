"""What a tick would post, without posting it: everything is planned and composed, then forgotten."""

from datetime import datetime, timedelta
from itertools import groupby

from bot.answers import ReminderMessage
from bot.service.composing import compose
from bot.service.known import KnownVersions
from bot.service.place import Place, channel_at
from bot.service.planning import next_instant, reached
from storage import outbox, schedules, subscriptions
from storage.database import Database
from storage.facts import OutboxEntry, Schedule

MOST = 10_000
"""Reminders looked at."""


def rehearse(
    database: Database, known_versions: KnownVersions, default: Schedule, now: datetime
) -> tuple[ReminderMessage, ...]:
    """The messages a tick at `now` would send; changes nothing."""
    with database.transaction() as session:
        known = known_versions.read(session)
        for due in schedules.due(session, now):
            for rung in reached(due.schedule, known, after=due.planned_through, now=now):
                outbox.plan(session, due.schedule_id, rung)
            schedules.mark(session, due.schedule_id, now, next_instant(due.schedule, known, now))
        entries = outbox.claim(session, now, "rehearsal", now + timedelta(minutes=1), MOST)
        messages = []
        for (workspace_id, channel_id), group in groupby(entries, key=_channel_of):
            place = Place(workspace_id, channel_id)
            channel = channel_at(session, place, default)
            targets = [s.target for s in subscriptions.of_channel(session, workspace_id, channel_id)]
            message = compose(list(group), channel, targets, known, now).message
            messages += [message] if message is not None else []
        session.rollback()
    return tuple(messages)


def _channel_of(entry: OutboxEntry) -> tuple[str, str]:
    return entry.reminder.workspace_id, entry.reminder.channel_id
