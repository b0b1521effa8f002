"""How versions of sister products stand."""

from datetime import date

from msgspec import Struct

from bot.answers.status import Advice, Source
from bot.policy.lifecycle import LifecycleState
from storage.facts import Milestone, PrintedDate


class SisterRow(Struct, frozen=True):
    """One row of a sister product's table."""

    image: str
    """Its path or family, or what the table has instead."""
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
    """Whether a month is printed, and the days are its last one."""


class SisterStatus(Struct, frozen=True):
    """How a version of a sister product stands on a day."""

    version: str
    """With its prefix."""
    title: str
    product: str
    product_title: str
    publishes_availability: bool
    day: date
    zone: str
    state: LifecycleState | None
    """None where rows of the version are in different states."""
    furthest_state: LifecycleState
    is_last_day: bool
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    days_left: int | None
    rows_differ: bool
    rows: tuple[SisterRow, ...]
    advice: Advice | None
    """Where to go within the product; None where its versions do not follow each other."""
    dlvm_version: str
    """The same version on Deep Learning VM; empty where its table has none."""
    source: Source


class SisterLine(Struct, frozen=True):
    """A version in a list."""

    version: str
    state: LifecycleState
    end_of_patch_and_support: tuple[PrintedDate, ...]
    """Several where its rows differ, the soonest first."""
    end_of_availability: tuple[PrintedDate, ...]
    month_only: bool


class SisterList(Struct, frozen=True):
    """Versions of a sister product by state, soonest date first."""

    product: str
    product_title: str
    framework: str
    publishes_availability: bool
    day: date
    zone: str
    lines: tuple[SisterLine, ...]
    unavailable_count: int
    """How many more there are that can no longer be used and are not among the lines."""
    source: Source
