"""Where to go from a version: a newer supported one of the same framework, or honestly none."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from bot.policy.lifecycle import SOON_DAYS as TOO_SHORT
from bot.policy.lifecycle import LifecycleState, count_days_left, get_state
from bot.policy.versions import get_sort_key
from storage.facts import FrameworkVersion, ImageFamily

BASE = "base"


class Difference(Struct, frozen=True):
    """What is another one in the successor."""

    name: str
    before: str
    after: str


class Successor(Struct, frozen=True):
    """A version to go to, and the last day of patches and support there."""

    version: FrameworkVersion
    supported_until: date
    differences: tuple[Difference, ...]


class Advice(Struct, frozen=True):
    """Where to go next; without a successor, what the docs page advises instead."""

    successor: Successor | None
    is_newest: bool
    """The version is itself the newest supported one of its framework."""
    other_frameworks: tuple[FrameworkVersion, ...]
    base: FrameworkVersion | None


def advise(day: date, version: FrameworkVersion, versions: Sequence[FrameworkVersion]) -> Advice:
    """The advice on a day; one that ends soon is not recommended where a longer-lived one is there."""
    supported = [(v, until) for v in versions if (until := _find_supported_until(day, v)) is not None]
    newer = [(v, until) for v, until in supported if _is_newer(v, version) and _is_gpu(v) == _is_gpu(version)]
    lasting = [(v, until) for v, until in newer if count_days_left(day, until) > TOO_SHORT] or newer
    best = max(lasting, key=lambda pair: (get_sort_key(pair[0].number), pair[1]), default=None)
    if best is not None:
        found = Successor(best[0], best[1], compare(version, best[0]))
        return Advice(found, is_newest=False, other_frameworks=(), base=None)
    newest = any(v.name == version.name for v, _ in supported)
    others = [] if newest else _find_newest_per_framework([v for v, _ in supported if v.framework != version.framework])
    base = next((v for v in others if v.framework == BASE), None)
    if version.framework == BASE and not newest:
        base = _find_newest([v for v, _ in supported if v.framework == BASE])
    return Advice(None, newest, tuple(v for v in others if v.framework != BASE), base)


def _find_supported_until(day: date, version: FrameworkVersion) -> date | None:
    """The last day of patches and support of the rows supported on the day; None where there is none."""
    rows = [row for row in version.families if get_state(day, row) is LifecycleState.SUPPORTED]
    days = [row.end_of_patch_and_support.day for row in rows]
    return min((d for d in days if d is not None), default=None)


def _is_newer(candidate: FrameworkVersion, version: FrameworkVersion) -> bool:
    same = (candidate.product, candidate.framework) == (version.product, version.framework)
    return same and get_sort_key(candidate.number) > get_sort_key(version.number)


def _is_gpu(version: FrameworkVersion) -> bool:
    return any(row.cuda for row in version.families)


def _find_newest_per_framework(versions: Sequence[FrameworkVersion]) -> list[FrameworkVersion]:
    frameworks = dict.fromkeys(version.framework for version in versions)
    found = (_find_newest([v for v in versions if v.framework == framework]) for framework in frameworks)
    return [version for version in found if version is not None]


def _find_newest(versions: Sequence[FrameworkVersion]) -> FrameworkVersion | None:
    return max(versions, key=lambda v: get_sort_key(v.number), default=None)


def compare(before: FrameworkVersion, after: FrameworkVersion) -> tuple[Difference, ...]:
    """What has to change on the way from one version to another; only what both print."""
    found = []
    for what, values_of in _COMPARED_COLUMNS.items():
        old, new = (_list_distinct(version.families, values_of) for version in (before, after))
        if old and new and not set(old) <= set(new):
            found.append(Difference(what, " or ".join(old), " or ".join(new)))
    return tuple(found)


_COMPARED_COLUMNS = {"CUDA": "cuda", "Python": "python", "OS": "os", "Driver": "driver"}


def _list_distinct(rows: Sequence[ImageFamily], column: str) -> tuple[str, ...]:
    return tuple(sorted({str(getattr(row, column)) for row in rows} - {""}, key=get_sort_key))
