"""The tables of the audit log and of access requests."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import AccessRequest, AuditEntry
from storage.tables.base import FactRow, Row


class AuditEntryRow(Row, FactRow[AuditEntry], table=True):
    """A change in the audit log."""

    __tablename__ = "audit_log"
    __table_args__ = (sa.Index("ix_audit_log_channel", "workspace_id", "channel_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel_id: str
    actor: str
    action: str
    at: datetime
    before: str
    after: str


class AccessRequestRow(Row, FactRow[AccessRequest], table=True):
    """A request to someone with permission to run a command."""

    __tablename__ = "access_request"

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    channel_id: str
    requested_by: str
    approver: str
    command: str
    requested_at: datetime
    resolved_at: datetime | None = None
    granted: bool = False
