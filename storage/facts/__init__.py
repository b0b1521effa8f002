"""Facts as the database stores them, in the terms of Google's framework support policy.

They do no I/O. Instants are timezone-aware UTC datetimes. The two dates of a framework version are plain dates, each
the *last* day of its period.
"""

from storage.facts.access import AccessRequest, AuditEntry, PermissionRule
from storage.facts.catalogue import (
    DLVM,
    CatalogueEdition,
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
