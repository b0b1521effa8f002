"""Lifecycle states and dates of a framework version, by the framework support policy.

Each of the two dates is the last day of its period: the policy says "after" for both consequences.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from storage.facts import FrameworkVersion, ImageFamily, Milestone

SOON_DAYS = 90
"""Days before a date from which it counts as soon, inclusive."""

MILESTONE_NAMES: dict[str, str] = {
    Milestone.END_OF_PATCH_AND_SUPPORT: "last day of patches and support",
    Milestone.END_OF_AVAILABILITY: "last day these images can be used",
}
"""Names of the two dates in a sentence, after "the"."""


class LifecycleState(StrEnum):
    """Lifecycle state of a version or an image family."""

    SUPPORTED = "supported"
    DEPRECATED = "deprecated"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


_STATE_ORDER = (LifecycleState.UNKNOWN, LifecycleState.SUPPORTED, LifecycleState.DEPRECATED, LifecycleState.UNAVAILABLE)


class MilestoneDate(Struct, frozen=True):
    """One of the two dates of a version, with the image families that share it."""

    milestone: Milestone
    day: date
    families: tuple[ImageFamily, ...]

    @property
    def is_overridden(self) -> bool:
        """True if the date of any of the families is an override."""
        return any(family.get_date(self.milestone).override is not None for family in self.families)

    @property
    def is_unverified(self) -> bool:
        """True if, for any of the families, the page now prints a date that is quarantined."""
        return any(family.get_date(self.milestone).unverified for family in self.families)


def get_state(day: date, family: ImageFamily) -> LifecycleState:
    """Return the state of an image family on a day.

    The state is unknown if the end of patches is unknown or comes after the end of availability.
    """
    patch, availability = family.end_of_patch_and_support.day, family.end_of_availability.day
    if patch is None or (availability is not None and patch > availability):
        return LifecycleState.UNKNOWN
    if day <= patch:
        return LifecycleState.SUPPORTED
    if availability is None or day <= availability:
        return LifecycleState.DEPRECATED
    return LifecycleState.UNAVAILABLE


def get_version_state(day: date, version: FrameworkVersion) -> LifecycleState:
    """Return the most advanced state among the version's image families on a day."""
    states = [get_state(day, family) for family in version.families]
    return max(states, key=_STATE_ORDER.index, default=LifecycleState.UNKNOWN)


def is_last_day(day: date, family: ImageFamily) -> bool:
    """Return True if the day is the last one of patches and support, or the last one of availability."""
    return day in {family.end_of_patch_and_support.day, family.end_of_availability.day}


def find_next_milestone(day: date, family: ImageFamily) -> tuple[Milestone, date] | None:
    """Return the first milestone on or after the day with its date, or None."""
    dates = ((milestone, family.get_date(milestone).day) for milestone in Milestone)
    return next(((milestone, last_day) for milestone, last_day in dates if last_day and last_day >= day), None)


def count_days_left(day: date, deadline: date) -> int:
    """Return the number of days from the day to the deadline: 0 on the deadline, negative after it."""
    return (deadline - day).days


def is_soon(day: date, deadline: date) -> bool:
    """Return True if the deadline is at most `SOON_DAYS` ahead and hasn't passed."""
    return 0 <= count_days_left(day, deadline) <= SOON_DAYS


@lru_cache(maxsize=1_024)
def list_milestones(version: FrameworkVersion) -> tuple[MilestoneDate, ...]:
    """Return every known date of the version, soonest first. Families with one date share an entry."""
    families_by_date: dict[tuple[date, Milestone], list[ImageFamily]] = {}
    for family in version.families:
        for milestone in Milestone:
            day = family.get_date(milestone).day
            if day is not None:
                families_by_date.setdefault((day, milestone), []).append(family)
    keys = sorted(families_by_date, key=lambda key: (key[0], list(Milestone).index(key[1])))
    return tuple(MilestoneDate(milestone, day, tuple(families_by_date[day, milestone])) for day, milestone in keys)


def list_overridden_dates(versions: Iterable[FrameworkVersion]) -> frozenset[tuple[str, Milestone, date]]:
    """Return (version name, milestone, date) of every overridden date."""
    return frozenset((name, entry.milestone, entry.day) for name, entry in _list_all(versions) if entry.is_overridden)


def list_unverified_dates(versions: Iterable[FrameworkVersion]) -> frozenset[tuple[str, Milestone, date]]:
    """Return (version name, milestone, date) of every date for which the page now prints a quarantined one."""
    return frozenset((name, entry.milestone, entry.day) for name, entry in _list_all(versions) if entry.is_unverified)


def _list_all(versions: Iterable[FrameworkVersion]) -> Iterable[tuple[str, MilestoneDate]]:
    return ((version.name, entry) for version in versions for entry in list_milestones(version))


def has_differing_dates(version: FrameworkVersion) -> bool:
    """Return True if image families of the version have different dates."""
    return len({(f.end_of_patch_and_support.day, f.end_of_availability.day) for f in version.families}) > 1
