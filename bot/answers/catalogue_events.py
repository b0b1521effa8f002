"""What happened to a version, other than that a date moved, as a channel is told of it."""

from datetime import date

from msgspec import Struct

from bot.policy.lifecycle import LifecycleState
from storage.facts import EventKind, Milestone, PrintedDate


class RowDates(Struct, frozen=True):
    """The two dates that image families share."""

    end_of_patch_and_support: PrintedDate
    end_of_availability: PrintedDate
    families: tuple[str, ...]


class Predecessor(Struct, frozen=True):
    """A version that the channel watches, and that the new one may follow."""

    version: str
    title: str
    state: LifecycleState
    milestone: Milestone
    day: date
    """Its next date."""
    differences: tuple[tuple[str, str, str], ...] = ()
    """(what, before, after), for what changes on the way from it."""


class EventLine(Struct, frozen=True):
    """One thing that happened to a version, judged on the day of sending."""

    event_id: int
    kind: EventKind
    version: str
    title: str
    families: tuple[str, ...]
    """Those it is still true of."""
    found_on: date
    target: str
    """The target by which the channel watches the version: its name, its framework, or all."""
    dates: tuple[RowDates, ...] = ()
    """What is printed of the families; of those that vanished, what was printed last."""
    milestone: Milestone | None = None
    day: date | None = None
    """The date that was filled in, or the day of the release note."""
    is_new_version: bool = False
    is_whole_version: bool = False
    """Whether no image family of the version is listed any more."""
    dependencies: tuple[tuple[str, str], ...] = ()
    """(what, which), as far as it is printed."""
    subject: str = ""
    before: str = ""
    after: str = ""
    replaced_families: tuple[str, ...] = ()
    """The image families these came for, where the name changed with the dependency."""
    predecessors: tuple[Predecessor, ...] = ()
    text: str = ""
    url: str = ""
    note_key: str = ""
    """What tells the item of the release notes from others; empty for other news."""
    other_titles: tuple[str, ...] = ()
    """Titles of other versions that the same item is about."""
