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
from bot.service.versions.snapshot import Known
from storage.facts import FrameworkVersion, ImageFamily, Milestone, PrintedDate

T = TypeVar("T")

ORDER = (
    lifecycle.LifecycleState.SUPPORTED,
    lifecycle.LifecycleState.DEPRECATED,
    lifecycle.LifecycleState.UNKNOWN,
    lifecycle.LifecycleState.UNAVAILABLE,
)
"""How states follow each other in a list."""


def status(
    day: date,
    zone: str,
    version: FrameworkVersion,
    known: Known,
    watchers: tuple[answers.Watcher, ...],
    *,
    watched_here: bool,
    remark: str = "",
    elsewhere: tuple[answers.Elsewhere, ...] = (),
) -> answers.Status:
    """How a version stands; where its rows differ in a field, that field is None."""
    return _status(day, zone, version, known, watchers, remark, elsewhere, watched_here=watched_here)


@lru_cache(maxsize=256)
def _status(
    day: date,
    zone: str,
    version: FrameworkVersion,
    known: Known,
    watchers: tuple[answers.Watcher, ...],
    remark: str,
    elsewhere: tuple[answers.Elsewhere, ...],
    *,
    watched_here: bool,
) -> answers.Status:
    """Kept: all that it is made of is asked for, so that the same question has the same answer."""
    rows = version.families
    states = {lifecycle.state_on(day, row) for row in rows}
    ahead = same(lifecycle.next_milestone(day, row) for row in rows)
    return answers.Status(
        version=version.name,
        title=matching.title(version.name),
        day=day,
        zone=zone,
        state=states.pop() if len(states) == 1 else None,
        furthest_state=lifecycle.version_state_on(day, version),
        last_day=all(lifecycle.is_last_day(day, row) for row in rows),
        end_of_patch_and_support=same(row.end_of_patch_and_support.day for row in rows),
        end_of_availability=same(row.end_of_availability.day for row in rows),
        next_milestone=ahead[0] if ahead else None,
        days_left=lifecycle.days_left(day, ahead[1]) if ahead else None,
        rows_differ=lifecycle.rows_differ(version),
        families=tuple(_family(day, row) for row in rows),
        advice=advice(day, version, known),
        watchers=watchers,
        watched_here=watched_here,
        source=known.source,
        remark=remark,
        by_hand=by_hand(version),
        elsewhere=elsewhere,
    )


def by_hand(
    version: FrameworkVersion, milestone: Milestone | None = None, day: date | None = None
) -> tuple[answers.SetByHand, ...]:
    """Whose word holds for dates of the version, or for the one that is named; families that share it together."""
    shared: dict[tuple[Milestone, PrintedDate], list[str]] = {}
    for row in version.families:
        for each in Milestone:
            cell = row.date_of(each)
            if cell.by_hand is not None and milestone in {None, each} and day in {None, cell.day}:
                shared.setdefault((each, cell), []).append(row.family)
    return tuple(_set_by_hand(each, cell, tuple(rows), version) for (each, cell), rows in shared.items())


def _set_by_hand(
    milestone: Milestone, cell: PrintedDate, families: tuple[str, ...], version: FrameworkVersion
) -> answers.SetByHand:
    who = cell.by_hand
    if who is None or cell.day is None:
        raise ValueError(f"the {milestone} of {version.name} is the page's")
    return answers.SetByHand(
        milestone=milestone,
        day=cell.day,
        by=who.by,
        reason=who.reason,
        on=who.on,
        until=who.until,
        page_says=who.page_says,
        page_prints=cell.printed,
        families=families,
        everywhere=len(families) == len(version.families),
    )


def same(values: Iterable[T]) -> T | None:
    """The one value they all have, or None."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _family(day: date, row: ImageFamily) -> answers.FamilyStatus:
    return answers.FamilyStatus(
        family=row.family,
        label=row.label,
        patch_version=row.patch_version,
        python=row.python,
        os=row.os,
        cuda=row.cuda,
        driver=row.driver,
        accelerator=row.accelerator,
        state=lifecycle.state_on(day, row),
        last_day=lifecycle.is_last_day(day, row),
        end_of_patch_and_support=row.end_of_patch_and_support,
        end_of_availability=row.end_of_availability,
    )


def advice(day: date, version: FrameworkVersion, known: Known) -> answers.Advice:
    """Where to go from a version on a day."""
    found = successors.advise(day, version, known.versions)
    ahead = found.successor
    return answers.Advice(
        successor=candidate(day, ahead.version, tuple((d.what, d.before, d.after) for d in ahead.differences))
        if ahead
        else None,
        newest=found.newest,
        base=candidate(day, found.base) if found.base else None,
        other_frameworks=tuple(candidate(day, other) for other in found.other_frameworks),
        on_other_products=() if ahead or found.newest else tuple(_on_other_products(day, version.framework)),
    )


def _on_other_products(day: date, framework: str) -> Iterator[answers.Candidate]:
    """The newest supported version of a framework on each sister product; of Base every product has its own."""
    for product in PRODUCTS.values() if framework != BASE else ():
        there = [version for version in sister_products.versions(product.prefix) if version.framework == framework]
        good = [v for v in there if lifecycle.version_state_on(day, v) is lifecycle.LifecycleState.SUPPORTED]
        if good:
            found = candidate(day, max(good, key=lambda v: matching.number_key(v.number)))
            yield replace(found, title=f"{found.title} on {product.title}")


def candidate(
    day: date, version: FrameworkVersion, differences: tuple[tuple[str, str, str], ...] = ()
) -> answers.Candidate:
    """A version to go to, with the days of support left there."""
    cells = [row.end_of_patch_and_support for row in version.families]
    until = min((cell.day for cell in cells if cell.day is not None), default=None)
    return answers.Candidate(
        version=matching.full_name(version),
        title=matching.title(version.name),
        end_of_patch_and_support=until,
        days_left=lifecycle.days_left(day, until) if until else 0,
        families=tuple(row.family for row in version.families),
        differences=differences,
        by_hand=any(cell.by_hand is not None and cell.day == until for cell in cells),
        unverified=any(cell.unverified and cell.day == until for cell in cells),
    )


def line(day: date, version: FrameworkVersion, *, watched_here: bool) -> answers.VersionLine:
    """A version as a line of a list."""
    ahead = next_of(day, version)
    return answers.VersionLine(
        version=version.name,
        state=lifecycle.version_state_on(day, version),
        end_of_patch_and_support=same(row.end_of_patch_and_support.day for row in version.families),
        end_of_availability=same(row.end_of_availability.day for row in version.families),
        next_milestone=ahead.milestone if ahead else None,
        next_date=ahead.day if ahead else None,
        rows_differ=lifecycle.rows_differ(version),
        last_day=bool(ahead and ahead.day == day),
        watched_here=watched_here,
        by_hand=tuple(m for m in Milestone if any(row.date_of(m).by_hand is not None for row in version.families)),
        unverified=tuple(m for m in Milestone if any(row.date_of(m).unverified for row in version.families)),
    )


def soonest_first(line: answers.VersionLine) -> tuple[int, date, str, tuple[int, ...]]:
    """Sorts lines by state, then by the next date; those with none ahead by framework, the newest version first."""
    framework, _, number = line.version.rpartition("-")
    newest = tuple(-part for part in matching.number_key(number))
    return (ORDER.index(line.state), line.next_date or date.max, framework, newest)


def next_of(day: date, version: FrameworkVersion) -> lifecycle.MilestoneDate | None:
    """The version's next milestone on or after the day."""
    return next((m for m in lifecycle.milestones(version) if m.day >= day), None)


def upcoming(day: date, known: Known, watched: frozenset[str]) -> list[answers.UpcomingDate]:
    """Every milestone on or after the day, soonest first; both on one day make one entry."""
    found: list[answers.UpcomingDate] = []
    for version in known.versions:
        ahead = [m for m in lifecycle.milestones(version) if m.day >= day]
        days = sorted({m.day for m in ahead})
        for when in days:
            kinds = sorted({m.milestone for m in ahead if m.day == when}, key=list(Milestone).index)
            families = dict.fromkeys(row.family for m in ahead if m.day == when for row in m.families)
            found.append(
                answers.UpcomingDate(
                    version=version.name,
                    milestone=kinds[0],
                    day=when,
                    also=kinds[1] if len(kinds) > 1 else None,
                    families=tuple(families),
                    watched_here=version.name in watched,
                    by_hand=any(m.by_hand for m in ahead if m.day == when),
                    unverified=any(m.unverified for m in ahead if m.day == when),
                )
            )
    return sorted(found, key=lambda entry: (entry.day, entry.version))
