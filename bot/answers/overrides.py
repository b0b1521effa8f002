"""Overridden dates."""

from datetime import date

from msgspec import Struct

from storage.facts import Milestone


class OverrideLine(Struct, frozen=True):
    """A date that an operator set, which takes precedence over the page."""

    milestone: Milestone
    day: date
    set_by: str
    reason: str
    set_on: date
    until: date | None
    """The last day of the override; None if it has no end."""
    page_date: date | None
    """The date on the page; None if the page prints no readable date."""
    page_text: str
    families: tuple[str, ...]
    is_whole_version: bool
    """True if the override applies to every image family of the version."""
