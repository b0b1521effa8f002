"""Facts of access: who can change a channel, requests to people with permission, and the audit log."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class PermissionRule(StrEnum):
    """The rule that says who can change a channel's subscriptions and settings."""

    ANYONE = "anyone"
    """Every member of the channel except guests and people from other organisations."""
    CREATORS = "creators"
    """The channel's creator and the managers."""
    NAMED = "named"
    """Only the managers."""


class AuditEntry(Struct, frozen=True):
    """A change in the audit log: who changed what and when, with the values before and after."""

    workspace_id: str
    channel_id: str
    """Empty for a change to the whole workspace."""
    actor: str
    """A user id. Empty for the command line."""
    action: str
    """`subscribe`, `settings`, `acknowledge` … These words never change."""
    at: datetime
    before: str = ""
    after: str = ""


class AccessRequest(Struct, frozen=True):
    """A request from someone without permission, to someone with it, to run a command."""

    request_id: int
    workspace_id: str
    channel_id: str
    requested_by: str
    approver: str
    command: str
    """The text after /dlvm."""
    requested_at: datetime
    resolved_at: datetime | None = None
    granted: bool = False
