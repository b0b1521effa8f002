"""Decisions about a date, and results of pressing a decision button."""

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct, field

from storage.facts import DecisionKind, Milestone


class DecisionLine(Struct, frozen=True):
    """A decision in force."""

    kind: DecisionKind
    by: str
    """The id of the person who decided."""
    decided_on: date
    can_undo: bool
    quiet_until: date | None = None
    """The day reminders resume: the end of a snooze, or the first reminder after an acknowledgement."""
    next_rung: int | None = None
    """For an acknowledgement, the rung of the reminder on that day."""
    is_clamped: bool = False
    """True for a snooze that was shortened to the last working day before the date."""
    migrated_to: str = ""
    owner: str = ""
    """The id of the person or user group that owns the migration."""
    original_date: date | None = None
    """The date the decision was made for, if the date has changed since."""


class PressOutcome(StrEnum):
    """The outcome of pressing a decision button."""

    DECIDED = "decided"
    ALREADY_DECIDED = "already_decided"
    UNDONE = "undone"
    TOO_OLD = "too_old"
    NOT_IN_FORCE = "not_in_force"
    TOO_LATE = "too_late"
    """No working day is left before the date to snooze until."""
    MIGRATED = "migrated"
    """The channel has already migrated, so no decision is left to make."""
    PASSED = "passed"
    """The date has passed, or only reminders that can't be silenced are left before it."""
    NOT_SUBSCRIBED = "not_subscribed"
    UNKNOWN = "unknown"
    """The version does not exist, or the date is no longer its date."""
    NOT_ALLOWED = "not_allowed"


class PressResult(Struct, frozen=True):
    """The result of pressing a decision button, for the person who pressed it."""

    outcome: PressOutcome
    version: str = ""
    title: str = ""
    milestone: Milestone | None = None
    milestone_date: date | None = None
    pressed_by: str = ""
    decision: DecisionLine | None = None
    """The decision in force now; after an undo, the decision that was undone."""
    age: timedelta = field(default_factory=timedelta)
    """The time since the decision."""
    replaced: tuple[DecisionLine, ...] = ()
    restored: tuple[DecisionLine, ...] = ()
    is_subscribed: bool = False
    """True if the channel is now subscribed to the version it migrated to."""
    reason: str = ""
    """Why the press is not allowed."""


class MigrationForm(Struct, frozen=True):
    """The form in which a person says which version the channel migrated to."""

    version: str
    title: str
    successor: str
    """The preselected version; empty if there is none."""


class UserGroup(Struct, frozen=True):
    """A user group of a workspace."""

    group_id: str
    handle: str
    name: str
