"""The story of a version, as it is told."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from bot.answers.status import Source
from storage.facts import Milestone


class HistoryKind(StrEnum):
    """What a line of the story tells."""

    FIRST_SEEN = "seen"
    """Image families stood in the table for the first time."""
    PRINTED = "printed"
    """A date as it was printed first."""
    MOVED = "moved"
    FILLED_IN = "filled_in"
    WITHDRAWN = "withdrawn"
    REPRINTED = "reprinted"
    """The same day, written otherwise."""
    REPLACED = "replaced"
    """Something else of the row than a date."""
    VANISHED = "vanished"
    RETURNED = "returned"
    QUARANTINED = "held"
    """The page said something that was not taken."""
    OVERRIDE_SET = "set_by_hand"
    OVERRIDE_ENDED = "ended_by_hand"
    RELEASE_NOTE = "noted"
    """The release notes named it."""


class HistoryLine(Struct, frozen=True):
    """One thing that happened to image families of a version on a day."""

    at: datetime
    day: date
    """The same as a day of the place it is told in."""
    kind: HistoryKind
    version: str
    families: tuple[str, ...] = ()
    is_whole_version: bool = True
    """Whether it happened to every image family of the version."""
    field: str = ""
    """Which cell: a milestone, or another column of the table."""
    before: str = ""
    after: str = ""
    notice_days: int | None = None
    """Days from then to the date it is about; negative where that had passed."""
    by: str = ""
    text: str = ""
    """A reason, or the words of a note."""
    url: str = ""


class AdvanceNotice(Struct, frozen=True):
    """How much notice a date gave."""

    milestone: Milestone
    day: date
    known_since: date
    days: int
    """From then to the date; negative where it had passed."""
    is_overridden: bool
    is_unverified: bool
    """Whether the page prints another one by now, which is held back."""
    announced_on: date | None = None
    """When the release notes first told of the version's end."""
    announced_days_after: int | None = None
    """Days from the date to that; negative where they told it before."""
    announcement_url: str = ""


class History(Struct, frozen=True):
    """The story of a version, oldest first; of every version, without what was so from the beginning."""

    version: str
    """Empty for all of them."""
    title: str
    day: date
    zone: str
    lines: tuple[HistoryLine, ...]
    notices: tuple[AdvanceNotice, ...]
    source: Source
