"""Versions of sister products judged on a day, and where a version of ours ends on other days there."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from bot import answers
from bot.catalogue.page import date_cells
from bot.policy import lifecycle, successors
from bot.policy import versions as matching
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import PRODUCTS
from bot.service.versions import sister_products
from bot.service.versions import status as judging
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import FrameworkVersion, ImageFamily, Milestone, PrintedDate

_PSEUDO_FRAMEWORKS = {"os", "workbench"}
"""What is called a framework and is none: one of it does not succeed another."""


def build_status(day: date, zone: str, version: FrameworkVersion, snapshot: CatalogueSnapshot) -> answers.SisterStatus:
    """How a version of a sister product stands; where its rows differ in a field, that field is None."""
    product, rows = PRODUCTS[version.product], version.families
    states = {lifecycle.get_state(day, row) for row in rows}
    ahead = judging.find_common(lifecycle.find_next_milestone(day, row) for row in rows)
    related = snapshot.find(version.name)
    return answers.SisterStatus(
        version=matching.format_full_name(version),
        title=_format_title(version),
        product=version.product,
        product_title=product.title,
        publishes_availability=product.publishes_availability,
        day=day,
        zone=zone,
        state=states.pop() if len(states) == 1 else None,
        furthest_state=lifecycle.get_version_state(day, version),
        is_last_day=all(lifecycle.is_last_day(day, row) for row in rows),
        end_of_patch_and_support=judging.find_common(row.end_of_patch_and_support.day for row in rows),
        end_of_availability=judging.find_common(row.end_of_availability.day for row in rows),
        next_milestone=ahead[0] if ahead else None,
        days_left=lifecycle.count_days_left(day, ahead[1]) if ahead else None,
        rows_differ=lifecycle.has_differing_dates(version),
        rows=tuple(_build_row(day, row) for row in rows),
        advice=build_advice(day, version),
        dlvm_version=related.name if related else "",
        source=sister_products.build_source(rows),
    )


def build_list(
    day: date, zone: str, selection: sister_products.FoundSisterProduct, *, include_unavailable: bool
) -> answers.SisterList:
    """A sister product's versions; the unavailable ones only where everything is asked for."""
    chosen = [v for v in sister_products.list_versions(selection.product) if selection.framework in {"", v.framework}]
    lines = sorted(
        ((v, lifecycle.get_version_state(day, v)) for v in chosen), key=lambda pair: _get_sort_key(day, *pair)
    )
    shown = [(v, state) for v, state in lines if include_unavailable or state is not LifecycleState.UNAVAILABLE]
    product = PRODUCTS[selection.product]
    return answers.SisterList(
        product=product.prefix,
        product_title=product.title,
        framework=selection.framework,
        publishes_availability=product.publishes_availability,
        day=day,
        zone=zone,
        lines=tuple(_build_line(v, state) for v, state in shown),
        unavailable_count=len(lines) - len(shown),
        source=sister_products.build_source(row for v in chosen for row in v.families),
    )


def build_advice(day: date, version: FrameworkVersion) -> answers.Advice | None:
    """Where to go from a version on a day, within its own product; None where its versions do not follow each other."""
    if version.framework in _PSEUDO_FRAMEWORKS:
        return None
    found = successors.advise(day, version, sister_products.list_versions(version.product))
    ahead = found.successor
    return answers.Advice(judging.build_candidate(day, ahead.version) if ahead else None, found.is_newest)


@lru_cache(maxsize=256)
def list_sister_dates(version: FrameworkVersion) -> tuple[answers.SisterDates, ...]:
    """Where the version ends on other days, product by product: kept, for what is bundled of the others stays."""
    ours = {milestone: _list_days(version, milestone) for milestone in Milestone}
    found = []
    for there in sister_products.list_by_name(version.name):
        theirs = {milestone: _list_days(there, milestone) for milestone in Milestone}
        other = [milestone for milestone in Milestone if theirs[milestone] and theirs[milestone] != ours[milestone]]
        if other:
            patches, usable = (theirs[milestone] if milestone in other else () for milestone in Milestone)
            found.append(
                answers.SisterDates(matching.format_full_name(there), PRODUCTS[there.product].title, patches, usable)
            )
    return tuple(found)


def refuse_subscription(
    query: str,
    found: sister_products.FoundSisterVersion | sister_products.FoundSisterProduct,
    snapshot: CatalogueSnapshot,
) -> answers.OtherProduct:
    """What is said where somebody wants to watch it: its dates can be asked for, and that is all."""
    if isinstance(found, sister_products.FoundSisterProduct):
        product = PRODUCTS[found.product]
        return answers.OtherProduct(query, product.image_with_article, dates_command=f"list {product.prefix}")
    version = found.version
    related = snapshot.find(version.name)
    dated = f"status {matching.format_full_name(version)}"
    return answers.OtherProduct(
        query, PRODUCTS[version.product].image_with_article, related.name if related else "", dated
    )


def _format_title(version: FrameworkVersion) -> str:
    """By the label where the framework's name says nothing, as for an operating system."""
    return version.families[0].label if version.framework in _PSEUDO_FRAMEWORKS else matching.format_title(version.name)


def _build_row(day: date, row: ImageFamily) -> answers.SisterRow:
    return answers.SisterRow(
        image=row.family_as_printed,
        label=row.label,
        patch_version=row.patch_version,
        accelerator=row.accelerator,
        python=row.python,
        os=row.os,
        cuda=row.cuda,
        state=lifecycle.get_state(day, row),
        is_last_day=lifecycle.is_last_day(day, row),
        start=sister_products.get_details(row).start,
        end_of_patch_and_support=row.end_of_patch_and_support,
        end_of_availability=row.end_of_availability,
        month_only=date_cells.is_month_only(row.end_of_patch_and_support.printed),
    )


def _build_line(version: FrameworkVersion, state: LifecycleState) -> answers.SisterLine:
    return answers.SisterLine(
        version=matching.format_full_name(version),
        state=state,
        end_of_patch_and_support=_list_cells(row.end_of_patch_and_support for row in version.families),
        end_of_availability=_list_cells(row.end_of_availability for row in version.families),
        month_only=any(date_cells.is_month_only(row.end_of_patch_and_support.printed) for row in version.families),
    )


def _list_cells(printed: Iterable[PrintedDate]) -> tuple[PrintedDate, ...]:
    """One cell for each day, the soonest first."""
    by_day = {cell.day: cell for cell in printed}
    return tuple(by_day[day] for day in sorted(by_day, key=lambda day: day or date.max))


def _list_days(version: FrameworkVersion, milestone: Milestone) -> tuple[date, ...]:
    days = (row.get_date(milestone).day for row in version.families)
    return tuple(sorted({day for day in days if day is not None}))


def _get_sort_key(
    day: date, version: FrameworkVersion, state: LifecycleState
) -> tuple[int, date, str, tuple[int, ...]]:
    ahead = judging.find_next_date(day, version)
    newest = tuple(-part for part in matching.get_sort_key(version.number))
    return judging.STATE_ORDER.index(state), ahead.day if ahead else date.max, version.framework, newest
