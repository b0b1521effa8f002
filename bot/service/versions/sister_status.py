"""Status and lists of sister product versions, and their dates next to those of a Deep Learning VM version."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from bot import answers
from bot.catalogue.page import date_cells
from bot.policy import lifecycle, successors, versions
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import PRODUCTS
from bot.service.versions import sister_products, status
from bot.service.versions.snapshot import CatalogueSnapshot
from storage.facts import FrameworkVersion, ImageFamily, Milestone, PrintedDate

_PSEUDO_FRAMEWORKS = {"os", "workbench"}
"""Frameworks in name only: their versions don't succeed each other."""


def build_status(day: date, zone: str, version: FrameworkVersion, snapshot: CatalogueSnapshot) -> answers.SisterStatus:
    """Return the status of a sister product's version. A field is None if the rows differ in it."""
    product, rows = PRODUCTS[version.product], version.families
    states = {lifecycle.get_state(day, row) for row in rows}
    next_milestone = status.find_common(lifecycle.find_next_milestone(day, row) for row in rows)
    dlvm_version = snapshot.find(version.name)
    return answers.SisterStatus(
        version=versions.format_full_name(version),
        title=_format_title(version),
        product=version.product,
        product_title=product.title,
        publishes_availability=product.publishes_availability,
        day=day,
        zone=zone,
        state=states.pop() if len(states) == 1 else None,
        furthest_state=lifecycle.get_version_state(day, version),
        is_last_day=all(lifecycle.is_last_day(day, row) for row in rows),
        end_of_patch_and_support=status.find_common(row.end_of_patch_and_support.day for row in rows),
        end_of_availability=status.find_common(row.end_of_availability.day for row in rows),
        next_milestone=next_milestone[0] if next_milestone else None,
        days_left=lifecycle.count_days_left(day, next_milestone[1]) if next_milestone else None,
        rows_differ=lifecycle.has_differing_dates(version),
        rows=tuple(_build_row(day, row) for row in rows),
        advice=build_advice(day, version),
        dlvm_version=dlvm_version.name if dlvm_version else "",
        source=sister_products.build_source(rows),
    )


def build_list(
    day: date, zone: str, selection: sister_products.FoundSisterProduct, *, include_unavailable: bool
) -> answers.SisterList:
    """Return the versions of a sister product, or of one framework of it: by state, then by next date."""
    product = PRODUCTS[selection.product]
    selected = [v for v in sister_products.list_versions(selection.product) if selection.framework in {"", v.framework}]
    pairs = [(version, lifecycle.get_version_state(day, version)) for version in selected]
    pairs.sort(key=lambda pair: _get_sort_key(day, *pair))
    shown = [pair for pair in pairs if include_unavailable or pair[1] is not LifecycleState.UNAVAILABLE]
    return answers.SisterList(
        product=product.prefix,
        product_title=product.title,
        framework=selection.framework,
        publishes_availability=product.publishes_availability,
        day=day,
        zone=zone,
        lines=tuple(_build_line(version, state) for version, state in shown),
        unavailable_count=len(pairs) - len(shown),
        source=sister_products.build_source(row for version in selected for row in version.families),
    )


def build_advice(day: date, version: FrameworkVersion) -> answers.Advice | None:
    """Return the recommended successor within the version's product, or None for pseudo-frameworks."""
    if version.framework in _PSEUDO_FRAMEWORKS:
        return None
    advice = successors.advise(day, version, sister_products.list_versions(version.product))
    candidate = status.build_candidate(day, advice.successor.version) if advice.successor else None
    return answers.Advice(candidate, advice.is_newest)


@lru_cache(maxsize=256)
def list_sister_dates(version: FrameworkVersion) -> tuple[answers.SisterDates, ...]:
    """List the sister products on which this version ends on other days. Equal dates are left out.

    Safe to cache: the sister tables are bundled and never change while the process runs.
    """
    own_days = {milestone: _list_days(version, milestone) for milestone in Milestone}
    sister_dates = []
    for sister in sister_products.list_by_name(version.name):
        differing = []
        for milestone in Milestone:
            days = _list_days(sister, milestone)
            differing.append(days if days != own_days[milestone] else ())
        if any(differing):
            title = PRODUCTS[sister.product].title
            sister_dates.append(answers.SisterDates(versions.format_full_name(sister), title, *differing))
    return tuple(sister_dates)


def refuse_subscription(
    query: str,
    resolution: sister_products.FoundSisterVersion | sister_products.FoundSisterProduct,
    snapshot: CatalogueSnapshot,
) -> answers.OtherProduct:
    """Return the refusal to subscribe to a sister product, with the command that shows its dates."""
    if isinstance(resolution, sister_products.FoundSisterProduct):
        product = PRODUCTS[resolution.product]
        return answers.OtherProduct(query, product.image_with_article, dates_command=f"list {product.prefix}")
    version = resolution.version
    dlvm_version = snapshot.find(version.name)
    return answers.OtherProduct(
        query,
        PRODUCTS[version.product].image_with_article,
        dlvm_version.name if dlvm_version else "",
        dates_command=f"status {versions.format_full_name(version)}",
    )


def _format_title(version: FrameworkVersion) -> str:
    """Return the version's title, which for a pseudo-framework is the label of its row."""
    return version.families[0].label if version.framework in _PSEUDO_FRAMEWORKS else versions.format_title(version.name)


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
        version=versions.format_full_name(version),
        state=state,
        end_of_patch_and_support=_list_cells(row.end_of_patch_and_support for row in version.families),
        end_of_availability=_list_cells(row.end_of_availability for row in version.families),
        month_only=any(date_cells.is_month_only(row.end_of_patch_and_support.printed) for row in version.families),
    )


def _list_cells(cells: Iterable[PrintedDate]) -> tuple[PrintedDate, ...]:
    """Return one cell per day, earliest first. A cell without a day comes last."""
    by_day = {cell.day: cell for cell in cells}
    return tuple(by_day[day] for day in sorted(by_day, key=lambda day: day or date.max))


def _list_days(version: FrameworkVersion, milestone: Milestone) -> tuple[date, ...]:
    days = (row.get_date(milestone).day for row in version.families)
    return tuple(sorted({day for day in days if day is not None}))


def _get_sort_key(
    day: date, version: FrameworkVersion, state: LifecycleState
) -> tuple[int, date, str, tuple[int, ...]]:
    """Return the key that orders versions by state, next date and framework, then newest first."""
    next_date = status.find_next_date(day, version)
    newest_first = tuple(-part for part in versions.get_sort_key(version.number))
    return (
        status.STATE_ORDER.index(state),
        next_date.day if next_date else date.max,
        version.framework,
        newest_first,
    )
