"""The tables of the catalogue's sources: polling state, quarantine, history of values, and page texts."""

import json
from datetime import datetime

from sqlmodel import Field, Index

from storage.facts import HistoricalValue, QuarantineEntry, Resolution, Source
from storage.tables.base import Row, validate_text


class SourceRow(Row, table=True):
    """The polling state of a product's page."""

    __tablename__ = "source"

    product: str = Field(primary_key=True)
    etag: str = ""
    last_modified: str = ""
    problem: str = ""
    fingerprint: str = ""
    watched_since: datetime | None = None
    tried_at: datetime | None = None
    next_at: datetime | None = None
    good_at: datetime | None = None
    fingerprint_since: datetime | None = None

    def to_fact(self) -> Source:
        """Convert the row to a fact."""
        return Source(
            product=self.product,
            polling_since=self.watched_since,
            polled_at=self.tried_at,
            next_poll_at=self.next_at,
            last_good_at=self.good_at,
            etag=self.etag,
            last_modified=self.last_modified,
            problem=self.problem,
            fingerprint=self.fingerprint,
            fingerprint_since=self.fingerprint_since,
        )


class QuarantineEntryRow(Row, table=True):
    """A value of a reading that was quarantined."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_settled", "product", "settled"),)

    id: int | None = Field(default=None, primary_key=True)
    product: str
    family: str
    field: str
    printed: str
    reason: str
    last_good: str
    fingerprint: str
    difference: str
    acceptable: bool
    found_at: datetime
    settled: str
    settled_by: str
    settled_at: datetime | None = None

    @classmethod
    def from_fact(cls, fact: QuarantineEntry) -> "QuarantineEntryRow":
        """Build the row of an entry. The database assigns its id."""
        return cls(
            product=validate_text(fact.product),
            family=validate_text(fact.family),
            field=validate_text(fact.field),
            printed=validate_text(fact.printed),
            reason=validate_text(fact.reason),
            last_good=validate_text(fact.last_good),
            fingerprint=validate_text(fact.fingerprint),
            difference=json.dumps(fact.difference),
            acceptable=fact.acceptable,
            found_at=fact.found_at,
            settled=fact.resolution,
            settled_by=validate_text(fact.resolved_by),
            settled_at=fact.resolved_at,
        )

    def to_fact(self) -> QuarantineEntry:
        """Convert the row to a fact."""
        return QuarantineEntry(
            entry_id=self.id or 0,
            product=self.product,
            family=self.family,
            field=self.field,
            printed=self.printed,
            reason=self.reason,
            last_good=self.last_good,
            fingerprint=self.fingerprint,
            difference=tuple(json.loads(self.difference)),
            acceptable=self.acceptable,
            found_at=self.found_at,
            resolution=Resolution(self.settled),
            resolved_by=self.settled_by,
            resolved_at=self.settled_at,
        )


class HistoricalValueRow(Row, table=True):
    """A value that a field of a row had for a period of time."""

    __tablename__ = "former_value"
    __table_args__ = (Index("ix_former_value_version", "product", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    product: str
    version: str
    family: str
    field: str
    printed: str
    value: str
    source_url: str
    first_seen: datetime
    last_seen: datetime | None = None

    def to_fact(self) -> HistoricalValue:
        """Convert the row to a fact."""
        return HistoricalValue(
            product=self.product,
            version=self.version,
            family=self.family,
            field=self.field,
            printed=self.printed,
            value=self.value,
            source_url=self.source_url,
            first_seen=self.first_seen,
            last_seen=self.last_seen,
        )


class PageTextRow(Row, table=True):
    """The text of a polled page as of the last poll."""

    __tablename__ = "page_text"

    name: str = Field(primary_key=True)
    text: str
    seen_at: datetime
