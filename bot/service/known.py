"""The catalogue as the use cases read it: held in memory only as long as it is still the stored one."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from bot.answers import Source
from bot.policy import freshness
from bot.policy import overrides as overriding
from bot.policy import versions as matching
from storage import catalogue, overrides
from storage.facts import DLVM, FrameworkVersion


@dataclass(frozen=True, slots=True)
class Known:
    """All framework versions of the catalogue, in the page's order, with the dates that hold, and where they are from.

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

    def find(self, name: str) -> FrameworkVersion | None:
        """The version of that canonical name."""
        return matching.find(name, self.versions)

    def source_at(self, now: datetime) -> Source:
        """Where the dates are from, and since when they could not be verified, seen from a moment."""
        since = freshness.unverified_since(self.watched_since, self.good_at, now)
        return replace(self.source, unverified_since=since.date()) if since else self.source

    def at(self, now: datetime) -> "Known":
        """The same, with its source as it is at a moment."""
        source = self.source_at(now)
        return self if source is self.source else replace(self, source=source)


class EmptyCatalogueError(Exception):
    """The database holds no catalogue; `dlvm migrate` loads the bundled one."""


class KnownVersions:
    """Reads the catalogue; one cheap query tells whether what was read last still holds, in any process."""

    def __init__(self) -> None:
        self._held: Known | None = None

    def read(self, session: Session) -> Known:
        """The catalogue as stored at this moment."""
        revision, watched_since, good_at = catalogue.standing(session)
        held = self._held
        if held is None or held.revision != revision:
            held = _read(session, revision)
        if (held.watched_since, held.good_at) != (watched_since, good_at):
            held = replace(held, watched_since=watched_since, good_at=good_at)
        self._held = held
        return held


def _read(session: Session, revision: tuple[int, int]) -> Known:
    reading = catalogue.last_reading(session, DLVM)
    if reading is None:
        raise EmptyCatalogueError("The catalogue is empty: run `dlvm migrate`, which loads the bundled table.")
    versions = matching.group(overriding.effective(catalogue.all(session, DLVM), overrides.in_force(session, DLVM)))
    return Known(revision, versions, Source(reading.source_url, reading.as_of), reading.rows, len(reading.held_back))
