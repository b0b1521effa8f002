"""The catalogue as the use cases read it: held in memory only as long as it is still the stored one."""

from dataclasses import dataclass, field

from sqlmodel import Session

from bot.answers import Source
from bot.policy import versions as matching
from storage import catalogue
from storage.facts import DLVM, FrameworkVersion


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """All framework versions of the catalogue, in the page's order, and where they are from.

    Two are equal only where they are the same one: what is judged by it can be kept as long as it is.
    """

    revision: int
    versions: tuple[FrameworkVersion, ...]
    source: Source
    rows: int = 0
    held_back: int = 0
    """Cells of the last reading that were not taken."""
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


class EmptyCatalogueError(Exception):
    """The database holds no catalogue; `dlvm migrate` loads the bundled one."""


class KnownVersions:
    """Reads the catalogue; one cheap query tells whether what was read last still holds, in any process."""

    def __init__(self) -> None:
        self._held: Known | None = None

    def read(self, session: Session) -> Known:
        """The catalogue as stored at this moment."""
        revision = catalogue.revision(session)
        held = self.held(revision)
        if held is None:
            held = self._held = _read(session, revision)
        return held

    def held(self, revision: int) -> Known | None:
        """What was read last, where its revision is that one, which has just been read."""
        held = self._held
        return held if held is not None and held.revision == revision else None


def _read(session: Session, revision: int) -> Known:
    reading = catalogue.last_reading(session, DLVM)
    if reading is None:
        raise EmptyCatalogueError("The catalogue is empty: run `dlvm migrate`, which loads the bundled table.")
    versions = matching.group(catalogue.all(session, DLVM))
    return Known(revision, versions, Source(reading.source_url, reading.as_of), reading.rows, len(reading.held_back))
