"""Dates that somebody set by hand, as they are shown."""

from datetime import date

from msgspec import Struct

from storage.facts import Milestone


class OverrideLine(Struct, frozen=True):
    """A date that holds in the page's stead: whose word it is, why, and what the page says."""

    milestone: Milestone
    day: date
    set_by: str
    reason: str
    set_on: date
    """The day it was set."""
    until: date | None
    """The last day it holds; None for until somebody ends it."""
    page_date: date | None
    """None where the page prints no date that can be read."""
    page_text: str
    families: tuple[str, ...]
    is_whole_version: bool
    """Whether it holds for every image family of the version."""
