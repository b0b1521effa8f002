"""The story of a version, as it is told."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from bot.answers.status import Source
from storage.facts import Milestone


class Happened(StrEnum):
    """What a line of the story tells."""

    SEEN = "seen"
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
    HELD = "held"
    """The page said something that was not taken."""
    SET_BY_HAND = "set_by_hand"
    ENDED_BY_HAND = "ended_by_hand"
    NOTED = "noted"
    """The release notes named it."""


class HistoryLine(Struct, frozen=True):
    """One thing that happened to image families of a version on a day."""

    at: datetime
    on: date
    """The same as a day of the place it is told in."""
    what: Happened
    version: str
    families: tuple[str, ...] = ()
    everywhere: bool = True
    """Whether it happened to every image family of the version."""
    field: str = ""
    """Which cell: a milestone, or another column of the table."""
    before: str = ""
    after: str = ""
    notice: int | None = None
    """Days from then to the date it is about; negative where that had passed."""
    by: str = ""
    text: str = ""
    """A reason, or the words of a note."""
    url: str = ""


class Notice(Struct, frozen=True):
    """How much notice a date gave."""

    milestone: Milestone
    day: date
    known_since: date
    days: int
    """From then to the date; negative where it had passed."""
    by_hand: bool
    unverified: bool
    """Whether the page prints another one by now, which is held back."""
    noted_on: date | None = None
    """When the release notes first told of the version's end."""
    noted_after: int | None = None
    """Days from the date to that; negative where they told it before."""
    noted_url: str = ""


class History(Struct, frozen=True):
    """The story of a version, oldest first; of every version, without what was so from the beginning."""

    version: str
    """Empty for all of them."""
    title: str
    day: date
    zone: str
    lines: tuple[HistoryLine, ...]
    notices: tuple[Notice, ...]
    source: Source
