"""Permissions, the audit log, access requests, and refused changes."""

from msgspec import Struct

from bot.answers.bases import Delivery
from bot.policy.permissions import Refusal
from storage.facts import AuditEntry, PermissionRule


class InvalidRequest(Struct, frozen=True):
    """A request that is invalid. Nothing was changed."""

    message: str


class PermissionDenied(Struct, frozen=True):
    """The person is not allowed to make this change. Nothing was changed."""

    reason: Refusal
    command: str = ""
    """The text after /dlvm to put in an access request; empty if access can't be requested."""


class Permissions(Struct, frozen=True):
    """The permissions of a workspace."""

    rule: PermissionRule
    managers: tuple[str, ...]
    """Ids of the named people and user groups."""
    is_changed: bool = False
    creator: str = ""
    """The id of the creator of this channel, if the rule depends on it and it is known."""


class AuditPage(Struct, frozen=True):
    """A page of the audit log of a channel, newest first."""

    zone: str
    entries: tuple[AuditEntry, ...]
    page: int
    has_more: bool


class AccessRequested(Struct, frozen=True):
    """An access request was sent."""

    approver: str
    """The id of the person who was asked; empty if nobody can be asked."""
    command: str
    is_repeat: bool = False


class AccessDecision(Struct, frozen=True):
    """An answered access request, for the person who answered it."""

    requested_by: str
    channel_id: str
    command: str
    is_granted: bool
    is_already_answered: bool = False
    """True if the request was answered before, so this answer changed nothing."""


class AccessRequestMessage(Delivery, frozen=True):
    """A direct message that asks a person to allow a change."""

    request_id: int
    requested_by: str
    subject_channel_id: str
    command: str


class AccessDecisionMessage(Delivery, frozen=True):
    """A direct message that tells a person how their access request was answered."""

    answered_by: str
    subject_channel_id: str
    command: str
    is_granted: bool
