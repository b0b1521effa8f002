"""The table of decisions."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import Decision, DecisionKind, Milestone
from storage.tables.base import Row, validate_text


class DecisionRow(Row, table=True):
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
    decided: str
    decided_by: str
    decided_at: datetime
    milestone: str
    """Empty for a decision about the whole version."""
    milestone_date: date | None
    until: date | None
    given_for: date | None
    migrated_to: str = ""
    owner: str = ""
    ended_at: datetime | None = None
    ended_why: str = ""

    @classmethod
    def from_fact(cls, fact: Decision) -> "DecisionRow":
        """Build the row of an active decision."""
        return cls(
            workspace_id=validate_text(fact.workspace_id),
            channel_id=validate_text(fact.channel_id),
            product=validate_text(fact.product),
            version=validate_text(fact.version),
            decided=fact.kind.value,
            decided_by=validate_text(fact.decided_by),
            decided_at=fact.decided_at,
            milestone=fact.milestone.value if fact.milestone else "",
            milestone_date=fact.milestone_date,
            until=fact.snoozed_until,
            given_for=fact.original_date,
            migrated_to=validate_text(fact.migrated_to),
            owner=validate_text(fact.owner),
        )

    def to_fact(self) -> Decision:
        """Convert the row to a fact."""
        return Decision(
            workspace_id=self.workspace_id,
            channel_id=self.channel_id,
            product=self.product,
            version=self.version,
            kind=DecisionKind(self.decided),
            decided_by=self.decided_by,
            decided_at=self.decided_at,
            milestone=Milestone(self.milestone) if self.milestone else None,
            milestone_date=self.milestone_date,
            snoozed_until=self.until,
            original_date=self.given_for,
            migrated_to=self.migrated_to,
            owner=self.owner,
        )
