"""Bundled versions of the products related to Deep Learning VM."""

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache

from bot.answers import RelatedDates, Source
from bot.catalogue import seed
from bot.catalogue.related_products import RowDetails
from bot.policy import versions
from bot.policy.products import PRODUCTS, RELATED_PRODUCTS
from storage.facts import DLVM, FrameworkVersion, ImageFamily, Milestone, PrintedDate


@cache
def _load_rows() -> dict[ImageFamily, RowDetails]:
    return seed.load_related_rows()


@cache
def list_versions(product: str) -> tuple[FrameworkVersion, ...]:
    """List all versions of a product, in its page's order."""
    return tuple(version for version in versions.group_by_version(_load_rows()) if version.product == product)


def list_all() -> tuple[FrameworkVersion, ...]:
    """List the versions of every related product."""
    return tuple(version for product in RELATED_PRODUCTS for version in list_versions(product))


def get_start(row: ImageFamily) -> PrintedDate:
    """Return the first day of a row, or its month. The cell is empty on Deep Learning VM, which publishes none."""
    return _load_rows()[row].start if row.product != DLVM else PrintedDate("")


def build_source(rows: Iterable[ImageFamily]) -> Source:
    """Return the source of the newest row."""
    newest = max(rows, key=lambda row: row.as_of)
    title = f"the {PRODUCTS[newest.product].title} table"
    return Source(
        newest.source_url, newest.as_of, title=title, is_approximate=_load_rows()[newest].is_as_of_approximate
    )


def list_by_name(name: str) -> tuple[FrameworkVersion, ...]:
    """List the version with this name of every related product that has one."""
    return tuple(version for version in list_all() if version.name == name)


@lru_cache(maxsize=256)
def list_differing_dates(version: FrameworkVersion) -> tuple[RelatedDates, ...]:
    """List the related products on which this version ends on other days. Equal dates are left out.

    Safe to cache: the tables are bundled and never change while the process runs.
    """
    own_days = [list_days(version, milestone) for milestone in Milestone]
    related_dates = []
    for related in list_by_name(version.name):
        days = [list_days(related, milestone) for milestone in Milestone]
        differing = [() if there == here else there for there, here in zip(days, own_days, strict=True)]
        if any(differing):
            title = PRODUCTS[related.product].title
            related_dates.append(RelatedDates(versions.format_full_name(related), title, *differing))
    return tuple(related_dates)


def list_days(version: FrameworkVersion, milestone: Milestone) -> tuple[date, ...]:
    """List the different days on which the milestone falls for the rows of a version, earliest first."""
    days = (row.get_date(milestone).day for row in version.families)
    return tuple(sorted({day for day in days if day is not None}))
