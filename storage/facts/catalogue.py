"""Facts of the table of supported framework versions."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct, field

DLVM = "dlvm"
"""The product whose names carry no prefix: Deep Learning VM images."""


class Milestone(StrEnum):
    """One of the two dates of a framework version."""

    END_OF_PATCH_AND_SUPPORT = "end_of_patch_and_support"
    END_OF_AVAILABILITY = "end_of_availability"


class OverrideInfo(Struct, frozen=True):
    """Who set a date by hand in the page's stead, and why."""

    set_by: str
    reason: str
    set_on: date
    """The day it was set, in UTC."""
    until: date | None = None
    """The last day it holds; None for until somebody ends it."""
    page_date: date | None = None
    """The day that the page prints; None where it prints none that can be read."""


class PrintedDate(Struct, frozen=True):
    """A date cell as the page prints it, and the day it names where it can be read without guessing."""

    printed: str
    day: date | None = None
    problem: str = ""
    """Why there is no day although something is printed; empty for a known unknown such as `To be determined`."""
    override: OverrideInfo | None = None
    """Where the day is somebody's word, and not the page's."""
    unverified: str = ""
    """What the page prints by now in its stead, and why that is held back; empty where it prints this."""


class ImageFamily(Struct, frozen=True):
    """A row of the table of supported framework versions; (product, family) is its key."""

    product: str
    family: str
    """The image family name pattern with VERSION_DATE taken out."""
    family_as_printed: str
    framework: str
    """`pytorch`, `tensorflow` or `base`."""
    number: str
    """`2.7`, `cu128`, `cpu`: what tells versions of one framework apart."""
    label: str
    patch_version: str
    accelerator: str
    python: str
    os: str
    cuda: str
    """`12.8`, or empty for CPU-only images."""
    driver: str
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    source_url: str
    as_of: date
    """The day the source says it was last updated."""

    @property
    def version(self) -> str:
        """The canonical name of the framework version this family belongs to."""
        return f"{self.framework}-{self.number}"

    def get_date(self, milestone: Milestone) -> PrintedDate:
        """The cell of one of the two dates."""
        return (
            self.end_of_patch_and_support
            if milestone is Milestone.END_OF_PATCH_AND_SUPPORT
            else self.end_of_availability
        )


class FrameworkVersion(Struct, frozen=True):
    """A specific minor version of an ML framework: all image families that carry it, in the page's order."""

    product: str
    framework: str
    number: str
    families: tuple[ImageFamily, ...]

    @property
    def name(self) -> str:
        """The canonical name, `pytorch-2.7`."""
        return f"{self.framework}-{self.number}"


class CatalogueReading(Struct, frozen=True):
    """One reading of a source: when, from where, and as of which day."""

    product: str
    source_url: str
    as_of: date
    read_at: datetime
    rows: int
    quarantined: tuple[str, ...] = field(default=())
    """One sentence for each cell that was not taken."""


class DateChange(Struct, frozen=True):
    """One of the two dates of a version was seen to move."""

    change_id: int
    product: str
    version: str
    milestone: Milestone
    before: date
    after: date | None
    """None where the date was withdrawn."""
    found_at: datetime
    source_url: str
    families: tuple[str, ...] = ()
    remark: str = ""
    """Who set or lifted it by hand, and why; empty where the page moved it."""
