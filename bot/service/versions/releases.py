"""The catalogue for others to use: every product with its versions, as they stand on the day in UTC."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from bot.answers import PublishedProduct, Release, ReleaseRow, Source
from bot.catalogue.page import date_cells
from bot.policy import lifecycle
from bot.policy import versions as matching
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import DEEP_LEARNING_VM, FRAMEWORK_SUPPORT_POLICY, PRODUCTS, split_prefix
from bot.service.versions import sister_products
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, FrameworkVersion, ImageFamily, Milestone

_PATCH_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")


class PublishedCatalogue:
    """Reads products; changes nothing, and knows no workspace."""

    def __init__(self, database: Database, snapshots: SnapshotCache) -> None:
        self._database = database
        self._snapshots = snapshots

    def list_products(self, now: datetime) -> tuple[PublishedProduct, ...]:
        """Every product, Deep Learning VM first."""
        day = now.astimezone(UTC).date()
        return (self._build_dlvm(now, day), *(_build_sister(product, day) for product in PRODUCTS))

    def find_product(self, name: str, now: datetime) -> PublishedProduct | None:
        """The product of that name or alias; None where there is none."""
        day, wanted = now.astimezone(UTC).date(), name.lower()
        if wanted in PRODUCTS:
            return _build_sister(wanted, day)
        own = self._build_dlvm(now, day)
        return own if wanted in {own.name, *own.aliases} else None

    def _build_dlvm(self, now: datetime, day: date) -> PublishedProduct:
        with self._database.read_only() as session:
            snapshot, vanished = self._snapshots.read(session), catalogue.list_vanished(session)
        return PublishedProduct(
            name=DLVM,
            title=DEEP_LEARNING_VM,
            aliases=("deep-learning-vm",),
            policy_url=FRAMEWORK_SUPPORT_POLICY,
            source=snapshot.get_source(now),
            releases=_list_releases(snapshot.versions, day, vanished, snapshot.source.as_of),
        )


def _build_sister(product: str, day: date) -> PublishedProduct:
    found = sister_products.list_versions(product)
    source: Source = sister_products.build_source(row for version in found for row in version.families)
    return PublishedProduct(product, PRODUCTS[product].title, (), source.url, source, _list_releases(found, day))


def _list_releases(
    versions: Iterable[FrameworkVersion], day: date, vanished: frozenset[str] = frozenset(), as_of: date | None = None
) -> tuple[Release, ...]:
    pairs = [(version, _build_release(version, day, vanished, as_of)) for version in versions]
    pairs.sort(key=lambda pair: matching.get_sort_key(pair[0].number), reverse=True)
    pairs.sort(key=lambda pair: pair[0].framework)
    pairs.sort(key=lambda pair: pair[1].end_of_patch_and_support or date.min, reverse=True)
    return tuple(release for _, release in pairs)


def _build_release(version: FrameworkVersion, day: date, vanished: frozenset[str], as_of: date | None) -> Release:
    patches, usable = (_find_earliest(version, milestone) for milestone in Milestone)
    published = version.product not in PRODUCTS or PRODUCTS[version.product].publishes_availability
    state = lifecycle.get_version_state(day, version)
    return Release(
        name=split_prefix(matching.format_full_name(version))[1],
        title=matching.format_title(version.name),
        start=_find_start(version.families),
        state=state,
        end_of_patch_and_support=patches,
        past_patches=patches is not None and day > patches,
        end_of_availability=usable,
        past_use=(usable is not None and day > usable) if published else None,
        maintained=state is LifecycleState.SUPPORTED,
        patch_version=_find_patch_version(version.families),
        rows_differ=lifecycle.has_differing_dates(version),
        rows=tuple(_build_row(row, is_listed=row.family not in vanished, as_of=as_of) for row in version.families),
    )


def _find_earliest(version: FrameworkVersion, milestone: Milestone) -> date | None:
    days = (row.get_date(milestone).day for row in version.families)
    return min((day for day in days if day is not None), default=None)


def _find_start(rows: Sequence[ImageFamily]) -> date | None:
    """The first day of any row; a month alone is no day."""
    if rows[0].product == DLVM:
        return None
    starts = (sister_products.get_details(row).start for row in rows)
    return min(
        (start.day for start in starts if start.day and not date_cells.is_month_only(start.printed)), default=None
    )


def _find_patch_version(rows: Sequence[ImageFamily]) -> str:
    """The newest that the rows print."""
    printed = {row.patch_version for row in rows} | {row.label for row in rows}
    found = [text for text in printed if _PATCH_VERSION.fullmatch(text)]
    return max(found, key=matching.get_sort_key, default="")


def _build_row(row: ImageFamily, *, is_listed: bool, as_of: date | None) -> ReleaseRow:
    """A row; one that the last reading still lists is as of that reading."""
    return ReleaseRow(
        image=row.family if row.product == DLVM else row.family_as_printed,
        label=row.label,
        end_of_patch_and_support=row.end_of_patch_and_support,
        end_of_availability=row.end_of_availability,
        listed=is_listed,
        source_url=row.source_url,
        as_of=as_of if as_of and is_listed else row.as_of,
    )
