"""Status, advice and lists of versions on a given day, as view models."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import TypeVar

from msgspec.structs import replace

from bot import answers
from bot.catalogue.page import date_cells
from bot.policy import lifecycle, successors, versions
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import PRODUCTS, RELATED_PRODUCTS
from bot.policy.successors import BASE
from bot.service.versions import related_products
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import DLVM, FrameworkVersion, ImageFamily, Milestone, PrintedDate

T = TypeVar("T")

STATE_ORDER = (LifecycleState.SUPPORTED, LifecycleState.DEPRECATED, LifecycleState.UNKNOWN, LifecycleState.UNAVAILABLE)

_PSEUDO_FRAMEWORKS = {"os", "workbench"}
"""Frameworks in name only: their versions don't succeed each other."""


@lru_cache(maxsize=256)
def build_status(
    day: date,
    zone: str,
    version: FrameworkVersion,
    snapshot: CatalogueSnapshot,
    subscribers: tuple[answers.Subscriber, ...],
    *,
    is_subscribed: bool,
    remark: str = "",
) -> answers.Status:
    """Return the status of a version, cached per combination of arguments. A field is None if the rows differ in it."""
    rows = version.families
    is_related = version.product != DLVM
    states = {lifecycle.get_state(day, row) for row in rows}
    next_milestone = find_common(lifecycle.find_next_milestone(day, row) for row in rows)
    dlvm_version = snapshot.find(version.name) if is_related else None
    return answers.Status(
        version=versions.format_full_name(version),
        title=format_title(version),
        day=day,
        zone=zone,
        state=states.pop() if len(states) == 1 else None,
        furthest_state=lifecycle.get_version_state(day, version),
        is_last_day=all(lifecycle.is_last_day(day, row) for row in rows),
        end_of_patch_and_support=find_common(row.end_of_patch_and_support.day for row in rows),
        end_of_availability=find_common(row.end_of_availability.day for row in rows),
        next_milestone=next_milestone[0] if next_milestone else None,
        days_left=lifecycle.count_days_left(day, next_milestone[1]) if next_milestone else None,
        rows_differ=lifecycle.has_differing_dates(version),
        families=tuple(_build_family(day, row) for row in rows),
        advice=find_advice(day, version, snapshot),
        subscribers=subscribers,
        is_subscribed=is_subscribed,
        source=get_source(version.product, rows, snapshot),
        remark=remark,
        overrides=list_overrides(version),
        related_dates=() if is_related else related_products.list_differing_dates(version),
        product=PRODUCTS[version.product],
        dlvm_version=dlvm_version.name if dlvm_version else "",
    )


def list_versions(product: str, snapshot: CatalogueSnapshot) -> tuple[FrameworkVersion, ...]:
    """List all versions of a product. The snapshot holds those of Deep Learning VM."""
    return snapshot.versions if product == DLVM else related_products.list_versions(product)


def get_source(product: str, rows: Iterable[ImageFamily], snapshot: CatalogueSnapshot) -> answers.Source:
    """Return the source of rows of a product. Each row of a related product has a source: the newest counts."""
    return snapshot.source if product == DLVM else related_products.build_source(rows)


def format_title(version: FrameworkVersion) -> str:
    """Format the version's name for people. For a pseudo-framework it is the label of its row."""
    return version.families[0].label if version.framework in _PSEUDO_FRAMEWORKS else versions.format_title(version.name)


def list_overrides(
    version: FrameworkVersion, milestone: Milestone | None = None, day: date | None = None
) -> tuple[answers.OverrideLine, ...]:
    """List the overrides of the version's dates, grouped by families, optionally of one milestone or day only."""
    families_by_cell: dict[tuple[Milestone, PrintedDate], list[str]] = {}
    for row in version.families:
        for row_milestone in Milestone:
            cell = row.get_date(row_milestone)
            if cell.override is not None and milestone in {None, row_milestone} and day in {None, cell.day}:
                families_by_cell.setdefault((row_milestone, cell), []).append(row.family)
    return tuple(
        _build_override_line(cell_milestone, cell, tuple(families), version)
        for (cell_milestone, cell), families in families_by_cell.items()
    )


def _build_override_line(
    milestone: Milestone, cell: PrintedDate, families: tuple[str, ...], version: FrameworkVersion
) -> answers.OverrideLine:
    override = cell.override
    if override is None or cell.day is None:
        raise ValueError(f"the {milestone} of {version.name} has no override")
    return answers.OverrideLine(
        milestone=milestone,
        day=cell.day,
        set_by=override.set_by,
        reason=override.reason,
        set_on=override.set_on,
        until=override.until,
        page_date=override.page_date,
        page_text=cell.printed,
        families=families,
        is_whole_version=len(families) == len(version.families),
    )


def find_common(values: Iterable[T]) -> T | None:
    """Return the value if all are equal, otherwise None."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _build_family(day: date, row: ImageFamily) -> answers.FamilyStatus:
    return answers.FamilyStatus(
        family=versions.format_image(row),
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
        start=related_products.get_start(row),
        is_month_only=date_cells.is_month_only(row.end_of_patch_and_support),
    )


def find_advice(day: date, version: FrameworkVersion, snapshot: CatalogueSnapshot) -> answers.Advice | None:
    """Return the advice, or None for a pseudo-framework, whose versions don't succeed each other."""
    return None if version.framework in _PSEUDO_FRAMEWORKS else build_advice(day, version, snapshot)


def build_advice(day: date, version: FrameworkVersion, snapshot: CatalogueSnapshot) -> answers.Advice:
    """Return the recommended successor within the product. Deep Learning VM has alternatives if there is none."""
    advice = successors.advise(day, version, list_versions(version.product, snapshot))
    successor = None
    if advice.successor is not None:
        differences = tuple((d.name, d.before, d.after) for d in advice.successor.differences)
        successor = build_candidate(day, advice.successor.version, differences)
    if successor is not None or advice.is_newest or version.product != DLVM:
        return answers.Advice(successor, advice.is_newest)
    return answers.Advice(
        successor=None,
        is_newest=False,
        base=build_candidate(day, advice.base) if advice.base else None,
        other_frameworks=tuple(build_candidate(day, other) for other in advice.other_frameworks),
        on_other_products=tuple(_list_related_candidates(day, version.framework)),
    )


def _list_related_candidates(day: date, framework: str) -> Iterator[answers.Candidate]:
    """Yield each related product's newest supported version of a framework.

    Yield nothing for Base, which every product builds for itself.
    """
    for product in RELATED_PRODUCTS.values() if framework != BASE else ():
        supported = [
            version
            for version in related_products.list_versions(product.name)
            if version.framework == framework and lifecycle.get_version_state(day, version) is LifecycleState.SUPPORTED
        ]
        if supported:
            candidate = build_candidate(day, max(supported, key=lambda v: versions.get_sort_key(v.number)))
            yield replace(candidate, title=f"{candidate.title} on {product.title}")


def build_candidate(
    day: date, version: FrameworkVersion, differences: tuple[tuple[str, str, str], ...] = ()
) -> answers.Candidate:
    """Return a version to migrate to, with its remaining days of support."""
    cells = [row.end_of_patch_and_support for row in version.families]
    until = min((cell.day for cell in cells if cell.day is not None), default=None)
    return answers.Candidate(
        version=versions.format_full_name(version),
        title=versions.format_title(version.name),
        end_of_patch_and_support=until,
        days_left=lifecycle.count_days_left(day, until) if until else 0,
        families=tuple(row.family for row in version.families),
        differences=differences,
        is_overridden=any(cell.override is not None and cell.day == until for cell in cells),
        is_unverified=any(cell.unverified and cell.day == until for cell in cells),
    )


def build_line(day: date, version: FrameworkVersion, *, is_subscribed: bool) -> answers.VersionLine:
    """Return the version's line in a list."""
    next_date = find_next_date(day, version)
    rows = version.families
    patch_dates = _list_cells([row.end_of_patch_and_support for row in rows])
    availability_dates = _list_cells([row.end_of_availability for row in rows])
    return answers.VersionLine(
        version=versions.format_full_name(version),
        state=lifecycle.get_version_state(day, version),
        end_of_patch_and_support=patch_dates[0].day if len(patch_dates) == 1 else None,
        end_of_availability=availability_dates[0].day if len(availability_dates) == 1 else None,
        next_milestone=next_date.milestone if next_date else None,
        next_date=next_date.day if next_date else None,
        rows_differ=len(patch_dates) > 1 or len(availability_dates) > 1,
        is_last_day=bool(next_date and next_date.day == day),
        is_subscribed=is_subscribed,
        overridden=tuple(m for m in Milestone if any(row.get_date(m).override is not None for row in rows)),
        unverified=tuple(m for m in Milestone if any(row.get_date(m).unverified for row in rows)),
        patch_dates=patch_dates,
        availability_dates=availability_dates,
        is_month_only=any(map(date_cells.is_month_only, patch_dates)),
    )


def _list_cells(cells: Iterable[PrintedDate]) -> tuple[PrintedDate, ...]:
    """Return one cell per day, earliest first. A cell without a day comes last."""
    by_day = {cell.day: cell for cell in cells}
    return tuple(sorted(by_day.values(), key=lambda cell: cell.day or date.max))


def get_sort_key(line: answers.VersionLine) -> tuple[int, date, str, tuple[int, ...]]:
    """Return the key that orders lines by state, next date and framework, then newest first."""
    framework, _, number = line.version.rpartition("-")
    newest_first = tuple(-part for part in versions.get_sort_key(number))
    return (STATE_ORDER.index(line.state), line.next_date or date.max, framework, newest_first)


def find_next_date(day: date, version: FrameworkVersion) -> lifecycle.MilestoneDate | None:
    """Return the version's next milestone on or after the day, or None."""
    return next((m for m in lifecycle.list_milestones(version) if m.day >= day), None)


def list_upcoming(day: date, snapshot: CatalogueSnapshot, subscribed: frozenset[str]) -> list[answers.UpcomingDate]:
    """List every milestone on or after the day, earliest first. Two milestones on one day make one entry."""
    entries: list[answers.UpcomingDate] = []
    for version in snapshot.versions:
        upcoming = (d for d in lifecycle.list_milestones(version) if d.day >= day)
        for entry_day, group in groupby(upcoming, key=lambda d: d.day):
            dates = list(group)
            milestones = [d.milestone for d in dates]
            entries.append(
                answers.UpcomingDate(
                    version=version.name,
                    milestone=milestones[0],
                    day=entry_day,
                    second_milestone=milestones[1] if len(milestones) > 1 else None,
                    families=tuple(dict.fromkeys(row.family for d in dates for row in d.families)),
                    is_subscribed=version.name in subscribed,
                    is_overridden=any(d.is_overridden for d in dates),
                    is_unverified=any(d.is_unverified for d in dates),
                )
            )
    return sorted(entries, key=lambda entry: (entry.day, entry.version))
