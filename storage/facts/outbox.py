"""Facts of reminders on their way."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from storage.facts.catalogue import Milestone


class MessageKind(StrEnum):
    """What an entry of the outbox brings to a channel."""

    REMINDER = "reminder"
    SNOOZED = "snoozed"
    """A reminder that somebody put off to a day of their choice."""
    DATE_CHANGE = "moved"
    """A date of the table moved."""
    CORRECTION = "correction"
    """A message sent earlier is drawn anew: a date in it moved, or somebody decided something."""
    UNDO_EXPIRED = "closing"
    """The same, once a decision can't be taken back any more."""
    EVENT = "news"
    """Something else happened to a version; the rung is the number of the event."""
    RELEASE_NOTE = "note"
    """The same, of the release notes, for channels that want them."""
    WEEKLY = "weekly"
    HEALTH = "health"
    """A note to a person: a channel of theirs can't be reached."""
    INTRODUCTION = "introduction"
    """The bot says what it does, once, in a channel it was let into; the version is who let it in."""
    ACCESS_REQUEST = "asking"
    """A person is asked to allow a change; the version is the number of the asking."""
    ACCESS_ANSWER = "granted"
    """A person hears what became of what they asked for; the version is the number of the asking."""
    OPERATOR_NOTE = "operator"
    """A word to whoever runs the bot, in their channel; the version is the number of the note."""


REDRAW_KINDS = (MessageKind.CORRECTION, MessageKind.UNDO_EXPIRED)
"""Kinds that draw a message anew which was sent earlier: doing it twice changes nothing."""


class Reminder(Struct, frozen=True):
    """The identity of a reminder: equal means the same one, and the same one is sent once."""

    workspace_id: str
    channel_id: str
    """Where it goes; for a note or question to somebody, a person."""
    product: str
    version: str
    """The canonical name; `all` for a weekly summary, the channel concerned for a note about its health."""
    milestone: Milestone | None
    """None for what is about no milestone: a weekly summary, a note about a channel's health."""
    milestone_date: date
    """For a weekly summary the Monday of its week, for a note about health the day the trouble began."""
    rung: int
    """Days before the milestone; 0 the last day, -1 passed. For a moved date or news the number of its record."""
    kind: MessageKind = MessageKind.REMINDER


class OutboxState(StrEnum):
    """Where a reminder is on its way."""

    PENDING = "pending"
    SENDING = "sending"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    SUPERSEDED = "superseded"
    HELD = "held"
    DEAD = "dead"


class OutboxEntry(Struct, frozen=True):
    """A reminder on its way, or sent."""

    entry_id: int
    reminder: Reminder
    due_on: date
    """Milestone date minus rung, in calendar days, never shifted."""
    due_at: datetime
    state: OutboxState
    attempt: int = 0
    owner: str = ""
    delivery_id: str = ""
    """Random, given at the first claim and kept: the key in the message's metadata."""
    ambiguous_since: datetime | None = None
    lookups: int = 0
    """How often the channel's history was asked for it since it became unsure."""
    message_ts: str = ""
    sent_at: datetime | None = None
    error: str = ""


class DueRung(Struct, frozen=True):
    """What planning wants of a schedule: this rung of this milestone, for whoever watches the version."""

    product: str
    framework: str
    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    due_on: date
    due_at: datetime


class PlanResult(Struct, frozen=True):
    """What one planning did."""

    written: int = 0
    superseded: int = 0


class PossibleDuplicate(Struct, frozen=True):
    """A message that may stand in its channel twice, and why nobody could know better."""

    entry_id: int
    workspace_id: str
    channel_id: str
    delivery_id: str
    reason: str
    recorded_at: datetime
