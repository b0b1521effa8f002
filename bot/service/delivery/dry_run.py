"""A tick that plans and composes messages, then rolls everything back."""

from datetime import datetime

from msgspec import Struct
from sqlmodel import Session

from bot.answers import ReminderMessage
from bot.service.delivery import notices
from bot.service.delivery.prepare import group_by_channel
from bot.service.reminders import compose, send_time
from bot.service.reminders.planning import plan_schedule
from bot.service.versions.snapshot import SnapshotCache
from storage import outbox, schedules
from storage.database import Database
from storage.facts import REDRAW_KINDS, Reminder, Schedule

_EXCLUDED_KINDS = (*REDRAW_KINDS, *notices.NOTICE_KINDS)


class UnsentReminder(Struct, frozen=True):
    """A reminder that would not be sent, with the reason."""

    reminder: Reminder
    reason: str


class DryRun(Struct, frozen=True):
    """The messages a tick would send, and the reminders it would leave out or send later."""

    messages: tuple[ReminderMessage, ...]
    unsent: tuple[UnsentReminder, ...]


def simulate_tick(database: Database, snapshots: SnapshotCache, default: Schedule, now: datetime) -> DryRun:
    """Return what a tick at `now` would send. Nothing is stored or posted."""
    return database.run(lambda session: _simulate(session, snapshots, default, now))


def _simulate(session: Session, snapshots: SnapshotCache, default: Schedule, now: datetime) -> DryRun:
    messages: list[ReminderMessage] = []
    unsent: list[UnsentReminder] = []
    snapshot = snapshots.read(session)
    for due in schedules.list_due(session, now):
        plan_schedule(session, due, snapshot, now)
    due_entries = [entry for entry in outbox.list_due(session, now) if entry.reminder.kind not in _EXCLUDED_KINDS]
    for place, entries in group_by_channel(due_entries):
        context = compose.load_context(session, place, entries, snapshot, default)
        composition = compose.compose(entries, context, now)
        unsent += [UnsentReminder(entry.reminder, reason) for entry, reason in composition.skipped]
        if composition.message is None:
            continue
        send_at = send_time.find_postponed_time(session, composition.message, context.channel, now)
        if send_at is None:
            messages.append(composition.message)
        else:
            reason = f"waits until {send_at:%Y-%m-%d %H:%M} UTC: daily limit, quiet hours or weekly summary"
            unsent += [UnsentReminder(entry.reminder, reason) for entry in composition.entries]
    session.rollback()
    return DryRun(tuple(messages), tuple(unsent))
