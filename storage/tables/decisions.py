"""The table of decisions."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import Decision
from storage.tables.base import FactRow, Row


class DecisionRow(Row, FactRow[Decision], table=True):
    """A decision made for a channel. It is active until it has an end."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.Index("ix_decision_channel", "workspace_id", "channel_id", "ended_at"),
        sa.Index("ix_decision_version", "product", "version", "ended_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel_id: str
    product: str
    version: str
    kind: str
    decided_by: str
    decided_at: datetime
    milestone: str
    """Empty for a decision about the whole version."""
    milestone_date: date | None
    snoozed_until: date | None
    original_date: date | None
    migrated_to: str = ""
    owner: str = ""
    ended_at: datetime | None = None
    end_reason: str = ""
