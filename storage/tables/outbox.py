"""The tables of the outbox: entries, rate limits, possible duplicates, and job runs."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import MessageKind, Milestone, OutboxEntry, OutboxState, PossibleDuplicate, Reminder
from storage.tables.base import Row

ACTIVE = "state IN ('pending', 'sending', 'ambiguous')"
"""The condition for rows that can be claimed. It makes the partial indexes as small as the backlog."""


class OutboxRow(Row, table=True):
    """A message in the outbox. Its unique key is the reminder's identity."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint(
            "workspace_id", "channel_id", "product", "version", "milestone", "milestone_date", "rung", "kind"
        ),
        sa.Index("ix_outbox_active", "next_try_at", "id", sqlite_where=sa.text(ACTIVE)),
        sa.Index(
            "ix_outbox_turns",
            "workspace_id",
            "next_try_at",
            "channel_id",
            sqlite_where=sa.text(ACTIVE),
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
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    next_try_at: datetime
    unsure_since: datetime | None = None
    looks: int = 0
    delivery_id: str | None = None
    message_ts: str = ""
    sent_at: datetime | None = None
    error: str = ""

    def to_fact(self) -> OutboxEntry:
        """Convert the row to a fact."""
        return OutboxEntry(
            entry_id=self.id or 0,
            reminder=Reminder(
                self.workspace_id,
                self.channel_id,
                self.product,
                self.version,
                Milestone(self.milestone) if self.milestone else None,
                self.milestone_date,
                self.rung,
                MessageKind(self.kind),
            ),
            due_on=self.due_on,
            due_at=self.due_at,
            state=OutboxState(self.state),
            attempt=self.attempt,
            owner=self.owner or "",
            delivery_id=self.delivery_id or "",
            ambiguous_since=self.unsure_since,
            lookups=self.looks,
            message_ts=self.message_ts,
            sent_at=self.sent_at,
            error=self.error,
        )


class RateLimitRow(Row, table=True):
    """When a channel can be posted to again. An empty channel id stands for the whole workspace."""

    __tablename__ = "pace"

    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    free_at: datetime
    limited_at: datetime | None = None
    """When Slack last answered with a rate limit."""


class PossibleDuplicateRow(Row, table=True):
    """A message that might have been posted twice."""

    __tablename__ = "possible_repeat"

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int
    workspace_id: str
    channel_id: str
    delivery_id: str
    why: str
    at: datetime

    @classmethod
    def from_fact(cls, fact: PossibleDuplicate) -> "PossibleDuplicateRow":
        """Build the row of a possible duplicate."""
        return cls(
            entry_id=fact.entry_id,
            workspace_id=fact.workspace_id,
            channel_id=fact.channel_id,
            delivery_id=fact.delivery_id,
            why=fact.reason,
            at=fact.recorded_at,
        )

    def to_fact(self) -> PossibleDuplicate:
        """Convert the row to a fact."""
        return PossibleDuplicate(self.entry_id, self.workspace_id, self.channel_id, self.delivery_id, self.why, self.at)


class JobRunRow(Row, table=True):
    """When a job that runs less often than the tick last ran, in any process."""

    __tablename__ = "job_run"

    name: str = Field(primary_key=True)
    ran_at: datetime
