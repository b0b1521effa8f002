"""Facts of the catalogue's sources: polls of a page, cells in quarantine, and the history of values."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from storage.facts.catalogue import DLVM

RELEASE_NOTES, POLICY_PAGE = "dlvm-notes", "dlvm-policy"
"""Keys of the sources other than the table: the release notes feed and the support policy page."""


class Source(Struct, frozen=True):
    """The polling state of a product's page."""

    product: str = DLVM
    polling_since: datetime | None = None
    """When polling was turned on. None while it is off."""
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    """None before the first poll."""
    last_good_at: datetime | None = None
    """When a poll last confirmed the catalogue."""
    etag: str = ""
    last_modified: str = ""
    problem: str = ""
    """Why the last poll failed. Empty if it succeeded."""
    fingerprint: str = ""
    """Hash of the newest reading."""
    fingerprint_since: datetime | None = None
    """When the current fingerprint was first read."""


class Resolution(StrEnum):
    """The outcome of a quarantine entry."""

    OPEN = ""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    GONE = "gone"
    """The page no longer shows the value."""


WHOLE_PAGE = "page"
"""The field of an entry that quarantines a whole reading."""


class QuarantineEntry(Struct, frozen=True):
    """A cell, row or whole reading that needs or had a person's review."""

    entry_id: int
    product: str
    family: str
    """Empty for a whole reading."""
    field: str
    printed: str
    reason: str
    last_good: str
    fingerprint: str
    """Of the reading in which it was first found."""
    difference: tuple[str, ...]
    """The lines in which a whole reading differs from the catalogue."""
    acceptable: bool
    """True if a person can accept the value. If not, only a corrected page or an override helps."""
    found_at: datetime
    resolution: Resolution = Resolution.OPEN
    resolved_by: str = ""
    """The reviewer's user id in Slack, or their name on the command line."""
    resolved_at: datetime | None = None
    resolver_workspace_id: str = ""
    """The Slack workspace of the reviewer. Empty for the command line."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Subject of the entry: the text of a cell, or the fingerprint of a whole reading."""
        return (self.family, self.field, self.fingerprint if self.field == WHOLE_PAGE else self.printed)


class HistoricalValue(Struct, frozen=True):
    """A value that a field of a row had for a period of time."""

    product: str
    version: str
    family: str
    field: str
    printed: str
    value: str
    """The parsed value, such as an ISO date. Empty if the text could not be parsed."""
    source_url: str
    first_seen: datetime
    last_seen: datetime | None = None
    """When the value was last seen before it changed. None while it is current."""
