"""What people decided about a date, as it is shown and answered."""

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct, field

from storage.facts import DecisionKind, Milestone


class DecisionLine(Struct, frozen=True):
    """A decision in force, as a message shows it."""

    kind: DecisionKind
    by: str
    decided_on: date
    can_undo: bool
    """Whether it can still be taken back."""
    quiet_until: date | None = None
    """When reminders come again: a snooze's end, or the first one that an acknowledgement lets through."""
    next_rung: int | None = None
    """For an acknowledgement, which reminder that is."""
    is_clamped: bool = False
    """A snooze that ends on the last working day before the date."""
    migrated_to: str = ""
    owner: str = ""
    original_date: date | None = None
    """The date it was decided for, where that has moved since."""


class PressOutcome(StrEnum):
    """What came of a press."""

    DECIDED = "decided"
    ALREADY_DECIDED = "already"
    """The same is in force: somebody was first."""
    UNDONE = "undone"
    TOO_OLD = "too_old"
    """It can't be taken back any more."""
    NOT_IN_FORCE = "not_in_force"
    """What was to be taken back is not in force."""
    TOO_LATE = "too_late"
    """No working day is left to put it off to."""
    MIGRATED = "migrated"
    """The channel has migrated already: there is nothing left to decide."""
    PASSED = "passed"
    """The date lies behind, or what is left before it comes in any case."""
    NOT_SUBSCRIBED = "not_watched"
    UNKNOWN = "unknown"
    """No such version, or not its date any more."""
    NOT_ALLOWED = "not_allowed"


class PressResult(Struct, frozen=True):
    """What came of a press on a reminder, for the person who pressed."""

    outcome: PressOutcome
    version: str = ""
    title: str = ""
    milestone: Milestone | None = None
    milestone_date: date | None = None
    pressed_by: str = ""
    """Who pressed."""
    decision: DecisionLine | None = None
    """What is in force now; for what was undone, what that was."""
    age: timedelta = field(default_factory=timedelta)
    """How long ago it was decided."""
    replaced: tuple[DecisionLine, ...] = ()
    restored: tuple[DecisionLine, ...] = ()
    is_subscribed: bool = False
    """Whether the channel watches the version it went to."""
    reason: str = ""
    """Why it is not allowed."""


class MigrationForm(Struct, frozen=True):
    """What is asked of somebody who says that their channel has migrated."""

    version: str
    title: str
    successor: str
    """The version that is offered first; empty for none."""


class UserGroup(Struct, frozen=True):
    """A user group of a workspace."""

    group_id: str
    handle: str
    name: str
