"""Messages that are never combined with others: direct messages, introductions and operator notes."""

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
"""Kinds that go to a person, so that a refused post is no sign of an unreachable channel."""

NOTICE_KINDS = (*DIRECT_MESSAGE_KINDS, MessageKind.INTRODUCTION, MessageKind.OPERATOR_NOTE)


class NoticeChoice(Struct, frozen=True):
    """The message to send now, if any, and the entries to drop."""

    message: answers.Message | None
    entry: OutboxEntry | None
    skipped: tuple[OutboxEntry, ...] = ()
    reason: str = ""
    """Why entries are dropped, if that is worth keeping."""


def choose(
    session: Session, entries: Sequence[OutboxEntry], channel: Channel, operator: OperatorChannel, now: datetime
) -> NoticeChoice:
    """Choose one of the entries of a channel or person to send now. An introduction comes first."""
    first = min(entries, key=lambda entry: entry.reminder.kind is not MessageKind.INTRODUCTION)
    match first.reminder.kind:
        case MessageKind.INTRODUCTION:
            return NoticeChoice(_build_introduction(first, channel), first)
        case MessageKind.HEALTH:
            return _choose_health_message(first, entries)
        case MessageKind.OPERATOR_NOTE:
            return _choose_operator_note(session, first, operator, now)
        case _:
            message = requests.build_message(session, first)
            return NoticeChoice(message, first) if message else NoticeChoice(None, None, (first,))


def rebuild_operator_message(session: Session, entry: OutboxEntry) -> answers.OperatorMessage | None:
    """Return the current version of the operator message that the entry updates; None if it updates another kind."""
    if not entry.reminder.subject:
        return None
    note = operator_notes.find(session, entry.reminder.subject_id)
    return _build_operator_message(session, note, entry) if note else None


def _choose_operator_note(
    session: Session, entry: OutboxEntry, operator: OperatorChannel, now: datetime
) -> NoticeChoice:
    """Choose the note, unless it is outdated or the operator channel has changed."""
    reminder = entry.reminder
    if operator.find_place(session) != Place(reminder.workspace_id, reminder.channel_id):
        return NoticeChoice(None, None, (entry,), CHANNEL_CHANGED)
    note = operator_notes.find(session, reminder.subject_id)
    message = _build_operator_message(session, note, entry) if note else None
    if message is None or _is_outdated(message, now):
        return NoticeChoice(None, None, (entry,))
    return NoticeChoice(message, entry)


def _is_outdated(message: answers.OperatorMessage, now: datetime) -> bool:
    """Return True if the entry to review is resolved, or the note is too old. An open entry never grows too old."""
    if message.item is not None:
        return message.item.entry.resolution is not Resolution.OPEN
    return message.made_at < now - MAX_NOTE_AGE


def _build_operator_message(session: Session, note: OperatorNote, entry: OutboxEntry) -> answers.OperatorMessage:
    quarantined = quarantine.find(session, note.quarantine_entry_id) if note.quarantine_entry_id else None
    return answers.OperatorMessage(
        workspace_id=entry.reminder.workspace_id,
        channel_id=entry.reminder.channel_id,
        delivery_id=entry.delivery_id,
        topic=note.topic,
        text=note.text,
        url=note.url,
        made_at=note.created_at,
        item=review.build_review_item(session, quarantined) if quarantined else None,
    )


def _choose_health_message(first: OutboxEntry, entries: Sequence[OutboxEntry]) -> NoticeChoice:
    """Choose the newest health message about one channel. Messages about other channels wait."""
    subject_channel_id = first.reminder.subject
    *older, newest = (
        e for e in entries if e.reminder.kind is MessageKind.HEALTH and e.reminder.subject == subject_channel_id
    )
    message = answers.HealthMessage(
        workspace_id=newest.reminder.workspace_id,
        channel_id=newest.reminder.channel_id,
        delivery_id=newest.delivery_id,
        subject_channel_id=subject_channel_id,
        health=newest.reminder.health or Health.UNREACHABLE,
    )
    return NoticeChoice(message, newest, tuple(older))


def _build_introduction(entry: OutboxEntry, channel: Channel) -> answers.Introduction:
    return answers.Introduction(
        workspace_id=channel.workspace_id,
        channel_id=channel.channel_id,
        delivery_id=entry.delivery_id,
        invited_by=entry.reminder.subject,
        hour=channel.schedule.hour,
        zone=channel.schedule.zone,
    )
