"""Which message would reach a channel when, and why each other rung would not."""

from datetime import date, datetime

from msgspec import Struct

from storage.facts import Milestone


class PreviewLine(Struct, frozen=True):
    """One rung of one date."""

    version: str
    milestone: Milestone
    milestone_date: date
    rung: int
    at: datetime
    skip_reason: str = ""
    """Why it will not come; empty where it will."""
    is_overridden: bool = False
    """Whether somebody set the date by hand."""
    is_unverified: bool = False
    """Whether the page prints another one by now, which is held back."""


class Preview(Struct, frozen=True):
    """All rungs within a window, soonest first; those of one moment come in one message."""

    day: date
    zone: str
    within: int
    lines: tuple[PreviewLine, ...]
    weekly: bool
    subscribed_versions: int
    first_after: PreviewLine | None
    """The first one after the window, where nothing comes within it."""
    release_notes: bool = False
    """Whether what the release notes say of these versions comes besides."""
