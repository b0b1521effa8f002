"""Facts as the database stores them, in the terms of Google's framework support policy.

They do no I/O. Instants are timezone-aware UTC datetimes. The two dates of a framework version are plain dates, each
the *last* day of its period.
"""

from storage.facts.access import AccessRequest, AuditEntry, PermissionRule
from storage.facts.catalogue import (
    DLVM,
    CatalogueReading,
    FrameworkVersion,
    ImageFamily,
    Milestone,
    Override,
    OverrideInfo,
    PrintedDate,
)
from storage.facts.catalogue_events import (
    CatalogueChange,
    CatalogueEvent,
    DateChange,
    DateFilledIn,
    Dependency,
    DependencyReplaced,
    OverrideConflict,
    ReleaseNote,
    ReleaseNoteMention,
    RowChange,
    RowsArrived,
    RowsReturned,
    RowsVanished,
)
from storage.facts.channels import ALL, Channel, ChannelSummary, Health, QuietHours, Schedule, Subscription
from storage.facts.decisions import Decision, DecisionKind
from storage.facts.operator import OperatorNote
from storage.facts.outbox import (
    REDRAW_KINDS,
    DueRung,
    MessageKind,
    OutboxEntry,
    OutboxState,
    PlanResult,
    PossibleDuplicate,
    Reminder,
)
from storage.facts.sources import (
    POLICY_PAGE,
    RELEASE_NOTES,
    WHOLE_PAGE,
    HistoricalValue,
    QuarantineEntry,
    Resolution,
    Source,
)
from storage.facts.teams import Team
from storage.facts.workspaces import Installation, Workspace

__all__ = ["ALL", "DLVM", "POLICY_PAGE", "REDRAW_KINDS", "RELEASE_NOTES", "WHOLE_PAGE", "AccessRequest", "AuditEntry"]
__all__ += ["CatalogueChange", "CatalogueEvent", "CatalogueReading", "Channel", "ChannelSummary", "DateChange"]
__all__ += ["DateFilledIn", "Decision", "DecisionKind", "Dependency", "DependencyReplaced", "DueRung"]
__all__ += ["FrameworkVersion", "Health", "HistoricalValue", "ImageFamily", "Installation", "MessageKind", "Milestone"]
__all__ += ["OperatorNote", "OutboxEntry", "OutboxState", "Override", "OverrideConflict", "OverrideInfo"]
__all__ += ["PermissionRule", "PlanResult", "PossibleDuplicate", "PrintedDate", "QuarantineEntry", "QuietHours"]
__all__ += ["ReleaseNote", "ReleaseNoteMention", "Reminder", "Resolution", "RowChange", "RowsArrived", "RowsReturned"]
__all__ += ["RowsVanished", "Schedule", "Source", "Subscription", "Team", "Workspace"]
