"""Versions of sister products."""

from datetime import date

from msgspec import Struct

from bot.answers.status import Advice, Source
from bot.policy.lifecycle import LifecycleState
from storage.facts import Milestone, PrintedDate


class SisterRow(Struct, frozen=True):
    """One row of the table of a sister product."""

    image: str
    """The path or family of the image, or the identifier that the table has instead."""
    label: str
    patch_version: str
    accelerator: str
    python: str
    os: str
    cuda: str
    state: LifecycleState
    is_last_day: bool
    start: PrintedDate
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    month_only: bool
    """True if the table prints a month, whose last day counts."""


class SisterStatus(Struct, frozen=True):
    """The status of a version of a sister product on a day."""

    version: str
    """The name with the prefix of the product."""
    title: str
    product: str
    product_title: str
    publishes_availability: bool
    day: date
    zone: str
    state: LifecycleState | None
    """None if rows of the version are in different states."""
    furthest_state: LifecycleState
    is_last_day: bool
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    days_left: int | None
    rows_differ: bool
    rows: tuple[SisterRow, ...]
    advice: Advice | None
    """The successor within the product; None if its versions do not succeed each other."""
    dlvm_version: str
    """The name of this version on Deep Learning VM; empty if its table has none."""
    source: Source


class SisterLine(Struct, frozen=True):
    """A version in a list."""

    version: str
    state: LifecycleState
    end_of_patch_and_support: tuple[PrintedDate, ...]
    """Several if its rows differ, soonest first."""
    end_of_availability: tuple[PrintedDate, ...]
    month_only: bool


class SisterList(Struct, frozen=True):
    """Versions of a sister product grouped by state, soonest date first."""

    product: str
    product_title: str
    framework: str
    publishes_availability: bool
    day: date
    zone: str
    lines: tuple[SisterLine, ...]
    unavailable_count: int
    """The number of unavailable versions that are not among the lines."""
    source: Source
