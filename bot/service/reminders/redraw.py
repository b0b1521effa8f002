"""Updates of messages posted earlier: changed dates are marked, and current decisions are shown."""

from datetime import datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy.decisions import UNDO_WINDOW, MilestoneKey, get_milestone_key
from bot.service.place import Place, get_today
from bot.service.reminders import catalogue_events, compose, message_lines
from storage import outbox
from storage.facts import MessageKind, OutboxEntry


def rebuild_message(
    session: Session, entry: OutboxEntry, context: compose.ChannelContext, now: datetime
) -> answers.ReminderMessage | None:
    """Rebuild the message that the entry updates; None if the message has no countdown lines.

    Day counts are as of the day it was sent. Decisions are the current ones, and dates that have changed are marked.
    """
    channel, snapshot = context.channel, context.snapshot
    sent = outbox.list_for_message(session, channel.workspace_id, channel.channel_id, entry.message_ts)
    sent_at = next((e.sent_at for e in sent if e.sent_at is not None), None)
    countdowns = [e for e in sent if e.reminder.kind in compose.COUNTDOWN_KINDS]
    if sent_at is None or not countdowns:
        return None
    day = get_today(channel, sent_at)
    lines = message_lines.build_lines(countdowns, channel, snapshot, day)
    sent_context = replace(
        context,
        date_changes=compose.load_date_changes(session, sent),
        event_context=catalogue_events.load_context(session, sent, context.decisions),
    )
    return compose.build_message(
        sent,
        sent_context,
        (message_lines.correct_line(line, snapshot) for line in lines),
        day=day,
        now=now,
        weekly_at=sent_at,
        delivery_id=entry.delivery_id,
        source=snapshot.source,
    )


def schedule_redraw(
    session: Session, place: Place, message_ts: str, milestone_key: MilestoneKey, now: datetime
) -> bool:
    """Schedule an update of the message now, and one when decisions made now can no longer be undone.

    Return False if the channel has no such message about the milestone.
    """
    sent = outbox.list_for_message(session, place.workspace_id, place.channel_id, message_ts) if message_ts else ()
    countdowns = (e.reminder for e in sent if e.reminder.kind in compose.COUNTDOWN_KINDS)
    reminder = next((r for r in countdowns if get_milestone_key(r) == milestone_key), None)
    if reminder is None:
        return False
    outbox.redraw_message(session, replace(reminder, kind=MessageKind.CORRECTION), message_ts, now)
    outbox.redraw_message(session, replace(reminder, kind=MessageKind.UNDO_EXPIRED), message_ts, now + UNDO_WINDOW)
    return True
