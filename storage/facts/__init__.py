"""Facts as dlvm remembers them, in the words of Google's framework support policy.

Standard library only. Instants are aware UTC datetimes; the two dates of a framework version are plain
dates, each the *last* day of its period.
"""

from storage.facts.catalogue import (
    DLVM,
    CatalogueReading,
    DateChange,
    FrameworkVersion,
    ImageFamily,
    Milestone,
    OverrideInfo,
    PrintedDate,
)
from storage.facts.catalogue_events import CatalogueEvent, EventKind, OperatorNote, Override, ReleaseNote
from storage.facts.channels import (
    ALL,
    Channel,
    ChannelSummary,
    Decision,
    DecisionKind,
    Health,
    QuietHours,
    Schedule,
    Subscription,
)
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
from storage.facts.workspaces import AccessRequest, AuditEntry, Installation, PermissionRule, Team, Workspace

__all__ = [
    "ALL",
    "DLVM",
    "POLICY_PAGE",
    "REDRAW_KINDS",
    "RELEASE_NOTES",
    "WHOLE_PAGE",
    "AccessRequest",
    "AuditEntry",
    "CatalogueEvent",
    "CatalogueReading",
    "Channel",
    "ChannelSummary",
    "DateChange",
    "Decision",
    "DecisionKind",
    "DueRung",
    "EventKind",
    "FrameworkVersion",
    "Health",
    "HistoricalValue",
    "ImageFamily",
    "Installation",
    "MessageKind",
    "Milestone",
    "OperatorNote",
    "OutboxEntry",
    "OutboxState",
    "Override",
    "OverrideInfo",
    "PermissionRule",
    "PlanResult",
    "PossibleDuplicate",
    "PrintedDate",
    "QuarantineEntry",
    "QuietHours",
    "ReleaseNote",
    "Reminder",
    "Resolution",
    "Schedule",
    "Source",
    "Subscription",
    "Team",
    "Workspace",
]
