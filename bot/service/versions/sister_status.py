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
from bot.service.versions.snapshot import Known
from storage.facts import FrameworkVersion, ImageFamily, Milestone, PrintedDate

_NO_SUCCESSION = {"os", "workbench"}
"""What is called a framework and is none: one of it does not succeed another."""


def status(day: date, zone: str, version: FrameworkVersion, known: Known) -> answers.SisterStatus:
    """How a version of a sister product stands; where its rows differ in a field, that field is None."""
    product, rows = PRODUCTS[version.product], version.families
    states = {lifecycle.state_on(day, row) for row in rows}
    ahead = judging.same(lifecycle.next_milestone(day, row) for row in rows)
    related = known.find(version.name)
    return answers.SisterStatus(
        version=matching.full_name(version),
        title=_title(version),
        product=version.product,
        product_title=product.title,
        publishes_availability=product.publishes_availability,
        day=day,
        zone=zone,
        state=states.pop() if len(states) == 1 else None,
        furthest_state=lifecycle.version_state_on(day, version),
        last_day=all(lifecycle.is_last_day(day, row) for row in rows),
        end_of_patch_and_support=judging.same(row.end_of_patch_and_support.day for row in rows),
        end_of_availability=judging.same(row.end_of_availability.day for row in rows),
        next_milestone=ahead[0] if ahead else None,
        days_left=lifecycle.days_left(day, ahead[1]) if ahead else None,
        rows_differ=lifecycle.rows_differ(version),
        rows=tuple(_row(day, row) for row in rows),
        advice=advice(day, version),
        related=related.name if related else "",
        source=sister_products.source(rows),
    )


def listing(day: date, zone: str, found: sister_products.FoundProduct, *, everything: bool) -> answers.SisterList:
    """A sister product's versions; the unavailable ones only where everything is asked for."""
    chosen = [v for v in sister_products.versions(found.product) if found.framework in {"", v.framework}]
    lines = sorted(((v, lifecycle.version_state_on(day, v)) for v in chosen), key=lambda pair: _soonest(day, *pair))
    shown = [(v, state) for v, state in lines if everything or state is not LifecycleState.UNAVAILABLE]
    product = PRODUCTS[found.product]
    return answers.SisterList(
        product=product.prefix,
        product_title=product.title,
        framework=found.framework,
        publishes_availability=product.publishes_availability,
        day=day,
        zone=zone,
        lines=tuple(_line(v, state) for v, state in shown),
        unavailable=len(lines) - len(shown),
        source=sister_products.source(row for v in chosen for row in v.families),
    )


def advice(day: date, version: FrameworkVersion) -> answers.Advice | None:
    """Where to go from a version on a day, within its own product; None where its versions do not follow each other."""
    if version.framework in _NO_SUCCESSION:
        return None
    found = successors.advise(day, version, sister_products.versions(version.product))
    ahead = found.successor
    return answers.Advice(judging.candidate(day, ahead.version) if ahead else None, found.newest)


@lru_cache(maxsize=256)
def ends(version: FrameworkVersion) -> tuple[answers.Elsewhere, ...]:
    """Where the version ends on other days, product by product: kept, for what is bundled of the others stays."""
    ours = {milestone: _days(version, milestone) for milestone in Milestone}
    found = []
    for there in sister_products.named_alike(version.name):
        theirs = {milestone: _days(there, milestone) for milestone in Milestone}
        other = [milestone for milestone in Milestone if theirs[milestone] and theirs[milestone] != ours[milestone]]
        if other:
            patches, usable = (theirs[milestone] if milestone in other else () for milestone in Milestone)
            found.append(answers.Elsewhere(matching.full_name(there), PRODUCTS[there.product].title, patches, usable))
    return tuple(found)


def only_dated(
    asked: str, found: sister_products.FoundSister | sister_products.FoundProduct, known: Known
) -> answers.OtherProduct:
    """What is said where somebody wants to watch it: its dates can be asked for, and that is all."""
    if isinstance(found, sister_products.FoundProduct):
        product = PRODUCTS[found.product]
        return answers.OtherProduct(asked, product.an_image, dated=f"list {product.prefix}")
    version = found.version
    related = known.find(version.name)
    dated = f"status {matching.full_name(version)}"
    return answers.OtherProduct(asked, PRODUCTS[version.product].an_image, related.name if related else "", dated)


def _title(version: FrameworkVersion) -> str:
    """By the label where the framework's name says nothing, as for an operating system."""
    return version.families[0].label if version.framework in _NO_SUCCESSION else matching.title(version.name)


def _row(day: date, row: ImageFamily) -> answers.SisterRow:
    return answers.SisterRow(
        image=row.family_as_printed,
        label=row.label,
        patch_version=row.patch_version,
        accelerator=row.accelerator,
        python=row.python,
        os=row.os,
        cuda=row.cuda,
        state=lifecycle.state_on(day, row),
        last_day=lifecycle.is_last_day(day, row),
        start=sister_products.besides(row).start,
        end_of_patch_and_support=row.end_of_patch_and_support,
        end_of_availability=row.end_of_availability,
        month_only=date_cells.is_month(row.end_of_patch_and_support.printed),
    )


def _line(version: FrameworkVersion, state: LifecycleState) -> answers.SisterLine:
    return answers.SisterLine(
        version=matching.full_name(version),
        state=state,
        end_of_patch_and_support=_cells(row.end_of_patch_and_support for row in version.families),
        end_of_availability=_cells(row.end_of_availability for row in version.families),
        month_only=any(date_cells.is_month(row.end_of_patch_and_support.printed) for row in version.families),
    )


def _cells(printed: Iterable[PrintedDate]) -> tuple[PrintedDate, ...]:
    """One cell for each day, the soonest first."""
    by_day = {cell.day: cell for cell in printed}
    return tuple(by_day[day] for day in sorted(by_day, key=lambda day: day or date.max))


def _days(version: FrameworkVersion, milestone: Milestone) -> tuple[date, ...]:
    days = (row.date_of(milestone).day for row in version.families)
    return tuple(sorted({day for day in days if day is not None}))


def _soonest(day: date, version: FrameworkVersion, state: LifecycleState) -> tuple[int, date, str, tuple[int, ...]]:
    ahead = judging.next_of(day, version)
    newest = tuple(-part for part in matching.number_key(version.number))
    return judging.ORDER.index(state), ahead.day if ahead else date.max, version.framework, newest
