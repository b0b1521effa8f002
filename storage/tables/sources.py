"""The tables of the catalogue's sources: polling state, quarantine, history of values, and page texts."""

from datetime import datetime

from sqlmodel import Field, Index

from storage.facts import HistoricalValue, QuarantineEntry, Source
from storage.tables.base import FactRow, Row


class SourceRow(Row, FactRow[Source], table=True):
    """The polling state of a product's page."""

    __tablename__ = "source"

    product: str = Field(primary_key=True)
    etag: str = ""
    last_modified: str = ""
    problem: str = ""
    fingerprint: str = ""
    polling_since: datetime | None = None
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    last_good_at: datetime | None = None
    fingerprint_since: datetime | None = None


class QuarantineEntryRow(Row, FactRow[QuarantineEntry], table=True):
    """A value of a reading that was quarantined."""

    __tablename__ = "quarantine"
    __table_args__ = (Index("ix_quarantine_resolution", "product", "resolution"),)

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
    resolution: str
    resolved_by: str
    resolved_at: datetime | None = None
    resolver_workspace_id: str = ""


class HistoricalValueRow(Row, FactRow[HistoricalValue], table=True):
    """A value that a field of a row had for a period of time."""

    __tablename__ = "catalogue_history"
    __table_args__ = (Index("ix_catalogue_history_version", "product", "version"),)

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


class PageTextRow(Row, table=True):
    """The text of a polled page as of the last poll."""

    __tablename__ = "page_text"

    name: str = Field(primary_key=True)
    text: str
    seen_at: datetime
