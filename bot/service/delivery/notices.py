"""Messages that carry one thing and nothing besides: notes to people, introductions, words to the operator."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlmodel import Session

from bot import answers
from bot.service.access import requests
from bot.service.operator import review
from bot.service.operator.channel import CHANNEL_CHANGED, MAX_NOTE_AGE, OperatorChannel
from bot.service.place import Place
from storage import operator_notes, quarantine
from storage.facts import Channel, Health, MessageKind, OperatorNote, OutboxEntry, Resolution

DIRECT_MESSAGE_KINDS = (MessageKind.HEALTH, MessageKind.ACCESS_REQUEST, MessageKind.ACCESS_ANSWER)
"""Kinds that go to a person: a refusal says nothing about a channel."""

NOTICE_KINDS = (*DIRECT_MESSAGE_KINDS, MessageKind.INTRODUCTION, MessageKind.OPERATOR_NOTE)


class NoticeChoice(Struct, frozen=True):
    """What goes out now, if anything, and what is moot; the rest waits its turn."""

    message: answers.Message | None
    entry: OutboxEntry | None
    skipped: tuple[OutboxEntry, ...] = ()
    reason: str = ""


def choose(
    session: Session, entries: Sequence[OutboxEntry], channel: Channel, operator: OperatorChannel, now: datetime
) -> NoticeChoice:
    """One of the entries, which are all of one channel or person; an introduction comes first."""
    first = min(entries, key=lambda entry: entry.reminder.kind is not MessageKind.INTRODUCTION)
    match first.reminder.kind:
        case MessageKind.INTRODUCTION:
            return NoticeChoice(_build_introduction(first, channel), first)
        case MessageKind.HEALTH:
            return _choose_health_message(first, entries, now)
        case MessageKind.OPERATOR_NOTE:
            return _choose_operator_note(session, first, operator, now)
        case _:
            note = requests.build_message(session, first, now)
            return NoticeChoice(note, first) if note else NoticeChoice(None, None, (first,))


def rebuild_operator_message(session: Session, entry: OutboxEntry) -> answers.OperatorMessage | None:
    """The word to the operator whose message the entry draws anew, as it stands now; None where it is another's."""
    number = entry.reminder.version
    note = (
        operator_notes.find(session, int(number)) if entry.reminder.milestone is None and number.isdecimal() else None
    )
    return _build_operator_message(session, note, entry) if note else None


def _choose_operator_note(
    session: Session, entry: OutboxEntry, operator: OperatorChannel, now: datetime
) -> NoticeChoice:
    """A word to the operator, unless it is settled, too old, or their channel is another one by now."""
    reminder = entry.reminder
    if operator.find_place(session) != Place(reminder.workspace_id, reminder.channel_id):
        return NoticeChoice(None, None, (entry,), CHANNEL_CHANGED)
    note = operator_notes.find(session, int(reminder.version))
    message = _build_operator_message(session, note, entry) if note else None
    return (
        NoticeChoice(None, None, (entry,))
        if message is None or _is_outdated(message, now)
        else NoticeChoice(message, entry)
    )


def _is_outdated(message: answers.OperatorMessage, now: datetime) -> bool:
    """Whether it is settled, or no news any more; what waits for a person never grows too old."""
    if message.item is not None:
        return message.item.entry.resolution is not Resolution.OPEN
    return message.made_at < now - MAX_NOTE_AGE


def _build_operator_message(session: Session, note: OperatorNote, entry: OutboxEntry) -> answers.OperatorMessage:
    found = quarantine.find(session, note.quarantine_entry_id) if note.quarantine_entry_id else None
    return answers.OperatorMessage(
        workspace_id=entry.reminder.workspace_id,
        channel_id=entry.reminder.channel_id,
        delivery_id=entry.delivery_id,
        topic=note.topic,
        text=note.text,
        url=note.url,
        made_at=note.created_at,
        item=review.build_review_item(session, found) if found else None,
    )


def _choose_health_message(first: OutboxEntry, entries: Sequence[OutboxEntry], now: datetime) -> NoticeChoice:
    """The newest note about one channel; what the person is told about others waits its turn."""
    about = first.reminder.version
    same = [e for e in entries if e.reminder.kind is MessageKind.HEALTH and e.reminder.version == about]
    newest = same[-1]
    note = answers.HealthMessage(
        workspace_id=newest.reminder.workspace_id,
        channel_id=newest.reminder.channel_id,
        delivery_id=newest.delivery_id,
        subject_channel_id=about,
        health=list(Health)[newest.reminder.rung],
        day=now.date(),
    )
    return NoticeChoice(note, newest, tuple(same[:-1]))


def _build_introduction(entry: OutboxEntry, channel: Channel) -> answers.Introduction:
    return answers.Introduction(
        workspace_id=channel.workspace_id,
        channel_id=channel.channel_id,
        delivery_id=entry.delivery_id,
        invited_by=entry.reminder.version,
        hour=channel.schedule.hour,
        zone=channel.schedule.zone,
    )
