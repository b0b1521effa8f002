"""What a tick would post, without posting it: everything is planned and composed, then forgotten."""

from datetime import datetime
from itertools import groupby

from msgspec import Struct

from bot.answers import ReminderMessage
from bot.service.delivery import notices
from bot.service.place import Place
from bot.service.reminders import compose, send_time
from bot.service.reminders.planning import plan_schedule
from bot.service.versions.snapshot import SnapshotCache
from storage import outbox, schedules
from storage.database import Database
from storage.facts import REDRAW_KINDS, OutboxEntry, Reminder, Schedule

_EXCLUDED_KINDS = (*REDRAW_KINDS, *notices.NOTICE_KINDS)
"""Kinds that are no message to a channel."""


class UnsentReminder(Struct, frozen=True):
    """A reminder that would not be sent, and why."""

    reminder: Reminder
    reason: str


class DryRun(Struct, frozen=True):
    """The messages a tick would send, and the reminders it would not."""

    messages: tuple[ReminderMessage, ...]
    unsent: tuple[UnsentReminder, ...]


def simulate_tick(database: Database, snapshots: SnapshotCache, default: Schedule, now: datetime) -> DryRun:
    """What a tick at `now` would do; changes nothing."""
    messages: list[ReminderMessage] = []
    unsent: list[UnsentReminder] = []
    with database.transaction() as session:
        snapshot = snapshots.read(session)
        for due in schedules.list_due(session, now):
            plan_schedule(session, due, snapshot, now)
        waiting = [entry for entry in outbox.list_due(session, now) if entry.reminder.kind not in _EXCLUDED_KINDS]
        for (workspace_id, channel_id), group in groupby(waiting, key=_get_channel_key):
            entries = list(group)
            at = compose.load_context(session, Place(workspace_id, channel_id), entries, snapshot, default)
            composed = compose.compose(entries, at, now)
            unsent += [UnsentReminder(entry.reminder, why) for entry, why in composed.skipped]
            if composed.message is None:
                continue
            later = send_time.find_postponed_time(session, composed.message, at.channel, now)
            if later is None:
                messages.append(composed.message)
            else:
                why = f"waits until {later:%Y-%m-%d %H:%M} UTC: one message a day, quiet hours or the summary"
                unsent += [UnsentReminder(entry.reminder, why) for entry in composed.entries]
        session.rollback()
    return DryRun(tuple(messages), tuple(unsent))


def _get_channel_key(entry: OutboxEntry) -> tuple[str, str]:
    return entry.reminder.workspace_id, entry.reminder.channel_id
