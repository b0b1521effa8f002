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
    PrintedDate,
)
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
from storage.facts.sources import PAGE, Finding, FormerValue, Settled, Source
from storage.facts.workspaces import Asking, Change, Installation, Managing, Team, Workspace

__all__ = [
    "ALL",
    "DLVM",
    "PAGE",
    "REDRAWN",
    "Asking",
    "CatalogueReading",
    "Change",
    "Channel",
    "DateChange",
    "Decided",
    "Decision",
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
    "OutboxEntry",
    "OutboxState",
    "Planned",
    "PossibleRepeat",
    "PrintedDate",
    "QuietHours",
    "Reminder",
    "Rung",
    "Schedule",
    "Settled",
    "Source",
    "Subscription",
    "Team",
    "Workspace",
]
