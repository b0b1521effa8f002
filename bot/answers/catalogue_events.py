"""Catalogue events as channels see them: everything that happens to a version except a date change."""

from datetime import date

from msgspec import Struct

from bot.policy.lifecycle import LifecycleState
from storage.facts import EventKind, Milestone, PrintedDate


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
    kind: EventKind
    version: str
    title: str
    families: tuple[str, ...]
    """The image families that the event still applies to."""
    found_on: date
    target: str
    """The subscription target that covers the version: its name, its framework, or `all`."""
    dates: tuple[RowDates, ...] = ()
    """The printed dates of the families; for removed families, the last printed dates."""
    milestone: Milestone | None = None
    day: date | None = None
    """The newly published date, or the day of the release note."""
    is_new_version: bool = False
    is_whole_version: bool = False
    """True if the table lists no image family of the version any more."""
    dependencies: tuple[tuple[str, str], ...] = ()
    """(dependency, value) for each dependency that the table prints."""
    subject: str = ""
    """The dependency that changed, or the kind of the release note."""
    before: str = ""
    after: str = ""
    replaced_families: tuple[str, ...] = ()
    """The image families that were replaced, if the dependency is part of the family name."""
    predecessors: tuple[Predecessor, ...] = ()
    text: str = ""
    url: str = ""
    note_key: str = ""
    """The identity of the release note; empty for other events."""
    other_titles: tuple[str, ...] = ()
    """Titles of the other versions in the release note."""
