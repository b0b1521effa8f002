"""Published catalogue: every product with its releases, judged on the current day in UTC."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from bot.answers import PublishedProduct, Release, ReleaseRow
from bot.catalogue.page import date_cells
from bot.policy import lifecycle
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import DEEP_LEARNING_VM, FRAMEWORK_SUPPORT_POLICY, PRODUCTS, RELATED_PRODUCTS, split_prefix
from bot.policy.versions import format_full_name, format_image, format_title, get_sort_key
from bot.service.versions import related_products
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, FrameworkVersion, ImageFamily, Milestone

_PATCH_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")


class PublishedCatalogue:
    """Products and releases for readers outside any workspace."""

    def __init__(self, database: Database, snapshots: SnapshotCache) -> None:
        self._database = database
        self._snapshots = snapshots

    def list_products(self, now: datetime) -> tuple[PublishedProduct, ...]:
        """List every product, Deep Learning VM first."""
        day = now.astimezone(UTC).date()
        return (self._build_dlvm(now, day), *(_build_related(product, day) for product in RELATED_PRODUCTS))

    def find_product(self, name: str, now: datetime) -> PublishedProduct | None:
        """Return the product with this name or alias, in any case, or None."""
        day, name = now.astimezone(UTC).date(), name.lower()
        if name in RELATED_PRODUCTS:
            return _build_related(name, day)
        dlvm = self._build_dlvm(now, day)
        return dlvm if name in {dlvm.name, *dlvm.aliases} else None

    def _build_dlvm(self, now: datetime, day: date) -> PublishedProduct:
        with self._database.read_only() as session:
            snapshot, vanished = self._snapshots.read(session), catalogue.list_vanished(session)
        title, aliases = DEEP_LEARNING_VM.title, ("deep-learning-vm",)
        releases = _list_releases(snapshot.versions, day, vanished, snapshot.source.as_of)
        source = snapshot.with_freshness(now).source
        return PublishedProduct(DLVM, title, aliases, FRAMEWORK_SUPPORT_POLICY, source, releases)


def _build_related(product: str, day: date) -> PublishedProduct:
    versions = related_products.list_versions(product)
    source = related_products.build_source(row for version in versions for row in version.families)
    return PublishedProduct(product, PRODUCTS[product].title, (), source.url, source, _list_releases(versions, day))


def _list_releases(
    versions: Iterable[FrameworkVersion], day: date, vanished: frozenset[str] = frozenset(), as_of: date | None = None
) -> tuple[Release, ...]:
    """List the releases, latest end of patches and support first, then by framework, then newest first."""
    pairs = [(version, _build_release(version, day, vanished, as_of)) for version in versions]
    pairs.sort(key=lambda pair: get_sort_key(pair[0].number), reverse=True)
    pairs.sort(key=lambda pair: pair[0].framework)
    pairs.sort(key=lambda pair: pair[1].end_of_patch_and_support or date.min, reverse=True)
    return tuple(release for _, release in pairs)


def _build_release(version: FrameworkVersion, day: date, vanished: frozenset[str], as_of: date | None) -> Release:
    end_of_patch, end_of_availability = (next(iter(related_products.list_days(version, m)), None) for m in Milestone)
    state = lifecycle.get_version_state(day, version)
    return Release(
        name=split_prefix(format_full_name(version))[1],
        title=format_title(version.name),
        start=_find_start(version.families),
        state=state,
        end_of_patch_and_support=end_of_patch,
        past_patches=end_of_patch is not None and day > end_of_patch,
        end_of_availability=end_of_availability,
        past_use=(end_of_availability is not None and day > end_of_availability)
        if PRODUCTS[version.product].publishes_availability
        else None,
        maintained=state is LifecycleState.SUPPORTED,
        patch_version=_find_patch_version(version.families),
        rows_differ=lifecycle.has_differing_dates(version),
        rows=tuple(_build_row(row, is_listed=row.family not in vanished, as_of=as_of) for row in version.families),
    )


def _find_start(rows: Sequence[ImageFamily]) -> date | None:
    """Return the earliest first day of the rows. Rows that print only a month are ignored."""
    starts = map(related_products.get_start, rows)
    return min((start.day for start in starts if start.day and not date_cells.is_month_only(start)), default=None)


def _find_patch_version(rows: Sequence[ImageFamily]) -> str:
    """Return the newest patch version printed in the rows, or an empty string."""
    texts = {row.patch_version for row in rows} | {row.label for row in rows}
    return max(filter(_PATCH_VERSION.fullmatch, texts), key=get_sort_key, default="")


def _build_row(row: ImageFamily, *, is_listed: bool, as_of: date | None) -> ReleaseRow:
    """Return the row, dated by the last reading if the page still lists it."""
    dates = (row.end_of_patch_and_support, row.end_of_availability)
    as_of = as_of if as_of and is_listed else row.as_of
    return ReleaseRow(format_image(row), row.label, *dates, is_listed, row.source_url, as_of)
