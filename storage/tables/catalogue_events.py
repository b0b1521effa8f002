"""The tables of changes to the catalogue: moved dates, other events, and release notes."""

import json
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import CatalogueEvent, DateChange, EventKind, Milestone, ReleaseNote
from storage.tables.base import Row, validate_text


class DateChangeRow(Row, table=True):
    """A date that moved."""

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
        """Build the row of a change. The database assigns its id."""
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
        """Convert the row to a fact."""
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


class CatalogueEventRow(Row, table=True):
    """A change to a version other than a moved date."""

    __tablename__ = "catalogue_event"
    __table_args__ = (sa.Index("ix_catalogue_event_version", "product", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    product: str
    framework: str
    version: str
    kind: str
    found_at: datetime
    source_url: str
    families: str
    milestone: str
    day: date | None
    details: str

    @classmethod
    def from_fact(cls, fact: CatalogueEvent) -> "CatalogueEventRow":
        """Build the row of an event. The database assigns its id."""
        return cls(
            product=validate_text(fact.product),
            framework=validate_text(fact.framework),
            version=validate_text(fact.version),
            kind=fact.kind.value,
            found_at=fact.found_at,
            source_url=validate_text(fact.source_url),
            families=json.dumps(fact.families),
            milestone=fact.milestone.value if fact.milestone else "",
            day=fact.day,
            details=json.dumps(dict(fact.details)),
        )

    def to_fact(self) -> CatalogueEvent:
        """Convert the row to a fact."""
        return CatalogueEvent(
            event_id=self.id or 0,
            product=self.product,
            framework=self.framework,
            version=self.version,
            kind=EventKind(self.kind),
            found_at=self.found_at,
            source_url=self.source_url,
            families=tuple(json.loads(self.families)),
            milestone=Milestone(self.milestone) if self.milestone else None,
            day=self.day,
            details=json.loads(self.details),
        )


class ReleaseNoteRow(Row, table=True):
    """An item of the release notes."""

    __tablename__ = "release_note"

    product: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    milestone: str
    text: str
    text_hash: str
    url: str
    versions: str
    first_seen: datetime
    changed_at: datetime | None = None

    @classmethod
    def from_fact(cls, fact: ReleaseNote) -> "ReleaseNoteRow":
        """Build the row of an item."""
        return cls(
            product=validate_text(fact.product),
            day=fact.day,
            kind=validate_text(fact.kind),
            number=fact.number,
            milestone=validate_text(fact.milestone),
            text=fact.text.replace("\0", ""),
            text_hash=fact.text_hash,
            url=validate_text(fact.url),
            versions=json.dumps(fact.versions),
            first_seen=fact.first_seen,
            changed_at=fact.changed_at,
        )

    def to_fact(self) -> ReleaseNote:
        """Convert the row to a fact."""
        return ReleaseNote(
            product=self.product,
            day=self.day,
            kind=self.kind,
            number=self.number,
            milestone=self.milestone,
            text=self.text,
            text_hash=self.text_hash,
            url=self.url,
            versions=tuple(json.loads(self.versions)),
            first_seen=self.first_seen,
            changed_at=self.changed_at,
        )
