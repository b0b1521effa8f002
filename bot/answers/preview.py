"""The reminders of a channel within a window, and the skipped ones with reasons."""

from datetime import date, datetime

from msgspec import Struct

from bot.answers.bases import MarkedDate
from storage.facts import Milestone


class PreviewLine(MarkedDate, frozen=True):
    """One rung of a date."""

    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    at: datetime
    skip_reason: str = ""
    """Why the reminder won't be sent; empty if it will."""


class Preview(Struct, frozen=True):
    """All rungs within a window, soonest first. Rungs of one moment share a message."""

    day: date
    zone: str
    within: int
    """The length of the window in days."""
    lines: tuple[PreviewLine, ...]
    weekly: bool
    subscribed_versions: int
    first_after: PreviewLine | None
    """The first reminder after the window, if none is sent within it."""
    release_notes: bool = False
