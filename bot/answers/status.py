"""How a version stands, and where to go from it."""

from datetime import date

from msgspec import Struct

from bot.answers.overrides import OverrideLine
from bot.policy.lifecycle import LifecycleState
from storage.facts import Milestone, PrintedDate


class Source(Struct, frozen=True):
    """Where the dates are from."""

    url: str
    as_of: date
    unverified_since: date | None = None
    """The last good reading, where none came for too long although the page is fetched."""
    title: str = ""
    """What the source is called; empty for Google's table of supported framework versions."""
    is_approximate: bool = False
    """Whether the source prints no day of its own, so that the day is only about right."""


class FamilyStatus(Struct, frozen=True):
    """One row of the table behind a status."""

    family: str
    label: str
    patch_version: str
    python: str
    os: str
    cuda: str
    driver: str
    accelerator: str
    state: LifecycleState
    is_last_day: bool
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate


class Candidate(Struct, frozen=True):
    """A version to go to, with the runway left there."""

    version: str
    title: str
    end_of_patch_and_support: date | None
    days_left: int
    families: tuple[str, ...]
    differences: tuple[tuple[str, str, str], ...] = ()
    """(what, before, after), for what changes on the way there."""
    is_overridden: bool = False
    """Whether somebody set its date by hand."""
    is_unverified: bool = False
    """Whether the page prints another one by now, which is held back."""


class Advice(Struct, frozen=True):
    """Where to go next; without a successor, what the docs page advises instead."""

    successor: Candidate | None
    is_newest: bool
    """The version asked about is itself the newest supported one of its framework."""
    base: Candidate | None = None
    other_frameworks: tuple[Candidate, ...] = ()
    on_other_products: tuple[Candidate, ...] = ()
    """Where no newer one of the framework is supported here: its newest that is, product by product."""


class Subscriber(Struct, frozen=True):
    """A channel that watches something, and through which target."""

    channel_id: str
    target: str


class SisterDates(Struct, frozen=True):
    """The same version on a sister product, where it ends on other days."""

    version: str
    """With its prefix."""
    product: str
    end_of_patch_and_support: tuple[date, ...]
    """Several where its rows differ, empty where they are the same days as ours."""
    end_of_availability: tuple[date, ...]
    """The same; also empty where none are published."""


class Status(Struct, frozen=True):
    """How a framework version stands on a day."""

    version: str
    title: str
    day: date
    zone: str
    state: LifecycleState | None
    """None where rows of the version are in different states; `families` has each."""
    furthest_state: LifecycleState
    is_last_day: bool
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    days_left: int | None
    """To the next of the two dates; 0 on the day itself, None after the last or where rows differ."""
    rows_differ: bool
    families: tuple[FamilyStatus, ...]
    advice: Advice
    subscribers: tuple[Subscriber, ...]
    is_subscribed: bool
    source: Source
    remark: str = ""
    """What else the asked-for words meant, such as the row a dated image belongs to."""
    overrides: tuple[OverrideLine, ...] = ()
    """Dates of it that somebody set by hand."""
    sister_dates: tuple[SisterDates, ...] = ()
    """Other products on which the same version ends on other days."""


class Successor(Struct, frozen=True):
    """Only where to go next from a version."""

    version: str
    title: str
    day: date
    state: LifecycleState
    advice: Advice
    source: Source
