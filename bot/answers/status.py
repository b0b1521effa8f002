"""How a version stands, and where to go from it."""

from dataclasses import dataclass
from datetime import date

from bot.policy.lifecycle import LifecycleState
from storage.facts import Milestone, PrintedDate


@dataclass(frozen=True, slots=True)
class Source:
    """Where the dates are from."""

    url: str
    as_of: date
    unverified_since: date | None = None
    """The last good reading, where none came for too long although the page is fetched."""


@dataclass(frozen=True, slots=True)
class FamilyStatus:
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
    last_day: bool
    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version to go to, with the runway left there."""

    version: str
    title: str
    end_of_patch_and_support: date | None
    days_left: int
    families: tuple[str, ...]
    differences: tuple[tuple[str, str, str], ...] = ()
    """(what, before, after), for what changes on the way there."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Where to go next; without a successor, what the docs page advises instead."""

    successor: Candidate | None
    newest: bool
    """The version asked about is itself the newest supported one of its framework."""
    base: Candidate | None = None
    other_frameworks: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Watcher:
    """A channel that watches something, and through which target."""

    channel_id: str
    target: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a framework version stands on a day."""

    version: str
    title: str
    day: date
    zone: str
    state: LifecycleState | None
    """None where rows of the version are in different states; `families` has each."""
    furthest_state: LifecycleState
    last_day: bool
    end_of_patch_and_support: date | None
    end_of_availability: date | None
    next_milestone: Milestone | None
    days_left: int | None
    """To the next of the two dates; 0 on the day itself, None after the last or where rows differ."""
    rows_differ: bool
    families: tuple[FamilyStatus, ...]
    advice: Advice
    watchers: tuple[Watcher, ...]
    watched_here: bool
    source: Source
    remark: str = ""
    """What else the asked-for words meant, such as the row a dated image belongs to."""


@dataclass(frozen=True, slots=True)
class Successor:
    """Only where to go next from a version."""

    version: str
    title: str
    day: date
    state: LifecycleState
    advice: Advice
    source: Source
