"""Descriptions of pages with supported framework versions, so that one parser can read several products' pages."""

from enum import StrEnum

from msgspec import Struct

from bot.catalogue.page.date_cells import ALL_FORMATS, DateFormat
from storage.facts import DLVM


class DateGap(StrEnum):
    """Expected time between a product's two dates."""

    NONE_OR_A_YEAR = "none_or_a_year"
    """Both dates on one day, or a calendar year (365 or 366 days) apart."""
    ANY = "any"


class Column(Struct, frozen=True):
    """A column of the table."""

    field: str
    """The field of `rows.PrintedRow` that the column fills."""
    spellings: tuple[str, ...]
    """Possible headings, in lower case with single blanks and without punctuation. Headings match regardless of case
    and punctuation."""
    is_required: bool = True


class PageDescription(Struct, frozen=True):
    """Layout of a product's page, and rules its dates follow."""

    product: str
    address: str
    sections: tuple[str, ...]
    """Headings above the tables. Case and blanks don't matter."""
    columns: tuple[Column, ...]
    formats: frozenset[DateFormat] = ALL_FORMATS
    """Date formats that the page uses. Any other is a problem."""
    gap: DateGap = DateGap.ANY
    named_after_version: bool = False
    """True if image family names begin with the framework and version."""
    language: str = "en"
    """Expected language. A page that declares another one is rejected."""
    updated_pattern: str = r"Last updated (\d{4}-\d{2}-\d{2})"
    """Pattern of the footer. Its group is the day the page was last updated."""


DEEP_LEARNING_VM_IMAGES = PageDescription(
    product=DLVM,
    address="https://docs.cloud.google.com/deep-learning-vm/docs/images",
    sections=("Base versions", "PyTorch versions", "TensorFlow versions"),
    columns=(
        Column("label", ("ml framework version", "framework version")),
        Column("patch_version", ("current patch version", "patch version"), is_required=False),
        Column("accelerator", ("supported accelerators", "supported accelerator", "accelerators")),
        Column("end_of_patch", ("end of patch and support date", "end of patch and support")),
        Column("end_of_availability", ("end of availability date", "end of availability")),
        Column("image_family", ("image family name", "image family names", "image family")),
    ),
    formats=frozenset({DateFormat.AMERICAN, DateFormat.ISO}),
    gap=DateGap.NONE_OR_A_YEAR,
    named_after_version=True,
)
"""The page of Deep Learning VM images."""
