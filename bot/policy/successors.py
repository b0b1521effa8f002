"""Migration advice: a newer supported version of the same framework, or alternatives if there is none."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from bot.policy.lifecycle import SOON_DAYS, LifecycleState, count_days_left, get_state
from bot.policy.versions import get_sort_key
from storage.facts import FrameworkVersion, ImageFamily

BASE = "base"


class Difference(Struct, frozen=True):
    """A component that differs between a version and its successor."""

    name: str
    before: str
    after: str


class Successor(Struct, frozen=True):
    """A recommended version."""

    version: FrameworkVersion
    differences: tuple[Difference, ...]


class Advice(Struct, frozen=True):
    """Migration advice. Without a successor it lists the alternatives that the docs page recommends."""

    successor: Successor | None
    is_newest: bool
    """True if the version itself is the newest supported one of its framework."""
    other_frameworks: tuple[FrameworkVersion, ...]
    base: FrameworkVersion | None


def advise(day: date, version: FrameworkVersion, versions: Sequence[FrameworkVersion]) -> Advice:
    """Return the migration advice on a day.

    The successor is the newest supported version. A version whose support ends soon is recommended only if
    there is no other.
    """
    supported = [(v, until) for v in versions if (until := _find_supported_until(day, v)) is not None]
    newer = [(v, until) for v, until in supported if _is_newer(v, version) and _is_gpu(v) == _is_gpu(version)]
    lasting = [(v, until) for v, until in newer if count_days_left(day, until) > SOON_DAYS] or newer
    best = max(lasting, key=lambda pair: (get_sort_key(pair[0].number), pair[1]), default=None)
    if best is not None:
        successor = Successor(best[0], compare(version, best[0]))
        return Advice(successor, is_newest=False, other_frameworks=(), base=None)
    is_newest = any(v.name == version.name for v, _ in supported)
    others = (
        [] if is_newest else _find_newest_per_framework([v for v, _ in supported if v.framework != version.framework])
    )
    base = next((v for v in others if v.framework == BASE), None)
    if version.framework == BASE and not is_newest:
        base = _find_newest([v for v, _ in supported if v.framework == BASE])
    return Advice(None, is_newest, tuple(v for v in others if v.framework != BASE), base)


def _find_supported_until(day: date, version: FrameworkVersion) -> date | None:
    """Return the earliest end of support among the rows supported on the day, or None if none is."""
    rows = [row for row in version.families if get_state(day, row) is LifecycleState.SUPPORTED]
    days = [row.end_of_patch_and_support.day for row in rows]
    return min((d for d in days if d is not None), default=None)


def _is_newer(candidate: FrameworkVersion, version: FrameworkVersion) -> bool:
    is_same_framework = (candidate.product, candidate.framework) == (version.product, version.framework)
    return is_same_framework and get_sort_key(candidate.number) > get_sort_key(version.number)


def _is_gpu(version: FrameworkVersion) -> bool:
    return any(row.cuda for row in version.families)


def _find_newest_per_framework(versions: Sequence[FrameworkVersion]) -> list[FrameworkVersion]:
    frameworks = dict.fromkeys(version.framework for version in versions)
    newest = (_find_newest([v for v in versions if v.framework == framework]) for framework in frameworks)
    return [version for version in newest if version is not None]


def _find_newest(versions: Sequence[FrameworkVersion]) -> FrameworkVersion | None:
    return max(versions, key=lambda v: get_sort_key(v.number), default=None)


_COMPARED_COLUMNS = {"CUDA": "cuda", "Python": "python", "OS": "os", "Driver": "driver"}
"""Columns to compare, by the name people read."""


def compare(before: FrameworkVersion, after: FrameworkVersion) -> tuple[Difference, ...]:
    """Return the components that change between two versions, limited to those printed for both."""
    differences = []
    for name, column in _COMPARED_COLUMNS.items():
        old, new = (_list_distinct(version.families, column) for version in (before, after))
        if old and new and not set(old) <= set(new):
            differences.append(Difference(name, " or ".join(old), " or ".join(new)))
    return tuple(differences)


def _list_distinct(rows: Sequence[ImageFamily], column: str) -> tuple[str, ...]:
    return tuple(sorted({str(getattr(row, column)) for row in rows} - {""}, key=get_sort_key))
