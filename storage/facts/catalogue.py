"""Facts of the catalogue: the table of supported framework versions, and overrides of its dates."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

DLVM = "dlvm"
"""The product whose version names carry no prefix: Deep Learning VM images."""


class Milestone(StrEnum):
    """One of the two dates of a framework version."""

    END_OF_PATCH_AND_SUPPORT = "end_of_patch_and_support"
    END_OF_AVAILABILITY = "end_of_availability"


class OverrideInfo(Struct, frozen=True):
    """The part of an override that is shown beside the date it sets."""

    set_by: str
    reason: str
    set_on: date
    """In UTC."""
    until: date | None = None
    """The last day of the override, inclusive. None means until someone ends it."""
    page_date: date | None = None
    """The date on the page. None if the page has no readable date."""


class PrintedDate(Struct, frozen=True):
    """A date cell: the text on the page, and the date it stands for if that is unambiguous."""

    printed: str
    day: date | None = None
    problem: str = ""
    """Why the text could not be read as a date. Empty for a known unknown such as `To be determined`."""
    override: OverrideInfo | None = None
    """Set if the date comes from an override and not from the page."""
    unverified: str = ""
    """The text now on the page, and the reason it is in quarantine. Empty if the page shows this date."""


class ImageFamily(Struct, frozen=True):
    """A row of the table of supported framework versions. Its key is (product, family)."""

    product: str
    family: str
    """The image family name pattern without VERSION_DATE."""
    family_as_printed: str
    framework: str
    """`pytorch`, `tensorflow` or `base`."""
    number: str
    """Identifies a version within its framework: `2.7`, `cu128`, `cpu`."""
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
    """The "last updated" date of the source."""

    @property
    def version(self) -> str:
        """The canonical name of the framework version this family belongs to."""
        return f"{self.framework}-{self.number}"

    def get_date(self, milestone: Milestone) -> PrintedDate:
        """Return the date cell of a milestone."""
        return (
            self.end_of_patch_and_support
            if milestone is Milestone.END_OF_PATCH_AND_SUPPORT
            else self.end_of_availability
        )


class FrameworkVersion(Struct, frozen=True):
    """A minor version of an ML framework, with all image families that contain it, in page order."""

    product: str
    framework: str
    number: str
    families: tuple[ImageFamily, ...]

    @property
    def name(self) -> str:
        """The canonical name, such as `pytorch-2.7`."""
        return f"{self.framework}-{self.number}"


class CatalogueEdition(Struct, frozen=True):
    """One accepted reading of a source: when it was read, from where, and the source's own date."""

    product: str
    source_url: str
    as_of: date
    read_at: datetime
    rows: int
    quarantined: tuple[str, ...] = ()
    """One sentence for each cell that was quarantined."""


class Override(Struct, frozen=True):
    """A date set by a person. It replaces the page's date until the override ends."""

    override_id: int
    product: str
    version: str
    family: str
    """Empty if the override applies to every row of the version."""
    milestone: Milestone
    day: date
    reason: str
    set_by: str
    set_at: datetime
    until: date | None = None
    """The last day of the override, inclusive. None means until someone ends it."""
    announced_upstream: str = ""
    """The page's dates when a conflict was last announced: ISO dates in order, separated by commas."""
    ended_at: datetime | None = None
    end_reason: str = ""
