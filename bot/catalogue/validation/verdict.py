"""Result of validating a reading: the rows to store, the issues found, and the differences for a reviewer."""

from msgspec import Struct

from bot.policy.lifecycle import MILESTONE_NAMES
from storage.facts import ImageFamily

ROW = "row"
"""Field of an issue with a whole row."""

FIELD_TITLES = {
    **MILESTONE_NAMES,
    "accelerator": "accelerator",
    "patch_version": "patch version",
    "label": "framework version",
    "family": "image family",
    "dates": "dates",
    ROW: "row",
}


class Issue(Struct, frozen=True):
    """A problem in a cell or a row."""

    family: str
    field: str
    printed: str
    reason: str
    last_good: str = ""
    """The value kept instead, as it was printed; empty if none was known."""
    acceptable: bool = True
    """True if a person can accept the value. An unreadable or contradictory value needs an override instead."""
    is_known: bool = False
    """True if the catalogue already has this value, so that there is nothing to decide."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Family, field and printed text: what a person accepts."""
        return (self.family, self.field, self.printed)


class AcceptedValues(Struct, frozen=True):
    """Values that a person accepted: cells by their text, whole readings by their fingerprint."""

    cells: frozenset[tuple[str, str, str]] = frozenset()
    readings: frozenset[str] = frozenset()

    def allows(self, issue: Issue, fingerprint: str) -> bool:
        """Return True if the value was accepted, by itself or with the whole reading."""
        return issue.acceptable and (fingerprint in self.readings or issue.key in self.cells)


NOTHING_ACCEPTED = AcceptedValues()


class Verdict(Struct, frozen=True):
    """Result of validating a reading."""

    product: str
    fingerprint: str
    families: tuple[ImageFamily, ...]
    """The rows to store, in page order. A quarantined cell has its last good value. If the whole reading is
    quarantined, these are the rows known before."""
    issues: tuple[Issue, ...] = ()
    quarantine_reason: str = ""
    """Why the whole reading is quarantined; empty if it isn't."""
    difference: tuple[str, ...] = ()
    """Differences between the page and the known rows, one a line."""
    absent_families: tuple[str, ...] = ()
    """Known families that the page doesn't list. Empty if the page has unidentified rows, which could be these."""

    @property
    def new_issues(self) -> tuple[Issue, ...]:
        """Issues to notify people about."""
        return tuple(issue for issue in self.issues if not issue.is_known)


def format_dates(row: ImageFamily) -> str:
    """Format both dates of a row as printed."""
    return f"{row.end_of_patch_and_support.printed} / {row.end_of_availability.printed}"


def build_dates_issue(row: ImageFamily, reason: str, *, acceptable: bool = True) -> Issue:
    """Return an issue with the two dates of a row together."""
    return Issue(row.family, "dates", format_dates(row), reason, acceptable=acceptable)
