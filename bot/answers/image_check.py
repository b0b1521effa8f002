"""The state of every image that a text names."""

from datetime import date

from msgspec import Struct

from bot.answers.clarifications import NotInCatalogue, OtherProduct, RollingFamily
from bot.answers.status import Advice, Source
from bot.policy.lifecycle import LifecycleState
from bot.policy.names.mentions import ReferenceKind
from storage.facts import Milestone


class CheckedImage(Struct, frozen=True):
    """One name as it was written, with how its version stands on the day."""

    name: str
    reference: ReferenceKind
    version: str
    title: str
    state: LifecycleState
    is_last_day: bool
    next_milestone: Milestone | None
    next_date: date | None
    days_left: int | None
    """To the next date; None where none is known to be ahead."""
    resolves: bool | None
    """Whether a family still resolves by the policy; None where that is not known, or no family was named."""
    rows_differ: bool
    """Whether the rows that the name leaves have different dates; the state is the furthest-gone one."""
    is_listed: bool
    """Whether the table prints the family by that name; otherwise its version's rows speak for it."""
    advice: Advice | None
    """None where versions of its product do not follow each other."""
    is_overridden: bool = False
    """Whether somebody set the next date by hand."""
    is_unverified: bool = False
    """Whether the page prints another one by now, which is held back."""
    source: Source | None = None
    """Where its dates are from, where that is not the answer's own source: an image of a sister product."""


class ImageCheck(Struct, frozen=True):
    """Every name found in a text, worst first, and those without dates here after them."""

    day: date
    zone: str
    images: tuple[CheckedImage, ...]
    without_dates: tuple[NotInCatalogue | RollingFamily | OtherProduct, ...]
    not_shown: int
    """Names beyond those that one answer shows."""
    source: Source
