"""How a framework version stands on a day, by the framework support policy read strictly.

Each of the two dates is the last day of its period: the policy words both consequences with "after".
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from storage.facts import FrameworkVersion, ImageFamily, Milestone

SOON_DAYS = 90
"""Days; a date is soon from this many days before it, that day included."""


class LifecycleState(StrEnum):
    """How far gone a version is."""

    SUPPORTED = "supported"
    DEPRECATED = "deprecated"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


_STATE_ORDER = (
    LifecycleState.UNKNOWN,
    LifecycleState.SUPPORTED,
    LifecycleState.DEPRECATED,
    LifecycleState.UNAVAILABLE,
)


class MilestoneDate(Struct, frozen=True):
    """One of the two dates of a version, with the image families that share it."""

    milestone: Milestone
    day: date
    families: tuple[ImageFamily, ...]

    @property
    def is_overridden(self) -> bool:
        """Whether somebody set it by hand, for any of the families."""
        return any(family.get_date(self.milestone).override is not None for family in self.families)

    @property
    def is_unverified(self) -> bool:
        """Whether the page prints another one by now, for any of the families, which is held back."""
        return any(family.get_date(self.milestone).unverified for family in self.families)


def get_state(day: date, family: ImageFamily) -> LifecycleState:
    """The state on a day; a family whose end of patches is not known, or comes after its end, is never supported."""
    patch, availability = family.end_of_patch_and_support.day, family.end_of_availability.day
    if patch is None or (availability is not None and patch > availability):
        return LifecycleState.UNKNOWN
    if day <= patch:
        return LifecycleState.SUPPORTED
    if availability is None or day <= availability:
        return LifecycleState.DEPRECATED
    return LifecycleState.UNAVAILABLE


def get_version_state(day: date, version: FrameworkVersion) -> LifecycleState:
    """The state of the version's furthest-gone row."""
    states = [get_state(day, family) for family in version.families]
    return max(states, key=_STATE_ORDER.index, default=LifecycleState.UNKNOWN)


def is_last_day(day: date, family: ImageFamily) -> bool:
    """Whether the day is the last of patches and support, or the last the images can be used."""
    return day in {family.end_of_patch_and_support.day, family.end_of_availability.day}


def find_next_milestone(day: date, family: ImageFamily) -> tuple[Milestone, date] | None:
    """The first of the two dates that is not behind the day; the day itself counts."""
    ahead = ((milestone, family.get_date(milestone).day) for milestone in Milestone)
    return next(((milestone, when) for milestone, when in ahead if when is not None and when >= day), None)


def count_days_left(day: date, deadline: date) -> int:
    """Whole days from the day to the deadline: 0 on it, negative after it."""
    return (deadline - day).days


def is_soon(day: date, deadline: date) -> bool:
    """Whether the deadline is within the window, both ends included."""
    return 0 <= count_days_left(day, deadline) <= SOON_DAYS


@lru_cache(maxsize=1_024)
def list_milestones(version: FrameworkVersion) -> tuple[MilestoneDate, ...]:
    """Every known date of the version, families that share one together, soonest first."""
    shared: dict[tuple[date, Milestone], list[ImageFamily]] = {}
    for family in version.families:
        for milestone in Milestone:
            when = family.get_date(milestone).day
            if when is not None:
                shared.setdefault((when, milestone), []).append(family)
    order = sorted(shared, key=lambda key: (key[0], list(Milestone).index(key[1])))
    return tuple(MilestoneDate(milestone, when, tuple(shared[when, milestone])) for when, milestone in order)


def list_overridden_dates(versions: Iterable[FrameworkVersion]) -> frozenset[tuple[str, Milestone, date]]:
    """(version, milestone, date) of every date that somebody set by hand."""
    return frozenset(
        (version.name, each.milestone, each.day)
        for version in versions
        for each in list_milestones(version)
        if each.is_overridden
    )


def list_unverified_dates(versions: Iterable[FrameworkVersion]) -> frozenset[tuple[str, Milestone, date]]:
    """The same of every date that the page prints otherwise by now, which is held back."""
    dated = ((version.name, each) for version in versions for each in list_milestones(version))
    return frozenset((name, each.milestone, each.day) for name, each in dated if each.is_unverified)


def has_differing_dates(version: FrameworkVersion) -> bool:
    """Whether image families of the version have different dates."""
    return _differ((f.end_of_patch_and_support.day, f.end_of_availability.day) for f in version.families)


def _differ(pairs: Iterable[tuple[date | None, date | None]]) -> bool:
    return len(set(pairs)) > 1
