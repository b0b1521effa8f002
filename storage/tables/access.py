"""The tables of the audit log and of access requests."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import AccessRequest, AuditEntry
from storage.tables.base import MAX_TEXT_LENGTH, Row, validate_text


class AuditEntryRow(Row, table=True):
    """A change in the audit log."""

    __tablename__ = "change"
    __table_args__ = (sa.Index("ix_change_channel", "workspace_id", "channel_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel_id: str
    who: str
    what: str
    at: datetime
    before: str
    after: str

    @classmethod
    def from_fact(cls, fact: AuditEntry) -> "AuditEntryRow":
        """Build the row of an entry, with its values cut to 500 characters. The database assigns its id."""
        return cls(
            workspace_id=validate_text(fact.workspace_id),
            channel_id=validate_text(fact.channel_id),
            who=validate_text(fact.actor),
            what=validate_text(fact.action),
            at=fact.at,
            before=validate_text(fact.before[:MAX_TEXT_LENGTH]),
            after=validate_text(fact.after[:MAX_TEXT_LENGTH]),
        )

    def to_fact(self) -> AuditEntry:
        """Convert the row to a fact."""
        return AuditEntry(self.workspace_id, self.channel_id, self.who, self.what, self.at, self.before, self.after)


class AccessRequestRow(Row, table=True):
    """A request to someone with permission to run a command."""

    __tablename__ = "asking"

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    channel_id: str
    asked_by: str
    asked_of: str
    command: str
    asked_at: datetime
    settled_at: datetime | None = None
    granted: bool = False

    @classmethod
    def from_fact(cls, fact: AccessRequest) -> "AccessRequestRow":
        """Build the row of a request. The database assigns its id."""
        return cls(
            workspace_id=validate_text(fact.workspace_id),
            channel_id=validate_text(fact.channel_id),
            asked_by=validate_text(fact.requested_by),
            asked_of=validate_text(fact.approver),
            command=validate_text(fact.command),
            asked_at=fact.requested_at,
            settled_at=fact.resolved_at,
            granted=fact.granted,
        )

    def to_fact(self) -> AccessRequest:
        """Convert the row to a fact."""
        return AccessRequest(
            request_id=self.id or 0,
            workspace_id=self.workspace_id,
            channel_id=self.channel_id,
            requested_by=self.asked_by,
            approver=self.asked_of,
            command=self.command,
            requested_at=self.asked_at,
            resolved_at=self.settled_at,
            granted=self.granted,
        )
