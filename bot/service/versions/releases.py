"""The catalogue for others to use: every product with its versions, as they stand on the day in UTC."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from bot.answers import PublishedProduct, Release, ReleaseRow, Source
from bot.catalogue.page import date_cells
from bot.policy import lifecycle
from bot.policy import versions as matching
from bot.policy.lifecycle import LifecycleState
from bot.policy.products import DEEP_LEARNING_VM, FRAMEWORK_SUPPORT_POLICY, PRODUCTS, parted
from bot.service.versions import sister_products
from bot.service.versions.snapshot import KnownVersions
from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, FrameworkVersion, ImageFamily, Milestone

_PATCH_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")


class Published:
    """Reads products; changes nothing, and knows no workspace."""

    def __init__(self, database: Database, known: KnownVersions) -> None:
        self._database = database
        self._known = known

    def products(self, now: datetime) -> tuple[PublishedProduct, ...]:
        """Every product, Deep Learning VM first."""
        day = now.astimezone(UTC).date()
        return (self._own(now, day), *(_sister(product, day) for product in PRODUCTS))

    def product(self, name: str, now: datetime) -> PublishedProduct | None:
        """The product of that name or alias; None where there is none."""
        day, wanted = now.astimezone(UTC).date(), name.lower()
        if wanted in PRODUCTS:
            return _sister(wanted, day)
        own = self._own(now, day)
        return own if wanted in {own.name, *own.aliases} else None

    def _own(self, now: datetime, day: date) -> PublishedProduct:
        with self._database.reading() as session:
            known, gone = self._known.read(session), catalogue.gone(session)
        return PublishedProduct(
            name=DLVM,
            title=DEEP_LEARNING_VM,
            aliases=("deep-learning-vm",),
            policy_url=FRAMEWORK_SUPPORT_POLICY,
            source=known.source_at(now),
            releases=_releases(known.versions, day, gone, known.source.as_of),
        )


def _sister(product: str, day: date) -> PublishedProduct:
    found = sister_products.versions(product)
    source: Source = sister_products.source(row for version in found for row in version.families)
    return PublishedProduct(product, PRODUCTS[product].title, (), source.url, source, _releases(found, day))


def _releases(
    versions: Iterable[FrameworkVersion], day: date, gone: frozenset[str] = frozenset(), as_of: date | None = None
) -> tuple[Release, ...]:
    pairs = [(version, _release(version, day, gone, as_of)) for version in versions]
    pairs.sort(key=lambda pair: matching.number_key(pair[0].number), reverse=True)
    pairs.sort(key=lambda pair: pair[0].framework)
    pairs.sort(key=lambda pair: pair[1].end_of_patch_and_support or date.min, reverse=True)
    return tuple(release for _, release in pairs)


def _release(version: FrameworkVersion, day: date, gone: frozenset[str], as_of: date | None) -> Release:
    patches, usable = (_earliest(version, milestone) for milestone in Milestone)
    published = version.product not in PRODUCTS or PRODUCTS[version.product].publishes_availability
    state = lifecycle.version_state_on(day, version)
    return Release(
        name=parted(matching.full_name(version))[1],
        title=matching.title(version.name),
        start=_start(version.families),
        state=state,
        end_of_patch_and_support=patches,
        past_patches=patches is not None and day > patches,
        end_of_availability=usable,
        past_use=(usable is not None and day > usable) if published else None,
        maintained=state is LifecycleState.SUPPORTED,
        patch_version=_patch_version(version.families),
        rows_differ=lifecycle.rows_differ(version),
        rows=tuple(_row(row, listed=row.family not in gone, as_of=as_of) for row in version.families),
    )


def _earliest(version: FrameworkVersion, milestone: Milestone) -> date | None:
    days = (row.date_of(milestone).day for row in version.families)
    return min((day for day in days if day is not None), default=None)


def _start(rows: Sequence[ImageFamily]) -> date | None:
    """The first day of any row; a month alone is no day."""
    if rows[0].product == DLVM:
        return None
    starts = (sister_products.besides(row).start for row in rows)
    return min((start.day for start in starts if start.day and not date_cells.is_month(start.printed)), default=None)


def _patch_version(rows: Sequence[ImageFamily]) -> str:
    """The newest that the rows print."""
    printed = {row.patch_version for row in rows} | {row.label for row in rows}
    found = [text for text in printed if _PATCH_VERSION.fullmatch(text)]
    return max(found, key=matching.number_key, default="")


def _row(row: ImageFamily, *, listed: bool, as_of: date | None) -> ReleaseRow:
    """A row; one that the last reading still lists is as of that reading."""
    return ReleaseRow(
        image=row.family if row.product == DLVM else row.family_as_printed,
        label=row.label,
        end_of_patch_and_support=row.end_of_patch_and_support,
        end_of_availability=row.end_of_availability,
        listed=listed,
        source_url=row.source_url,
        as_of=as_of if as_of and listed else row.as_of,
    )
