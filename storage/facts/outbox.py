"""Facts of the outbox: messages to be sent, being sent, or sent."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from storage.facts.catalogue import Milestone
from storage.facts.channels import Health


class MessageKind(StrEnum):
    """Kinds of outbox entries."""

    REMINDER = "reminder"
    SNOOZED = "snoozed"
    """A reminder postponed by a person to a day they chose."""
    DATE_CHANGE = "date_change"
    """A date of the table moved."""
    CORRECTION = "correction"
    """An update of a sent message, because a date in it moved or someone made a decision."""
    UNDO_EXPIRED = "undo_expired"
    """An update of a sent message, because a decision can't be undone any more."""
    EVENT = "event"
    """A catalogue event other than a moved date."""
    RELEASE_NOTE = "release_note"
    """A release note, for channels that subscribe to them."""
    WEEKLY = "weekly"
    HEALTH = "health"
    """A direct message that a channel of the recipient can't be reached."""
    INTRODUCTION = "introduction"
    """The bot's introduction, once in each channel it joins."""
    ACCESS_REQUEST = "access_request"
    """A direct message that asks a person to allow a change."""
    ACCESS_ANSWER = "access_answer"
    """A direct message with the answer to a request."""
    OPERATOR_NOTE = "operator_note"
    """A note in the operator's channel."""


REDRAW_KINDS = (MessageKind.CORRECTION, MessageKind.UNDO_EXPIRED)
"""Kinds that update a sent message. Sending one of these twice is harmless."""


class Reminder(Struct, frozen=True):
    """The identity of a message. Each identity is sent once."""

    workspace_id: str
    channel_id: str
    """Destination of the message: a channel, or a user for a direct message."""
    product: str
    version: str
    """A canonical name. Empty for messages that are not about one version."""
    milestone: Milestone | None
    """None for messages without a milestone, such as a weekly summary."""
    milestone_date: date
    """The Monday of the week for a weekly summary; the first day of the problem for a health message."""
    rung: int
    """Days before the milestone. 0 is the last day, -1 the day after, and 0 for messages without a rung."""
    kind: MessageKind = MessageKind.REMINDER
    subject: str = ""
    """Further subject of the message: the id of the date change, event, request or note, of the unreachable channel, or
    of the user who invited the bot."""
    health: Health | None = None
    """The problem of the unreachable channel that a health message is about."""

    @property
    def subject_id(self) -> int:
        """The subject as the id of a stored fact."""
        return int(self.subject)


class OutboxState(StrEnum):
    """The progress of an outbox entry."""

    PENDING = "pending"
    SENDING = "sending"
    AMBIGUOUS = "ambiguous"
    SENT = "sent"
    SUPERSEDED = "superseded"
    HELD = "held"
    DEAD = "dead"


class OutboxEntry(Struct, frozen=True):
    """A message in the outbox, with the state of its delivery."""

    entry_id: int
    reminder: Reminder
    due_on: date
    """The milestone date minus the rung in calendar days, not shifted for days off."""
    due_at: datetime
    state: OutboxState
    attempt: int = 0
    owner: str = ""
    """The process that holds the lease."""
    delivery_id: str = ""
    """A random key in the message's metadata, assigned at the first claim and kept."""
    ambiguous_since: datetime | None = None
    """Since when Slack might have the message without the bot knowing."""
    lookups: int = 0
    """How many times the channel's history was searched for it since then."""
    message_ts: str = ""
    sent_at: datetime | None = None
    error: str = ""


class DueRung(Struct, frozen=True):
    """A rung of a milestone to be planned for the subscribers of a version on one schedule."""

    product: str
    framework: str
    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    due_on: date
    due_at: datetime


class PlanResult(Struct, frozen=True):
    """How many entries a planning run wrote and superseded."""

    written: int = 0
    superseded: int = 0


class PossibleDuplicate(Struct, frozen=True):
    """A message that might have been posted twice, and the reason the bot could not find out."""

    entry_id: int
    workspace_id: str
    channel_id: str
    delivery_id: str
    reason: str
    recorded_at: datetime
