"""Facts of changes to the catalogue: moved dates, other events of a version, and release notes."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from storage.facts.catalogue import Milestone


class DateChange(Struct, frozen=True):
    """A change to one of the two dates of a version."""

    change_id: int
    product: str
    version: str
    milestone: Milestone
    before: date
    after: date | None
    """None if the date was withdrawn."""
    found_at: datetime
    source_url: str
    families: tuple[str, ...] = ()
    remark: str = ""
    """Author and reason of an override that was set or ended. Empty if the page moved the date."""


class Dependency(StrEnum):
    """A component of an image whose replacement can break programs that run on it."""

    PYTHON = "python"
    OS = "os"
    DRIVER = "driver"
    CUDA = "cuda"
    PATCH_VERSION = "patch_version"


class VersionChange(Struct, frozen=True, tag_field="kind"):
    """A change to a version. The fields `kind` and those below are its stored form, so renaming one is a migration."""

    product: str
    version: str


class RowsArrived(VersionChange, frozen=True, tag="arrived"):
    """Rows that the table lists for the first time."""

    families: tuple[str, ...]
    is_new_version: bool
    """True if no row of the version was known before."""


class DateFilledIn(VersionChange, frozen=True, tag="filled_in"):
    """A date that a known row didn't have before."""

    milestone: Milestone
    day: date
    families: tuple[str, ...]
    remark: str = ""
    """Author and reason of an override. Empty if the date is from the page."""


class RowsVanished(VersionChange, frozen=True, tag="vanished"):
    """Rows that the table no longer lists. The catalogue keeps their last values."""

    families: tuple[str, ...]
    is_whole_version: bool
    """True if no row of the version is listed any more."""


class RowsReturned(VersionChange, frozen=True, tag="returned"):
    """Rows that had vanished and are listed again."""

    families: tuple[str, ...]


class DependencyReplaced(VersionChange, frozen=True, tag="dependency_changed"):
    """A dependency that changed in some rows of a version."""

    dependency: Dependency
    before: str
    after: str
    families: tuple[str, ...]
    replaced_families: tuple[str, ...] = ()
    """Families that `families` replace, if the dependency is part of the family name. These rows count neither as
    arrived nor as vanished."""


class OverrideConflict(VersionChange, frozen=True, tag="override_conflict"):
    """A date on the page that contradicts an override."""

    milestone: Milestone
    day: date | None
    """The date on the page. None if it prints none or several."""
    families: tuple[str, ...]
    override: str
    """The overridden date and who set it."""
    page_dates: str
    remark: str
    """The reason for the override, after the page's dates if `day` is None."""


class ReleaseNoteMention(VersionChange, frozen=True, tag="release_note"):
    """An item of the release notes that mentions a version."""

    note: str
    """Identifies the item."""
    note_kind: str
    """The item's heading in the feed."""
    day: date
    text: str
    families: tuple[str, ...] = ()


RowChange = RowsArrived | DateFilledIn | RowsVanished | RowsReturned | DependencyReplaced
"""A change that a reading of the table shows, other than a moved date."""

CatalogueChange = RowChange | OverrideConflict | ReleaseNoteMention
"""A change that is announced to the subscribers of a version."""


class CatalogueEvent(Struct, frozen=True):
    """A change that was found and stored."""

    event_id: int
    found_at: datetime
    source_url: str
    change: CatalogueChange


class ReleaseNote(Struct, frozen=True):
    """An item of the release notes, with the versions it is about."""

    product: str
    day: date
    kind: str
    """The heading in the feed: `Feature`, `Breaking`, `Deprecated`, `Change` …"""
    number: int
    """Counts the items of one kind and day, from 1."""
    milestone: str
    text: str
    text_hash: str
    url: str
    versions: tuple[str, ...]
    """Canonical names."""
    first_seen: datetime
    changed_at: datetime | None = None
    """When the text was last edited."""
