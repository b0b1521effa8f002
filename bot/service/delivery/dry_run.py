"""What a tick would post, without posting it: everything is planned and composed, then forgotten."""

from datetime import datetime
from itertools import groupby

from msgspec import Struct

from bot.answers import ReminderMessage
from bot.service.delivery import notices
from bot.service.place import Place
from bot.service.reminders import compose, send_time
from bot.service.reminders.planning import plan_schedule
from bot.service.versions.snapshot import KnownVersions
from storage import outbox, schedules
from storage.database import Database
from storage.facts import REDRAWN, OutboxEntry, Reminder, Schedule

_ELSEWHERE = (*REDRAWN, *notices.KINDS)
"""Kinds that are no message to a channel."""


class Silent(Struct, frozen=True):
    """A reminder that would not be sent, and why."""

    reminder: Reminder
    why: str


class Rehearsal(Struct, frozen=True):
    """The messages a tick would send, and the reminders it would not."""

    messages: tuple[ReminderMessage, ...]
    silent: tuple[Silent, ...]


def rehearse(database: Database, known_versions: KnownVersions, default: Schedule, now: datetime) -> Rehearsal:
    """What a tick at `now` would do; changes nothing."""
    messages: list[ReminderMessage] = []
    silent: list[Silent] = []
    with database.transaction() as session:
        known = known_versions.read(session)
        for due in schedules.due(session, now):
            plan_schedule(session, due, known, now)
        waiting = [entry for entry in outbox.due(session, now) if entry.reminder.kind not in _ELSEWHERE]
        for (workspace_id, channel_id), group in groupby(waiting, key=_channel_of):
            entries = list(group)
            at = compose.desk(session, Place(workspace_id, channel_id), entries, known, default)
            composed = compose.compose(entries, at, now)
            silent += [Silent(entry.reminder, why) for entry, why in composed.moot]
            if composed.message is None:
                continue
            later = send_time.wait_until(session, composed.message, at.channel, now)
            if later is None:
                messages.append(composed.message)
            else:
                why = f"waits until {later:%Y-%m-%d %H:%M} UTC: one message a day, quiet hours or the summary"
                silent += [Silent(entry.reminder, why) for entry in composed.carried]
        session.rollback()
    return Rehearsal(tuple(messages), tuple(silent))


def _channel_of(entry: OutboxEntry) -> tuple[str, str]:
    return entry.reminder.workspace_id, entry.reminder.channel_id
