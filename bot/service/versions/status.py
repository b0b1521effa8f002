"""Facts judged on a day, put together as the view models that answers carry."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import TypeVar

from msgspec.structs import replace

from bot import answers
from bot.policy import lifecycle, successors
from bot.policy import versions as matching
from bot.policy.products import PRODUCTS
from bot.policy.successors import BASE
from bot.service.versions import sister_products
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import FrameworkVersion, ImageFamily, Milestone, PrintedDate

T = TypeVar("T")

STATE_ORDER = (
    lifecycle.LifecycleState.SUPPORTED,
    lifecycle.LifecycleState.DEPRECATED,
    lifecycle.LifecycleState.UNKNOWN,
    lifecycle.LifecycleState.UNAVAILABLE,
)
"""How states follow each other in a list."""


def build_status(
    day: date,
    zone: str,
    version: FrameworkVersion,
    snapshot: CatalogueSnapshot,
    subscribers: tuple[answers.Subscriber, ...],
    *,
    is_subscribed: bool,
    remark: str = "",
    sister_dates: tuple[answers.SisterDates, ...] = (),
) -> answers.Status:
    """How a version stands; where its rows differ in a field, that field is None."""
    return _build_status(day, zone, version, snapshot, subscribers, remark, sister_dates, is_subscribed=is_subscribed)


@lru_cache(maxsize=256)
def _build_status(
    day: date,
    zone: str,
    version: FrameworkVersion,
    snapshot: CatalogueSnapshot,
    subscribers: tuple[answers.Subscriber, ...],
    remark: str,
    sister_dates: tuple[answers.SisterDates, ...],
    *,
    is_subscribed: bool,
) -> answers.Status:
    """Kept: all that it is made of is asked for, so that the same question has the same answer."""
    rows = version.families
    states = {lifecycle.get_state(day, row) for row in rows}
    ahead = find_common(lifecycle.find_next_milestone(day, row) for row in rows)
    return answers.Status(
        version=version.name,
        title=matching.format_title(version.name),
        day=day,
        zone=zone,
        state=states.pop() if len(states) == 1 else None,
        furthest_state=lifecycle.get_version_state(day, version),
        is_last_day=all(lifecycle.is_last_day(day, row) for row in rows),
        end_of_patch_and_support=find_common(row.end_of_patch_and_support.day for row in rows),
        end_of_availability=find_common(row.end_of_availability.day for row in rows),
        next_milestone=ahead[0] if ahead else None,
        days_left=lifecycle.count_days_left(day, ahead[1]) if ahead else None,
        rows_differ=lifecycle.has_differing_dates(version),
        families=tuple(_build_family(day, row) for row in rows),
        advice=build_advice(day, version, snapshot),
        subscribers=subscribers,
        is_subscribed=is_subscribed,
        source=snapshot.source,
        remark=remark,
        overrides=list_overrides(version),
        sister_dates=sister_dates,
    )


def list_overrides(
    version: FrameworkVersion, milestone: Milestone | None = None, day: date | None = None
) -> tuple[answers.OverrideLine, ...]:
    """Whose word holds for dates of the version, or for the one that is named; families that share it together."""
    shared: dict[tuple[Milestone, PrintedDate], list[str]] = {}
    for row in version.families:
        for each in Milestone:
            cell = row.get_date(each)
            if cell.override is not None and milestone in {None, each} and day in {None, cell.day}:
                shared.setdefault((each, cell), []).append(row.family)
    return tuple(_build_override_line(each, cell, tuple(rows), version) for (each, cell), rows in shared.items())


def _build_override_line(
    milestone: Milestone, cell: PrintedDate, families: tuple[str, ...], version: FrameworkVersion
) -> answers.OverrideLine:
    who = cell.override
    if who is None or cell.day is None:
        raise ValueError(f"the {milestone} of {version.name} is the page's")
    return answers.OverrideLine(
        milestone=milestone,
        day=cell.day,
        set_by=who.set_by,
        reason=who.reason,
        set_on=who.set_on,
        until=who.until,
        page_date=who.page_date,
        page_text=cell.printed,
        families=families,
        is_whole_version=len(families) == len(version.families),
    )


def find_common(values: Iterable[T]) -> T | None:
    """The one value they all have, or None."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _build_family(day: date, row: ImageFamily) -> answers.FamilyStatus:
    return answers.FamilyStatus(
        family=row.family,
        label=row.label,
        patch_version=row.patch_version,
        python=row.python,
        os=row.os,
        cuda=row.cuda,
        driver=row.driver,
        accelerator=row.accelerator,
        state=lifecycle.get_state(day, row),
        is_last_day=lifecycle.is_last_day(day, row),
        end_of_patch_and_support=row.end_of_patch_and_support,
        end_of_availability=row.end_of_availability,
    )


def build_advice(day: date, version: FrameworkVersion, snapshot: CatalogueSnapshot) -> answers.Advice:
    """Where to go from a version on a day."""
    found = successors.advise(day, version, snapshot.versions)
    ahead = found.successor
    return answers.Advice(
        successor=build_candidate(day, ahead.version, tuple((d.name, d.before, d.after) for d in ahead.differences))
        if ahead
        else None,
        is_newest=found.is_newest,
        base=build_candidate(day, found.base) if found.base else None,
        other_frameworks=tuple(build_candidate(day, other) for other in found.other_frameworks),
        on_other_products=() if ahead or found.is_newest else tuple(_list_sister_candidates(day, version.framework)),
    )


def _list_sister_candidates(day: date, framework: str) -> Iterator[answers.Candidate]:
    """The newest supported version of a framework on each sister product; of Base every product has its own."""
    for product in PRODUCTS.values() if framework != BASE else ():
        there = [version for version in sister_products.list_versions(product.prefix) if version.framework == framework]
        good = [v for v in there if lifecycle.get_version_state(day, v) is lifecycle.LifecycleState.SUPPORTED]
        if good:
            found = build_candidate(day, max(good, key=lambda v: matching.get_sort_key(v.number)))
            yield replace(found, title=f"{found.title} on {product.title}")


def build_candidate(
    day: date, version: FrameworkVersion, differences: tuple[tuple[str, str, str], ...] = ()
) -> answers.Candidate:
    """A version to go to, with the days of support left there."""
    cells = [row.end_of_patch_and_support for row in version.families]
    until = min((cell.day for cell in cells if cell.day is not None), default=None)
    return answers.Candidate(
        version=matching.format_full_name(version),
        title=matching.format_title(version.name),
        end_of_patch_and_support=until,
        days_left=lifecycle.count_days_left(day, until) if until else 0,
        families=tuple(row.family for row in version.families),
        differences=differences,
        is_overridden=any(cell.override is not None and cell.day == until for cell in cells),
        is_unverified=any(cell.unverified and cell.day == until for cell in cells),
    )


def build_line(day: date, version: FrameworkVersion, *, is_subscribed: bool) -> answers.VersionLine:
    """A version as a line of a list."""
    ahead = find_next_date(day, version)
    return answers.VersionLine(
        version=version.name,
        state=lifecycle.get_version_state(day, version),
        end_of_patch_and_support=find_common(row.end_of_patch_and_support.day for row in version.families),
        end_of_availability=find_common(row.end_of_availability.day for row in version.families),
        next_milestone=ahead.milestone if ahead else None,
        next_date=ahead.day if ahead else None,
        rows_differ=lifecycle.has_differing_dates(version),
        is_last_day=bool(ahead and ahead.day == day),
        is_subscribed=is_subscribed,
        overridden=tuple(m for m in Milestone if any(row.get_date(m).override is not None for row in version.families)),
        unverified=tuple(m for m in Milestone if any(row.get_date(m).unverified for row in version.families)),
    )


def get_sort_key(line: answers.VersionLine) -> tuple[int, date, str, tuple[int, ...]]:
    """Sorts lines by state, then by the next date; those with none ahead by framework, the newest version first."""
    framework, _, number = line.version.rpartition("-")
    newest = tuple(-part for part in matching.get_sort_key(number))
    return (STATE_ORDER.index(line.state), line.next_date or date.max, framework, newest)


def find_next_date(day: date, version: FrameworkVersion) -> lifecycle.MilestoneDate | None:
    """The version's next milestone on or after the day."""
    return next((m for m in lifecycle.list_milestones(version) if m.day >= day), None)


def list_upcoming(day: date, snapshot: CatalogueSnapshot, subscribed: frozenset[str]) -> list[answers.UpcomingDate]:
    """Every milestone on or after the day, soonest first; both on one day make one entry."""
    found: list[answers.UpcomingDate] = []
    for version in snapshot.versions:
        ahead = [m for m in lifecycle.list_milestones(version) if m.day >= day]
        days = sorted({m.day for m in ahead})
        for when in days:
            kinds = sorted({m.milestone for m in ahead if m.day == when}, key=list(Milestone).index)
            families = dict.fromkeys(row.family for m in ahead if m.day == when for row in m.families)
            found.append(
                answers.UpcomingDate(
                    version=version.name,
                    milestone=kinds[0],
                    day=when,
                    second_milestone=kinds[1] if len(kinds) > 1 else None,
                    families=tuple(families),
                    is_subscribed=version.name in subscribed,
                    is_overridden=any(m.is_overridden for m in ahead if m.day == when),
                    is_unverified=any(m.is_unverified for m in ahead if m.day == when),
                )
            )
    return sorted(found, key=lambda entry: (entry.day, entry.version))
