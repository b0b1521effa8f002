"""The state of every image mentioned in a text."""

from datetime import date

from msgspec import Struct

from bot.answers.bases import MarkedDate
from bot.answers.clarifications import NotInCatalogue, OtherProduct, RollingFamily
from bot.answers.status import Advice, Source
from bot.policy.lifecycle import LifecycleState
from bot.policy.names.mentions import ReferenceKind
from storage.facts import Milestone


class CheckedImage(MarkedDate, frozen=True):
    """One mentioned image, as written, with the state of its version on the day and the marks of its next date."""

    name: str
    reference: ReferenceKind
    version: str
    title: str
    state: LifecycleState
    is_last_day: bool
    next_milestone: Milestone | None
    next_date: date | None
    days_left: int | None
    """Days to the next date; None if no date is ahead or known."""
    resolves: bool | None
    """True if the family still resolves by the policy; None if that is unknown or no family was mentioned."""
    rows_differ: bool
    """True if the matching rows have different dates. Then the state is that of the row furthest in its lifecycle."""
    is_listed: bool
    """True if the table lists the family by that name; otherwise the rows of its version are used."""
    advice: Advice | None
    """None if versions of the product do not succeed each other."""
    source: Source | None = None
    """The source of its dates, for an image of a related product; None if it is the source of the answer."""


class ImageCheck(Struct, frozen=True):
    """Every image mentioned in a text, worst state first, and mentions without dates."""

    day: date
    zone: str
    images: tuple[CheckedImage, ...]
    without_dates: tuple[NotInCatalogue | RollingFamily | OtherProduct, ...]
    not_shown: int
    """The number of further names that do not fit in one answer."""
    source: Source
