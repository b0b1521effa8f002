"""The history of a version."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from bot.answers.bases import MarkedDate
from bot.answers.status import Source
from storage.facts import Milestone


class HistoryKind(StrEnum):
    """The kind of a history line."""

    FIRST_SEEN = "first_seen"
    PRINTED = "printed"
    MOVED = "moved"
    FILLED_IN = "filled_in"
    WITHDRAWN = "withdrawn"
    REPRINTED = "reprinted"
    """The spelling of a date changed, but not its day."""
    REPLACED = "replaced"
    """A cell other than a date changed."""
    VANISHED = "vanished"
    RETURNED = "returned"
    QUARANTINED = "quarantined"
    """A value of the page was not believed."""
    OVERRIDE_SET = "override_set"
    OVERRIDE_ENDED = "override_ended"
    RELEASE_NOTE = "release_note"


class HistoryLine(Struct, frozen=True):
    """One event of image families of a version on a day."""

    at: datetime
    day: date
    """The day of `at` in the zone of the answer."""
    kind: HistoryKind
    version: str
    families: tuple[str, ...] = ()
    is_whole_version: bool = True
    """True if it happened to every image family of the version."""
    field: str = ""
    """The cell that changed: a milestone, or another column of the table."""
    before: str = ""
    after: str = ""
    notice_days: int | None = None
    """Days from this event to the date it is about; negative if the date had passed."""
    by: str = ""
    text: str = ""
    """A reason, or the text of a release note."""
    url: str = ""


class AdvanceNotice(MarkedDate, frozen=True):
    """The notice period of a date."""

    milestone: Milestone
    day: date
    known_since: date
    days: int
    """Days from `known_since` to the date; negative if the date had passed."""
    announced_on: date | None = None
    """The day the release notes first mentioned the end of the version."""
    announced_days_after: int | None = None
    """Days from the date to `announced_on`; negative if the release notes were earlier."""
    announcement_url: str = ""


class History(Struct, frozen=True):
    """The history of a version, oldest first; for all versions, without the first reading of the table."""

    version: str
    """Empty for all versions."""
    title: str
    day: date
    zone: str
    lines: tuple[HistoryLine, ...]
    notices: tuple[AdvanceNotice, ...]
    source: Source
