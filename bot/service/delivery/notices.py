"""Messages that carry one thing and nothing besides: notes to people, introductions, words to the operator."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlmodel import Session

from bot import answers
from bot.service.access import requests
from bot.service.operator import review
from bot.service.operator.channel import ELSEWHERE, YOUNG, Operator
from bot.service.place import Place
from storage import operator_notes, quarantine
from storage.facts import Channel, Health, Kind, OperatorNote, OutboxEntry, Settled

TO_PEOPLE = (Kind.HEALTH, Kind.ASKING, Kind.GRANTED)
"""Kinds that go to a person: a refusal says nothing about a channel."""

KINDS = (*TO_PEOPLE, Kind.INTRODUCTION, Kind.OPERATOR)


class Chosen(Struct, frozen=True):
    """What goes out now, if anything, and what is moot; the rest waits its turn."""

    message: answers.Message | None
    entry: OutboxEntry | None
    moot: tuple[OutboxEntry, ...] = ()
    why: str = ""


def choose(
    session: Session, entries: Sequence[OutboxEntry], channel: Channel, operator: Operator, now: datetime
) -> Chosen:
    """One of the entries, which are all of one channel or person; an introduction comes first."""
    first = min(entries, key=lambda entry: entry.reminder.kind is not Kind.INTRODUCTION)
    match first.reminder.kind:
        case Kind.INTRODUCTION:
            return Chosen(_introduction(first, channel), first)
        case Kind.HEALTH:
            return _newest_health(first, entries, now)
        case Kind.OPERATOR:
            return _operator(session, first, operator, now)
        case _:
            note = requests.note(session, first, now)
            return Chosen(note, first) if note else Chosen(None, None, (first,))


def redrawn(session: Session, entry: OutboxEntry) -> answers.OperatorMessage | None:
    """The word to the operator whose message the entry draws anew, as it stands now; None where it is another's."""
    number = entry.reminder.version
    note = (
        operator_notes.find(session, int(number)) if entry.reminder.milestone is None and number.isdecimal() else None
    )
    return _message(session, note, entry) if note else None


def _operator(session: Session, entry: OutboxEntry, operator: Operator, now: datetime) -> Chosen:
    """A word to the operator, unless it is settled, too old, or their channel is another one by now."""
    reminder = entry.reminder
    if operator.place(session) != Place(reminder.workspace_id, reminder.channel_id):
        return Chosen(None, None, (entry,), ELSEWHERE)
    note = operator_notes.find(session, int(reminder.version))
    message = _message(session, note, entry) if note else None
    return Chosen(None, None, (entry,)) if message is None or _is_moot(message, now) else Chosen(message, entry)


def _is_moot(message: answers.OperatorMessage, now: datetime) -> bool:
    """Whether it is settled, or no news any more; what waits for a person never grows too old."""
    if message.held is not None:
        return message.held.finding.settled is not Settled.OPEN
    return message.made_at < now - YOUNG


def _message(session: Session, note: OperatorNote, entry: OutboxEntry) -> answers.OperatorMessage:
    found = quarantine.find(session, note.finding_id) if note.finding_id else None
    return answers.OperatorMessage(
        workspace_id=entry.reminder.workspace_id,
        channel_id=entry.reminder.channel_id,
        delivery_id=entry.delivery_id,
        topic=note.topic,
        text=note.text,
        url=note.url,
        made_at=note.made_at,
        held=review.held_back(session, found) if found else None,
    )


def _newest_health(first: OutboxEntry, entries: Sequence[OutboxEntry], now: datetime) -> Chosen:
    """The newest note about one channel; what the person is told about others waits its turn."""
    about = first.reminder.version
    same = [e for e in entries if e.reminder.kind is Kind.HEALTH and e.reminder.version == about]
    newest = same[-1]
    note = answers.HealthNote(
        workspace_id=newest.reminder.workspace_id,
        channel_id=newest.reminder.channel_id,
        delivery_id=newest.delivery_id,
        about=about,
        health=list(Health)[newest.reminder.rung],
        day=now.date(),
    )
    return Chosen(note, newest, tuple(same[:-1]))


def _introduction(entry: OutboxEntry, channel: Channel) -> answers.Introduction:
    return answers.Introduction(
        workspace_id=channel.workspace_id,
        channel_id=channel.channel_id,
        delivery_id=entry.delivery_id,
        invited_by=entry.reminder.version,
        hour=channel.schedule.hour,
        zone=channel.schedule.zone,
    )
