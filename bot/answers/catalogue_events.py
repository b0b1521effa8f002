"""Catalogue events as channels see them: everything that happens to a version except a date change."""

from datetime import date

from msgspec import Struct

from bot.policy.lifecycle import LifecycleState
from storage.facts import CatalogueChange, Dependency, Milestone, PrintedDate


class RowDates(Struct, frozen=True):
    """Both dates of image families that share them."""

    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    families: tuple[str, ...]


class Predecessor(Struct, frozen=True):
    """A subscribed version that the new version can replace."""

    version: str
    title: str
    state: LifecycleState
    milestone: Milestone
    day: date
    """The next date of the version."""
    differences: tuple[tuple[str, str, str], ...] = ()
    """(dependency, before, after) for each dependency that changes when upgrading."""


class EventLine(Struct, frozen=True):
    """One event of a version, judged on the day of sending."""

    event_id: int
    change: CatalogueChange
    title: str
    families: tuple[str, ...]
    """The image families that the event still applies to."""
    found_on: date
    target: str
    """The subscription target that covers the version: its name, its framework, or `all`."""
    dates: tuple[RowDates, ...] = ()
    """The printed dates of the families; for removed families, the last printed dates."""
    is_whole_version: bool = False
    """True if the table lists no image family of the version any more."""
    dependencies: tuple[tuple[Dependency, str], ...] = ()
    """(dependency, value) for each dependency that the table prints."""
    predecessors: tuple[Predecessor, ...] = ()
    url: str = ""
    other_titles: tuple[str, ...] = ()
    """Titles of the other versions in the release note."""

    @property
    def version(self) -> str:
        """Return the canonical name of the version."""
        return self.change.version
