"""The tables of what moved, and of what people decided about it."""

import json
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import DateChange, Decision, DecisionKind, Milestone
from storage.tables.base import Row, validate_text


class DateChangeRow(Row, table=True):
    """A date that was seen to move."""

    __tablename__ = "date_change"

    id: int | None = Field(default=None, primary_key=True)
    product: str
    version: str = Field(index=True)
    milestone: str
    before: date
    after: date | None
    found_at: datetime
    source_url: str
    families: str
    remark: str = ""

    @classmethod
    def from_fact(cls, fact: DateChange) -> "DateChangeRow":
        """The row of a change; the database numbers it."""
        return cls(
            product=validate_text(fact.product),
            version=validate_text(fact.version),
            milestone=fact.milestone.value,
            before=fact.before,
            after=fact.after,
            found_at=fact.found_at,
            source_url=validate_text(fact.source_url),
            families=json.dumps(fact.families),
            remark=validate_text(fact.remark),
        )

    def to_fact(self) -> DateChange:
        """The change."""
        return DateChange(
            self.id or 0,
            self.product,
            self.version,
            Milestone(self.milestone),
            self.before,
            self.after,
            self.found_at,
            self.source_url,
            tuple(json.loads(self.families)),
            self.remark,
        )


class DecisionRow(Row, table=True):
    """A decision of people; it is in force until it has an end."""

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
        """The row of a decision in force."""
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
        """The decision."""
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
