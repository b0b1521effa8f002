"""The table of reminders on their way."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.facts import Milestone, OutboxEntry, OutboxState, Reminder

ACTIVE = "state IN ('pending', 'sending', 'ambiguous')"
"""The rows that a claim may take; the partial index over them is as small as the backlog."""


class OutboxRow(SQLModel, table=True):
    """A reminder on its way, or sent; its key is the reminder's identity."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint(
            "workspace_id", "channel_id", "product", "version", "milestone", "milestone_date", "rung", "kind"
        ),
        sa.Index(
            "ix_outbox_active", "next_try_at", "id", sqlite_where=sa.text(ACTIVE), postgresql_where=sa.text(ACTIVE)
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    workspace_id: str
    channel_id: str
    product: str
    version: str
    milestone: str
    milestone_date: date
    rung: int
    due_on: date
    due_at: datetime
    state: str
    attempt: int = 0
    owner: str | None = None
    lease_until: datetime | None = None
    next_try_at: datetime
    unsure_since: datetime | None = None
    delivery_id: str | None = None
    message_ts: str = ""
    sent_at: datetime | None = None
    error: str = ""

    def fact(self) -> OutboxEntry:
        """The entry."""
        return OutboxEntry(
            entry_id=self.id or 0,
            reminder=Reminder(
                self.workspace_id,
                self.channel_id,
                self.product,
                self.version,
                Milestone(self.milestone),
                self.milestone_date,
                self.rung,
                self.kind,
            ),
            due_on=self.due_on,
            due_at=self.due_at,
            state=OutboxState(self.state),
            attempt=self.attempt,
            owner=self.owner or "",
            delivery_id=self.delivery_id or "",
            unsure_since=self.unsure_since,
            message_ts=self.message_ts,
            sent_at=self.sent_at,
            error=self.error,
        )
