"""The tables of what is told besides the two dates, and of dates set by hand."""

import json
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import CatalogueEvent, EventKind, Milestone, OperatorNote, Override, ReleaseNote
from storage.tables.base import Row, validate_text


class CatalogueEventRow(Row, table=True):
    """Something that happened to a version."""

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
        """The row of an event; the database numbers it."""
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
        """The event."""
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
        """The row of an item."""
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
        """The item."""
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


class OverrideRow(Row, table=True):
    """A date that a person set by hand; it holds until it has an end."""

    __tablename__ = "date_override"
    __table_args__ = (sa.Index("ix_date_override_version", "product", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    product: str
    version: str
    family: str
    milestone: str
    day: date
    reason: str
    set_by: str
    set_at: datetime
    until: date | None = None
    upstream: str = ""
    ended_at: datetime | None = None
    ended_why: str = ""

    @classmethod
    def from_fact(cls, fact: Override) -> "OverrideRow":
        """The row of a date set by hand; the database numbers it."""
        return cls(
            product=validate_text(fact.product),
            version=validate_text(fact.version),
            family=validate_text(fact.family),
            milestone=fact.milestone.value,
            day=fact.day,
            reason=validate_text(fact.reason),
            set_by=validate_text(fact.set_by),
            set_at=fact.set_at,
            until=fact.until,
            upstream=validate_text(fact.announced_upstream),
            ended_at=fact.ended_at,
            ended_why=validate_text(fact.end_reason),
        )

    def to_fact(self) -> Override:
        """The date set by hand."""
        return Override(
            override_id=self.id or 0,
            product=self.product,
            version=self.version,
            family=self.family,
            milestone=Milestone(self.milestone),
            day=self.day,
            reason=self.reason,
            set_by=self.set_by,
            set_at=self.set_at,
            until=self.until,
            announced_upstream=self.upstream,
            ended_at=self.ended_at,
            end_reason=self.ended_why,
        )


class OperatorNoteRow(Row, table=True):
    """A word to whoever runs the bot."""

    __tablename__ = "operator_note"
    __table_args__ = (sa.UniqueConstraint("topic", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    topic: str
    key: str
    text: str
    made_at: datetime
    finding_id: int | None = None
    url: str = ""

    def to_fact(self) -> OperatorNote:
        """The note."""
        return OperatorNote(self.id or 0, self.topic, self.key, self.text, self.made_at, self.finding_id, self.url)


class PageTextRow(Row, table=True):
    """The words of a page that is watched, as they were last seen."""

    __tablename__ = "page_text"

    name: str = Field(primary_key=True)
    text: str
    seen_at: datetime
