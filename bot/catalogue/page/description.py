"""What a page of supported framework versions looks like, so that one reader reads the pages of several products."""

from enum import StrEnum

from msgspec import Struct

from bot.catalogue.page.date_cells import ALL_FORMATS, DateFormat
from storage.facts import DLVM


class DateGap(StrEnum):
    """How far apart a product keeps its two dates."""

    NONE_OR_A_YEAR = "none_or_a_year"
    """One day for both, or a calendar year (365 or 366 days) between them."""
    ANY = "any"


class Column(Struct, frozen=True):
    """A column of the table: the cell of a printed row it fills, and how its heading may be spelled."""

    field: str
    """A field of `rows.PrintedRow`."""
    spellings: tuple[str, ...]
    """In small letters with single blanks and nothing but letters and digits: case and punctuation don't count."""
    is_required: bool = True


class PageDescription(Struct, frozen=True):
    """A page, its tables and their columns, and what its dates keep to."""

    product: str
    address: str
    sections: tuple[str, ...]
    """The headings that begin a table, without regard to case and blanks."""
    columns: tuple[Column, ...]
    formats: frozenset[DateFormat] = ALL_FORMATS
    """The spellings of dates that the page uses; no other is read."""
    gap: DateGap = DateGap.ANY
    named_after_version: bool = False
    """Whether the name of an image family begins with its framework and version."""
    language: str = "en"
    """The page's; where it says another one, it is not read."""
    updated_pattern: str = r"Last updated (\d{4}-\d{2}-\d{2})"
    """What its footer says, as a pattern whose group is the page's own day."""


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
