"""Facts of the decisions people make about a version."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from storage.facts.catalogue import Milestone


class DecisionKind(StrEnum):
    """Kinds of decisions about a version or one of its dates."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    MIGRATED = "migrated"
    OWNED = "owned"
    """An owner was assigned and is mentioned in reminders. Silences nothing."""


class Decision(Struct, frozen=True):
    """A decision made for a channel, about one date of a version or about the whole version."""

    workspace_id: str
    channel_id: str
    product: str
    version: str
    kind: DecisionKind
    decided_by: str
    decided_at: datetime
    milestone: Milestone | None = None
    """None if the decision is about the whole version, such as a migration."""
    milestone_date: date | None = None
    snoozed_until: date | None = None
    """The day on which reminders resume."""
    original_date: date | None = None
    """The date at the time of the decision, if it has moved later since."""
    migrated_to: str = ""
    """The version the channel migrated to. Empty if not given."""
    owner: str = ""
    """The id of the user or user group that owns the migration."""
