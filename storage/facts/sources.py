"""Facts of how the catalogue is kept true: a page read again and again, what is held back of it, and history."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from storage.facts.catalogue import DLVM

RELEASE_NOTES, POLICY_PAGE = "dlvm-notes", "dlvm-policy"
"""What is read beside the table: the release notes and the policy page, by the keys of their source rows."""


class Source(Struct, frozen=True):
    """How the reading of a product's page stands."""

    product: str = DLVM
    polling_since: datetime | None = None
    """Since when the page is fetched; None where fetching is off."""
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    """When it is fetched next; None before the first attempt."""
    last_good_at: datetime | None = None
    """When the page last said what the catalogue says."""
    etag: str = ""
    last_modified: str = ""
    problem: str = ""
    """Why the last attempt was no good reading; empty where it was one."""
    fingerprint: str = ""
    """Of the newest reading."""
    fingerprint_since: datetime | None = None
    """Since when every reading has had it."""


class Resolution(StrEnum):
    """What became of something that was held back."""

    OPEN = ""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    GONE = "gone"
    """The page no longer says it."""


WHOLE_PAGE = "page"
"""The field of what is held back as a whole reading."""


class QuarantineEntry(Struct, frozen=True):
    """A cell, row or whole reading that waits for a person's word, or had it."""

    entry_id: int
    product: str
    family: str
    """Empty for a whole reading."""
    field: str
    printed: str
    reason: str
    last_good: str
    fingerprint: str
    """Of the reading it was first found in."""
    difference: tuple[str, ...]
    """What a whole reading prints otherwise, line by line."""
    acceptable: bool
    """Whether a person may let it pass; otherwise the page has to be mended, or overridden."""
    found_at: datetime
    resolution: Resolution = Resolution.OPEN
    resolved_by: str = ""
    resolved_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about: a text in a cell of a row, or a whole reading by its fingerprint."""
        return (self.family, self.field, self.fingerprint if self.field == WHOLE_PAGE else self.printed)


class HistoricalValue(Struct, frozen=True):
    """What a field of a row said for some time."""

    product: str
    version: str
    family: str
    field: str
    printed: str
    value: str
    """What it was read as: a date as ISO 8601, empty where none could be read."""
    source_url: str
    first_seen: datetime
    last_seen: datetime | None = None
    """The last time before it said something else; None while it still holds."""
