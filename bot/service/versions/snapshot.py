"""The catalogue as the use cases read it: held in memory only as long as it is still the stored one."""

import dataclasses
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import Source
from bot.policy import freshness, unverified
from bot.policy import overrides as overriding
from bot.policy import versions as matching
from storage import catalogue, overrides, quarantine
from storage.facts import DLVM, FrameworkVersion


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """All framework versions of the catalogue, in the page's order, with the dates that hold, and where they are from.

    Two are equal only where they are the same one: what is judged by it can be kept as long as it is.

    What somebody set by hand holds in the page's stead; the rows as stored are the page's alone.
    """

    revision: tuple[int, int]
    """Another one whenever the page was read anew, or a date was set by hand or is so no longer."""
    versions: tuple[FrameworkVersion, ...]
    source: Source
    rows: int = 0
    held_back: int = 0
    """Cells of the last reading that were not taken."""
    watched_since: datetime | None = None
    """Since when the page is fetched; None where it is not."""
    good_at: datetime | None = None
    """When it was last well read."""
    _covered: dict[str, tuple[FrameworkVersion, ...]] = field(default_factory=dict, init=False, repr=False)

    def find(self, name: str) -> FrameworkVersion | None:
        """The version of that canonical name."""
        return matching.find(name, self.covered(name))

    def covered(self, target: str) -> tuple[FrameworkVersion, ...]:
        """Every version that a subscription to the target is about."""
        found = self._covered.get(target)
        if found is None:
            found = tuple(version for version in self.versions if matching.covers(target, version))
            if found:  # so that only what the catalogue names is kept
                self._covered[target] = found
        return found

    def at(self, now: datetime) -> "Known":
        """The same, with its source as it is at a moment: since when the dates could not be verified."""
        since = freshness.unverified_since(self.watched_since, self.good_at, now)
        return _unverified(self, since.date()) if since else self

    def source_at(self, now: datetime) -> Source:
        """Where the dates are from, seen from a moment."""
        return self.at(now).source


@lru_cache(maxsize=4)
def _unverified(known: Known, since: date) -> Known:
    """Kept, so that what is judged by it can be kept too."""
    return dataclasses.replace(known, source=replace(known.source, unverified_since=since))


class EmptyCatalogueError(Exception):
    """The database holds no catalogue; `dlvm migrate` loads the bundled one."""


class KnownVersions:
    """Reads the catalogue; one cheap query tells whether what was read last still holds, in any process."""

    def __init__(self) -> None:
        self._held: tuple[str, Known] | None = None

    def read(self, session: Session) -> Known:
        """The catalogue as stored at this moment."""
        mark = catalogue.mark(session)
        known = self.held(mark)
        if known is None:  # its mark was read first, so what is read may be newer than its mark, and never older
            known = _read(session)
            self._held = (mark, known)
        return known

    def held(self, mark: str) -> Known | None:
        """What was read last, where the catalogue's mark, just read, is still the same."""
        held = self._held
        return held[1] if held is not None and held[0] == mark else None


def _read(session: Session) -> Known:
    reading = catalogue.last_reading(session, DLVM)
    if reading is None:
        raise EmptyCatalogueError("The catalogue is empty: run `dlvm migrate`, which loads the bundled table.")
    revision, watched_since, good_at = catalogue.standing(session)
    rows = unverified.marked(catalogue.all(session, DLVM), quarantine.doubted(session))
    return Known(
        revision,
        matching.group(overriding.effective(rows, overrides.in_force(session, DLVM))),
        Source(reading.source_url, reading.as_of),
        reading.rows,
        len(reading.held_back),
        watched_since,
        good_at,
    )
