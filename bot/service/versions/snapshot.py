"""The catalogue as the use cases read it: held in memory only as long as it is still the stored one."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import Source
from bot.policy import freshness, unverified_dates
from bot.policy import overrides as overriding
from bot.policy import versions as matching
from storage import catalogue, overrides, quarantine
from storage.facts import DLVM, FrameworkVersion


@dataclass(frozen=True, slots=True, eq=False)
class CatalogueSnapshot:
    """All framework versions of the catalogue, in the page's order, with the dates that hold, and where they are from.

    Two are equal only where they are the same one: what is judged by it can be kept as long as it is.

    What somebody set by hand holds in the page's stead; the rows as stored are the page's alone.
    """

    revision: tuple[int, int]
    """Another one whenever the page was read anew, or a date was set by hand or is so no longer."""
    versions: tuple[FrameworkVersion, ...]
    source: Source
    row_count: int = 0
    quarantined: int = 0
    """Cells of the last reading that were not taken."""
    polling_since: datetime | None = None
    """Since when the page is fetched; None where it is not."""
    last_good_at: datetime | None = None
    """When it was last well read."""
    _versions_by_target: dict[str, tuple[FrameworkVersion, ...]] = field(default_factory=dict, init=False, repr=False)

    def find(self, name: str) -> FrameworkVersion | None:
        """The version of that canonical name."""
        return matching.find(name, self.list_covered(name))

    def list_covered(self, target: str) -> tuple[FrameworkVersion, ...]:
        """Every version that a subscription to the target is about."""
        found = self._versions_by_target.get(target)
        if found is None:
            found = tuple(version for version in self.versions if matching.covers(target, version))
            if found:  # so that only what the catalogue names is kept
                self._versions_by_target[target] = found
        return found

    def list_covered_by(self, targets: Iterable[str]) -> tuple[FrameworkVersion, ...]:
        """Return every version that one of the targets covers, in the catalogue's order."""
        names = {version.name for target in targets for version in self.list_covered(target)}
        return tuple(version for version in self.versions if version.name in names)

    def with_freshness(self, now: datetime) -> "CatalogueSnapshot":
        """The same, with its source as it is at a moment: since when the dates could not be verified."""
        since = freshness.find_unverified_since(self.polling_since, self.last_good_at, now)
        return _mark_unverified(self, since.date()) if since else self

    def get_source(self, now: datetime) -> Source:
        """Where the dates are from, seen from a moment."""
        return self.with_freshness(now).source


@lru_cache(maxsize=4)
def _mark_unverified(snapshot: CatalogueSnapshot, since: date) -> CatalogueSnapshot:
    """Kept, so that what is judged by it can be kept too."""
    return dataclasses.replace(snapshot, source=replace(snapshot.source, unverified_since=since))


class EmptyCatalogueError(Exception):
    """The database holds no catalogue; `dlvm migrate` loads the bundled one."""


class SnapshotCache:
    """Reads the catalogue; one cheap query tells whether what was read last still holds, in any process."""

    def __init__(self) -> None:
        self._cached: tuple[str, CatalogueSnapshot] | None = None

    def read(self, session: Session) -> CatalogueSnapshot:
        """The catalogue as stored at this moment."""
        revision = catalogue.get_revision(session)
        snapshot = self.get_cached(revision)
        if snapshot is None:  # its mark was read first, so what is read may be newer than its mark, and never older
            snapshot = _read_snapshot(session)
            self._cached = (revision, snapshot)
        return snapshot

    def get_cached(self, revision: str) -> CatalogueSnapshot | None:
        """What was read last, where the catalogue's mark, just read, is still the same."""
        held = self._cached
        return held[1] if held is not None and held[0] == revision else None


def _read_snapshot(session: Session) -> CatalogueSnapshot:
    reading = catalogue.find_last_reading(session, DLVM)
    if reading is None:
        raise EmptyCatalogueError("The catalogue is empty: run `dlvm migrate`, which loads the bundled table.")
    revision, watched_since, good_at = catalogue.get_state(session)
    rows = unverified_dates.mark_unverified(
        catalogue.list_all(session, DLVM), quarantine.list_open_or_rejected(session)
    )
    return CatalogueSnapshot(
        revision,
        matching.group_by_version(overriding.apply_overrides(rows, overrides.list_active(session, DLVM))),
        Source(reading.source_url, reading.as_of),
        reading.rows,
        len(reading.quarantined),
        watched_since,
        good_at,
    )
