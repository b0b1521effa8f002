"""Who may change what, who changed what, and what could not be done."""

from datetime import date, datetime

from msgspec import Struct

from bot.policy.permissions import Refusal
from storage.facts import AuditEntry, PermissionRule


class InvalidRequest(Struct, frozen=True):
    """Something was not understood or does not fit; nothing was changed."""

    message: str


class PermissionDenied(Struct, frozen=True):
    """The person may not change this; nothing was changed."""

    reason: Refusal
    command: str = ""
    """The text after /dlvm that somebody else can be asked to allow; empty where nobody can be asked."""


class Permissions(Struct, frozen=True):
    """Who may change what the channels of a workspace watch."""

    rule: PermissionRule
    managers: tuple[str, ...]
    is_changed: bool = False
    creator: str = ""
    """Who made this channel, where that matters and is known."""


class AuditPage(Struct, frozen=True):
    """A page of who changed what in a channel, newest first."""

    zone: str
    entries: tuple[AuditEntry, ...]
    page: int
    has_more: bool
    """Whether there are older ones."""


class AccessRequested(Struct, frozen=True):
    """Somebody was asked to allow a change."""

    approver: str
    """Empty where nobody is known who may."""
    command: str
    is_repeat: bool = False
    """The same was asked before and is not answered yet."""


class AccessDecision(Struct, frozen=True):
    """What became of an asking, for the person who answered it."""

    requested_by: str
    channel_id: str
    command: str
    is_granted: bool
    is_already_answered: bool = False
    """It was answered before; this answer changed nothing."""


class AccessRequestMessage(Struct, frozen=True):
    """A person is asked to allow a change."""

    workspace_id: str
    channel_id: str
    """The person's id: posting there opens the direct message."""
    delivery_id: str
    request_id: int
    requested_by: str
    subject_channel_id: str
    """The channel that would be changed."""
    command: str
    day: date


class AccessDecisionMessage(Struct, frozen=True):
    """A person hears what became of what they asked for."""

    workspace_id: str
    channel_id: str
    delivery_id: str
    answered_by: str
    subject_channel_id: str
    command: str
    is_granted: bool
    decided_at: datetime
