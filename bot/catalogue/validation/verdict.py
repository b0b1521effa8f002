"""What the gates say about a reading: which rows may enter, what is held back with its reason, and what differs."""

from msgspec import Struct, field

from storage.facts import ImageFamily

ROW = "row"
"""The field of what is held back as a whole row."""

FIELD_TITLES = {
    "end_of_patch_and_support": "last day of patches and support",
    "end_of_availability": "last day these images can be used",
    "accelerator": "accelerator",
    "patch_version": "patch version",
    "label": "framework version",
    "family": "image family",
    "dates": "dates",
    ROW: "row",
}


class Issue(Struct, frozen=True):
    """A cell or row that a gate stopped, or let through with a remark."""

    family: str
    field: str
    printed: str
    reason: str
    last_good: str = ""
    """What stands in its stead, as it was printed; empty where nothing was known before."""
    acceptable: bool = True
    """Whether a person may let it pass; what can't be read or contradicts itself needs an override instead."""
    is_known: bool = False
    """Whether the catalogue already says the same: a remark, with nothing to decide."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What a person accepts: this text in this cell of this row."""
        return (self.family, self.field, self.printed)


class AcceptedValues(Struct, frozen=True):
    """What a person let pass: cells by their text, whole readings by their fingerprint."""

    cells: frozenset[tuple[str, str, str]] = frozenset()
    readings: frozenset[str] = frozenset()

    def allows(self, issue: Issue, fingerprint: str) -> bool:
        """Whether what is held may pass."""
        return issue.acceptable and (fingerprint in self.readings or issue.key in self.cells)


NOTHING_ACCEPTED = AcceptedValues()


class Verdict(Struct, frozen=True):
    """What may enter the catalogue of a reading."""

    product: str
    fingerprint: str
    families: tuple[ImageFamily, ...]
    """The rows to save, in the page's order, with last good values where cells are held; of a reading that is held
    back whole, the rows that were known before."""
    issues: tuple[Issue, ...] = ()
    quarantine_reason: str = ""
    """Why the whole reading is held back; empty where it is not."""
    difference: tuple[str, ...] = ()
    """What the reading prints otherwise than what was known, line by line."""
    absent_families: tuple[str, ...] = field(default=())
    """Known families that the reading lacks; none where a row could not be told apart, for it may be one of them."""

    @property
    def new_issues(self) -> tuple[Issue, ...]:
        """What is held and new: what a person has to hear of."""
        return tuple(held for held in self.issues if not held.is_known)
