"""Facts of what is told besides the two dates: what a reading brought about, release notes, words to the operator."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct, field

from storage.facts.catalogue import Milestone


class EventKind(StrEnum):
    """What happened to a version in the table, other than that a date moved."""

    ARRIVED = "arrived"
    FILLED_IN = "filled_in"
    VANISHED = "vanished"
    RETURNED = "returned"
    DEPENDENCY_CHANGED = "replaced"
    """A dependency of it is another one: Python, operating system, driver, CUDA or patch version."""
    OVERRIDE_CONFLICT = "contradicted"
    """The page says another date than the one somebody set by hand."""
    RELEASE_NOTE = "noted"
    """The release notes say something of it."""


class CatalogueEvent(Struct, frozen=True):
    """Something that happened to a version, as the channels that watch it are told."""

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
    """What else the sentence needs, by kind: `what`, `before`, `after`, `instead_of` (image families, commas between),
    `is_new_version`, `everywhere`, `text`."""


class ReleaseNote(Struct, frozen=True):
    """An item of the release notes, with the versions it is about."""

    product: str
    day: date
    kind: str
    """`Feature`, `Breaking`, `Deprecated`, `Change` …, as the feed heads it."""
    number: int
    """Among the items of its kind that day, from 1."""
    milestone: str
    text: str
    text_hash: str
    url: str
    versions: tuple[str, ...]
    """Canonical names."""
    first_seen: datetime
    changed_at: datetime | None = None
    """When its text was last edited."""


class Override(Struct, frozen=True):
    """A date that a person set by hand: their word wins until it ends."""

    override_id: int
    product: str
    version: str
    family: str
    """Empty for every row of the version."""
    milestone: Milestone
    day: date
    reason: str
    set_by: str
    set_at: datetime
    until: date | None = None
    """The last day it holds; None for until somebody ends it."""
    announced_upstream: str = ""
    """What the page said when somebody was last told of it: ISO days in order, commas between."""
    ended_at: datetime | None = None
    end_reason: str = ""


class OperatorNote(Struct, frozen=True):
    """A word to whoever runs the bot; equal topic and key mean the same one, and the same one is told once."""

    note_id: int
    topic: str
    """`held`, `stale`, `policy`, `contradicted`, `bug`."""
    key: str
    text: str
    created_at: datetime
    quarantine_entry_id: int | None = None
    """What can be accepted or rejected in it."""
    url: str = ""
