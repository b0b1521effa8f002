"""Facts of changes to the catalogue: moved dates, other events of a version, and release notes."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct, field

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
    """Who set or ended an override, and why. Empty if the page moved the date."""


class EventKind(StrEnum):
    """Kinds of changes to a version other than a moved date."""

    ARRIVED = "arrived"
    FILLED_IN = "filled_in"
    VANISHED = "vanished"
    RETURNED = "returned"
    DEPENDENCY_CHANGED = "dependency_changed"
    """Python, the operating system, the driver, CUDA or the patch version changed."""
    OVERRIDE_CONFLICT = "override_conflict"
    """The page shows a different date from an override."""
    RELEASE_NOTE = "release_note"
    """The release notes mention the version."""


class CatalogueEvent(Struct, frozen=True):
    """A change to a version that is announced to its subscribers."""

    event_id: int
    product: str
    framework: str
    version: str
    kind: EventKind
    found_at: datetime
    source_url: str
    families: tuple[str, ...] = ()
    milestone: Milestone | None = None
    day: date | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    """Further values of the announcement, depending on the kind: `what`, `before`, `after`, `instead_of` (image
    families, separated by commas), `is_new_version`, `everywhere`, `text`, `note`."""


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
