"""Facts as dlvm remembers them, in the words of Google's framework support policy.

Standard library only. Instants are aware UTC datetimes; the two dates of a framework version are plain
dates, each the *last* day of its period.
"""

from storage.facts.catalogue import (
    DLVM,
    ByHand,
    CatalogueReading,
    DateChange,
    FrameworkVersion,
    ImageFamily,
    Milestone,
    PrintedDate,
)
from storage.facts.catalogue_events import CatalogueEvent, EventKind, OperatorNote, Override, ReleaseNote
from storage.facts.channels import (
    ALL,
    Channel,
    Decided,
    Decision,
    Health,
    KnownChannel,
    QuietHours,
    Schedule,
    Subscription,
)
from storage.facts.outbox import (
    REDRAWN,
    Kind,
    OutboxEntry,
    OutboxState,
    Planned,
    PossibleRepeat,
    Reminder,
    Rung,
)
from storage.facts.sources import NOTES, PAGE, POLICY, Finding, FormerValue, Settled, Source
from storage.facts.workspaces import Asking, Change, Installation, Managing, Team, Workspace

__all__ = [
    "ALL",
    "DLVM",
    "NOTES",
    "PAGE",
    "POLICY",
    "REDRAWN",
    "Asking",
    "ByHand",
    "CatalogueEvent",
    "CatalogueReading",
    "Change",
    "Channel",
    "DateChange",
    "Decided",
    "Decision",
    "EventKind",
    "Finding",
    "FormerValue",
    "FrameworkVersion",
    "Health",
    "ImageFamily",
    "Installation",
    "Kind",
    "KnownChannel",
    "Managing",
    "Milestone",
    "OperatorNote",
    "OutboxEntry",
    "OutboxState",
    "Override",
    "Planned",
    "PossibleRepeat",
    "PrintedDate",
    "QuietHours",
    "ReleaseNote",
    "Reminder",
    "Rung",
    "Schedule",
    "Settled",
    "Source",
    "Subscription",
    "Team",
    "Workspace",
]
