"""The tables of the catalogue: rows, readings, and overrides of dates."""

import json
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import CatalogueReading, ImageFamily, Milestone, Override, PrintedDate
from storage.tables.base import Row, validate_text


class ImageFamilyRow(Row, table=True):
    """An image family of the catalogue."""

    __tablename__ = "image_family"

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
    absent_since: datetime | None = None

    @classmethod
    def build_values(cls, fact: ImageFamily, position: int, seen: datetime) -> dict[str, object]:
        """Return the column values of a family listed at the time `seen`."""
        patch, availability = fact.end_of_patch_and_support, fact.end_of_availability
        texts = {
            "product": fact.product,
            "family": fact.family,
            "family_as_printed": fact.family_as_printed,
            "framework": fact.framework,
            "number": fact.number,
            "label": fact.label,
            "patch_version": fact.patch_version,
            "accelerator": fact.accelerator,
            "python": fact.python,
            "os": fact.os,
            "cuda": fact.cuda,
            "driver": fact.driver,
            "end_of_patch_and_support_as_printed": patch.printed,
            "end_of_patch_and_support_problem": patch.problem,
            "end_of_availability_as_printed": availability.printed,
            "end_of_availability_problem": availability.problem,
            "source_url": fact.source_url,
        }
        return {name: validate_text(text) for name, text in texts.items()} | {
            "position": position,
            "end_of_patch_and_support": patch.day,
            "end_of_availability": availability.day,
            "as_of": fact.as_of,
            "first_seen": seen,
            "last_seen": seen,
            "absent_since": None,
        }

    def to_fact(self) -> ImageFamily:
        """Convert the row to a fact."""
        return ImageFamily(
            product=self.product,
            family=self.family,
            family_as_printed=self.family_as_printed,
            framework=self.framework,
            number=self.number,
            label=self.label,
            patch_version=self.patch_version,
            accelerator=self.accelerator,
            python=self.python,
            os=self.os,
            cuda=self.cuda,
            driver=self.driver,
            end_of_patch_and_support=PrintedDate(
                self.end_of_patch_and_support_as_printed,
                self.end_of_patch_and_support,
                self.end_of_patch_and_support_problem,
            ),
            end_of_availability=PrintedDate(
                self.end_of_availability_as_printed, self.end_of_availability, self.end_of_availability_problem
            ),
            source_url=self.source_url,
            as_of=self.as_of,
        )


class CatalogueReadingRow(Row, table=True):
    """One accepted reading of a source."""

    __tablename__ = "catalogue_reading"

    id: int | None = Field(default=None, primary_key=True)
    product: str = Field(index=True)
    source_url: str
    as_of: date
    read_at: datetime
    rows: int
    held_back: str

    @classmethod
    def from_fact(cls, fact: CatalogueReading) -> "CatalogueReadingRow":
        """Build the row of a reading."""
        return cls(
            product=validate_text(fact.product),
            source_url=validate_text(fact.source_url),
            as_of=fact.as_of,
            read_at=fact.read_at,
            rows=fact.rows,
            held_back=json.dumps(fact.quarantined),
        )

    def to_fact(self) -> CatalogueReading:
        """Convert the row to a fact."""
        return CatalogueReading(
            self.product, self.source_url, self.as_of, self.read_at, self.rows, tuple(json.loads(self.held_back))
        )


class OverrideRow(Row, table=True):
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
    upstream: str = ""
    ended_at: datetime | None = None
    ended_why: str = ""

    @classmethod
    def from_fact(cls, fact: Override) -> "OverrideRow":
        """Build the row of an override. The database assigns its id."""
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
        """Convert the row to a fact."""
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
