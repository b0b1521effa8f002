"""Messages sent earlier, drawn anew: what holds no more is marked, and what people decided is said."""

from datetime import datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy import decisions as deciding
from bot.service.place import Place, today_at
from bot.service.reminders import catalogue_events, compose, message_lines
from storage import changes, outbox
from storage.facts import DateChange, Kind, OutboxEntry


def as_it_is_now(
    session: Session, entry: OutboxEntry, at: compose.Desk, now: datetime
) -> answers.ReminderMessage | None:
    """The whole message that the entry names, as of the day it was sent; None where there is none.

    Decisions are those in force now, and dates that have moved since are marked so.
    """
    place = at.channel.workspace_id, at.channel.channel_id
    sent = outbox.of_message(session, *place, entry.message_ts)
    sent_at = next((e.sent_at for e in sent if e.sent_at is not None), None)
    counted = [e for e in sent if e.reminder.kind in compose.COUNTED]
    if sent_at is None or not counted:
        return None
    then = today_at(at.channel, sent_at)
    found = [
        message_lines.corrected(line, at.known)
        for line in message_lines.of_entries(counted, at.channel, at.known, then)
    ]
    told = [message_lines.decided(line, at.decisions, at.channel, now) for line in found]
    weekly = any(e.reminder.kind is Kind.WEEKLY for e in sent)
    return answers.ReminderMessage(
        *place,
        entry.delivery_id,
        then,
        at.channel.schedule.zone,
        compose.in_order(told),
        at.known.source,
        moved=tuple(message_lines.moved(change, at.decisions, then) for change in _told_of(session, sent)),
        news=catalogue_events.lines(
            sent, catalogue_events.read(session, sent, at.decisions), at.targets, at.known, then
        ),
        weekly=message_lines.weekly(at.channel, at.targets, at.decisions, at.known, sent_at) if weekly else None,
        mention=compose.mention(at.channel, told),
    )


def put(session: Session, place: Place, message_ts: str, about: deciding.Dated, now: datetime) -> bool:
    """Has the message drawn anew at once, and once more when nothing decided now can be taken back any more.

    False where the channel was sent no such message about the date.
    """
    sent = outbox.of_message(session, place.workspace_id, place.channel_id, message_ts) if message_ts else ()
    mine = [e for e in sent if e.reminder.kind in compose.COUNTED and deciding.dated(e.reminder) == about]
    for entry in mine[:1]:
        outbox.redraw(session, replace(entry.reminder, kind=Kind.CORRECTION), message_ts, now)
        outbox.redraw(session, replace(entry.reminder, kind=Kind.CLOSING), message_ts, now + deciding.UNDO)
    return bool(mine)


def _told_of(session: Session, sent: tuple[OutboxEntry, ...]) -> list[DateChange]:
    numbers = [e.reminder.rung for e in sent if e.reminder.kind is Kind.MOVED]
    found = (changes.find(session, number) for number in numbers)
    return [change for change in found if change is not None]
