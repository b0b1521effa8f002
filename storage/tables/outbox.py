"""The tables of the outbox: entries, rate limits, possible duplicates, and job runs."""

from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import OutboxEntry, PossibleDuplicate, Reminder
from storage.tables.base import FactRow, Row

IDENTITY = Reminder.__struct_fields__
"""The columns that identify a message."""

ACTIVE = "state IN ('pending', 'sending', 'ambiguous')"
"""The condition for rows that can be claimed. It makes the partial indexes as small as the backlog."""


class OutboxRow(Row, FactRow[OutboxEntry], table=True):
    """A message in the outbox. Its unique key is the reminder's identity."""

    __tablename__ = "outbox"
    spread: ClassVar = {"reminder": IDENTITY}
    __table_args__ = (
        sa.UniqueConstraint(*IDENTITY, name="uq_outbox_identity"),
        sa.Index("ix_outbox_active", "next_try_at", "id", sqlite_where=sa.text(ACTIVE)),
        sa.Index("ix_outbox_turns", "workspace_id", "next_try_at", "channel_id", sqlite_where=sa.text(ACTIVE)),
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
    subject: str = ""
    health: str = ""
    due_on: date
    due_at: datetime
    state: str
    attempt: int = 0
    owner: str | None = None
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    next_try_at: datetime
    ambiguous_since: datetime | None = None
    lookups: int = 0
    delivery_id: str | None = None
    message_ts: str = ""
    sent_at: datetime | None = None
    error: str = ""


class RateLimitRow(Row, table=True):
    """When a channel can be posted to again. An empty channel id stands for the whole workspace."""

    __tablename__ = "rate_limit"

    workspace_id: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)
    free_at: datetime
    limited_at: datetime | None = None
    """When Slack last answered with a rate limit."""


class PossibleDuplicateRow(Row, FactRow[PossibleDuplicate], table=True):
    """A message that might have been posted twice."""

    __tablename__ = "possible_duplicate"

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int
    workspace_id: str
    channel_id: str
    delivery_id: str
    reason: str
    recorded_at: datetime


class JobRunRow(Row, table=True):
    """When a job that runs less often than the tick last ran, in any process."""

    __tablename__ = "job_run"

    name: str = Field(primary_key=True)
    ran_at: datetime
