"""The tables of the catalogue: rows, readings, and overrides of dates."""

from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import CatalogueEdition, ImageFamily, Milestone, Override
from storage.tables.base import FactRow, Row


class ImageFamilyRow(Row, FactRow[ImageFamily], table=True):
    """An image family of the catalogue."""

    __tablename__ = "image_family"
    spread: ClassVar = {
        milestone: (f"{milestone}_as_printed", milestone, f"{milestone}_problem") for milestone in map(str, Milestone)
    }

    product: str = Field(primary_key=True)
    family: str = Field(primary_key=True)
    position: int
    """Its position on the page, from the top."""
    family_as_printed: str
    framework: str
    number: str
    label: str
    patch_version: str
    accelerator: str
    python: str
    os: str
    cuda: str
    driver: str
    end_of_patch_and_support_as_printed: str
    end_of_patch_and_support: date | None
    end_of_patch_and_support_problem: str
    end_of_availability_as_printed: str
    end_of_availability: date | None
    end_of_availability_problem: str
    source_url: str
    as_of: date
    first_seen: datetime
    last_seen: datetime
    vanished_since: datetime | None = None


class CatalogueEditionRow(Row, FactRow[CatalogueEdition], table=True):
    """One accepted reading of a source."""

    __tablename__ = "catalogue_edition"

    id: int | None = Field(default=None, primary_key=True)
    product: str = Field(index=True)
    source_url: str
    as_of: date
    read_at: datetime
    rows: int
    quarantined: str


class OverrideRow(Row, FactRow[Override], table=True):
    """An override of a date. It is active until it has an end."""

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
    announced_upstream: str = ""
    ended_at: datetime | None = None
    end_reason: str = ""
