"""Messages sent earlier, drawn anew: what holds no more is marked, and what people decided is said."""

from datetime import datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import decisions as deciding
from bot.service.place import Place, get_today
from bot.service.reminders import catalogue_events, compose, message_lines
from storage import catalogue_history, outbox
from storage.facts import DateChange, MessageKind, OutboxEntry


def rebuild_message(
    session: Session, entry: OutboxEntry, context: compose.ChannelContext, now: datetime
) -> answers.ReminderMessage | None:
    """The whole message that the entry names, as of the day it was sent; None where there is none.

    Decisions are those in force now, and dates that have moved since are marked so.
    """
    place = context.channel.workspace_id, context.channel.channel_id
    sent = outbox.list_for_message(session, *place, entry.message_ts)
    sent_at = next((e.sent_at for e in sent if e.sent_at is not None), None)
    counted = [e for e in sent if e.reminder.kind in compose.COUNTDOWN_KINDS]
    if sent_at is None or not counted:
        return None
    then = get_today(context.channel, sent_at)
    found = [
        message_lines.correct_line(line, context.snapshot)
        for line in message_lines.build_lines(counted, context.channel, context.snapshot, then)
    ]
    told = [message_lines.add_decisions(line, context.decisions, context.channel, now) for line in found]
    weekly = any(e.reminder.kind is MessageKind.WEEKLY for e in sent)
    return answers.ReminderMessage(
        *place,
        entry.delivery_id,
        then,
        context.channel.schedule.zone,
        compose.sort_lines(told),
        context.snapshot.source,
        date_changes=tuple(
            message_lines.build_date_change_line(change, context.decisions, then)
            for change in _list_date_changes(session, sent)
        ),
        events=catalogue_events.build_lines(
            sent,
            catalogue_events.load_context(session, sent, context.decisions),
            context.targets,
            context.snapshot,
            then,
        ),
        weekly=message_lines.build_weekly_summary(
            context.channel, context.targets, context.decisions, context.snapshot, sent_at
        )
        if weekly
        else None,
        mention=compose.get_mention(context.channel, told),
    )


def schedule_redraw(
    session: Session, place: Place, message_ts: str, milestone_key: deciding.MilestoneKey, now: datetime
) -> bool:
    """Has the message drawn anew at once, and once more when nothing decided now can be taken back any more.

    False where the channel was sent no such message about the date.
    """
    sent = outbox.list_for_message(session, place.workspace_id, place.channel_id, message_ts) if message_ts else ()
    mine = [
        e
        for e in sent
        if e.reminder.kind in compose.COUNTDOWN_KINDS and deciding.get_milestone_key(e.reminder) == milestone_key
    ]
    for entry in mine[:1]:
        outbox.redraw_message(session, replace(entry.reminder, kind=MessageKind.CORRECTION), message_ts, now)
        outbox.redraw_message(
            session, replace(entry.reminder, kind=MessageKind.UNDO_EXPIRED), message_ts, now + deciding.UNDO_WINDOW
        )
    return bool(mine)


def _list_date_changes(session: Session, sent: tuple[OutboxEntry, ...]) -> list[DateChange]:
    numbers = [e.reminder.rung for e in sent if e.reminder.kind is MessageKind.DATE_CHANGE]
    found = (catalogue_history.find_date_change(session, number) for number in numbers)
    return [change for change in found if change is not None]
