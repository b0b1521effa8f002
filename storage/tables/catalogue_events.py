"""The tables of changes to the catalogue: moved dates, other events, and release notes."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field

from storage.facts import CatalogueEvent, DateChange, ReleaseNote
from storage.tables.base import FactRow, Row


class DateChangeRow(Row, FactRow[DateChange], table=True):
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


class CatalogueEventRow(Row, FactRow[CatalogueEvent], table=True):
    """A change to a version other than a moved date, as a JSON object with its `kind`."""

    __tablename__ = "catalogue_event"

    id: int | None = Field(default=None, primary_key=True)
    found_at: datetime
    source_url: str
    change: str


class ReleaseNoteRow(Row, FactRow[ReleaseNote], table=True):
    """An item of the release notes."""

    __tablename__ = "release_note"
    long_texts: ClassVar = ("text",)

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
