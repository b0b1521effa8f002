"""Snapshot of the catalogue, cached in memory until the stored catalogue changes."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import Source
from bot.policy import freshness, unverified_dates
from bot.policy.overrides import apply_overrides
from bot.policy.versions import covers, group_by_version
from storage import catalogue, overrides, quarantine
from storage.facts import DLVM, FrameworkVersion


@dataclass(frozen=True, slots=True, eq=False)
class CatalogueSnapshot:
    """All framework versions in the page's order, with overrides applied, and their source.

    Snapshots compare by identity, so results computed from one can be cached by it.
    """

    versions: tuple[FrameworkVersion, ...]
    source: Source
    row_count: int = 0
    quarantined: int = 0
    """Cells of the last reading that were quarantined."""
    polling_since: datetime | None = None
    """When polling of the page was turned on, or None if it is off."""
    last_good_at: datetime | None = None
    """Time of the last successful reading of the page."""
    _versions_by_target: dict[str, tuple[FrameworkVersion, ...]] = field(default_factory=dict, init=False, repr=False)

    def find(self, name: str) -> FrameworkVersion | None:
        """Return the version with this canonical name, or None."""
        return next((version for version in self.list_covered(name) if version.name == name), None)

    def list_covered(self, target: str) -> tuple[FrameworkVersion, ...]:
        """List the versions that a subscription to the target covers."""
        covered = self._versions_by_target.get(target)
        if covered is None:
            covered = tuple(version for version in self.versions if covers(target, version))
            if covered:  # people can type any target: caching the unknown ones would grow without bound
                self._versions_by_target[target] = covered
        return covered

    def list_covered_by(self, targets: Iterable[str]) -> tuple[FrameworkVersion, ...]:
        """List the versions that at least one of the targets covers, in the page's order."""
        names = {version.name for target in targets for version in self.list_covered(target)}
        return tuple(version for version in self.versions if version.name in names)

    def with_freshness(self, now: datetime) -> "CatalogueSnapshot":
        """Return this snapshot, its source marked as unverified if the page has not been read for too long."""
        since = freshness.find_unverified_since(self.polling_since, self.last_good_at, now)
        return _mark_unverified(self, since.date()) if since else self


@lru_cache(maxsize=4)
def _mark_unverified(snapshot: CatalogueSnapshot, since: date) -> CatalogueSnapshot:
    """Return one marked copy per snapshot and day, so that results cached by it stay valid."""
    return dataclasses.replace(snapshot, source=replace(snapshot.source, unverified_since=since))


class EmptyCatalogueError(Exception):
    """The database holds no catalogue; `dlvm migrate` loads the bundled one."""


class SnapshotCache:
    """Cache of the catalogue, validated by its revision, so that changes by other processes are seen."""

    def __init__(self) -> None:
        self._cached: tuple[str, CatalogueSnapshot] | None = None

    def read(self, session: Session) -> CatalogueSnapshot:
        """Return the current catalogue. Raise EmptyCatalogueError if nothing is stored."""
        revision = catalogue.get_revision(session)
        snapshot = self.get_cached(revision)
        if snapshot is None:  # the revision was read first: a concurrent write makes the snapshot newer, never stale
            snapshot = _read_snapshot(session)
            self._cached = (revision, snapshot)
        return snapshot

    def get_cached(self, revision: str) -> CatalogueSnapshot | None:
        """Return the cached snapshot if it has this revision, otherwise None."""
        cached = self._cached
        return cached[1] if cached is not None and cached[0] == revision else None


def _read_snapshot(session: Session) -> CatalogueSnapshot:
    reading = catalogue.find_last_reading(session, DLVM)
    if reading is None:
        raise EmptyCatalogueError("The catalogue is empty. Run `dlvm migrate` to load the bundled table.")
    _, polling_since, last_good_at = catalogue.get_state(session)
    entries = quarantine.list_open_or_rejected(session)
    rows = unverified_dates.mark_unverified(catalogue.list_all(session, DLVM), entries)
    versions = group_by_version(apply_overrides(rows, overrides.list_active(session, DLVM)))
    source, counts = Source(reading.source_url, reading.as_of), (reading.rows, len(reading.quarantined))
    return CatalogueSnapshot(versions, source, *counts, polling_since, last_good_at)
