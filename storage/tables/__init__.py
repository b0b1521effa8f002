"""The tables. Rows are made of facts and give facts back; nothing else sees them.

Instants are aware UTC in plain `datetime` fields, which SQLModel keeps so on both databases; milestone dates are
`date`.
"""

from storage.tables.base import checked, table_of
from storage.tables.catalogue import CatalogueReadingRow, ImageFamilyRow
from storage.tables.catalogue_events import (
    CatalogueEventRow,
    OperatorNoteRow,
    OverrideRow,
    PageTextRow,
    ReleaseNoteRow,
)
from storage.tables.channels import FAR_AHEAD, ChannelRow, ScheduleRow, SubscriptionRow
from storage.tables.decisions import DateChangeRow, DecisionRow
from storage.tables.outbox import ACTIVE, JobRunRow, OutboxRow, PaceRow, PossibleRepeatRow
from storage.tables.sources import FindingRow, FormerValueRow, SourceRow
from storage.tables.workspaces import (
    AskingRow,
    ChangeRow,
    InstallationRow,
    OauthStateRow,
    SeenEventRow,
    TeamChannelRow,
    TeamRow,
    TeamTargetRow,
    WorkspaceRow,
)

__all__ = [
    "ACTIVE",
    "FAR_AHEAD",
    "AskingRow",
    "CatalogueEventRow",
    "CatalogueReadingRow",
    "ChangeRow",
    "ChannelRow",
    "DateChangeRow",
    "DecisionRow",
    "FindingRow",
    "FormerValueRow",
    "ImageFamilyRow",
    "InstallationRow",
    "JobRunRow",
    "OauthStateRow",
    "OperatorNoteRow",
    "OutboxRow",
    "OverrideRow",
    "PaceRow",
    "PageTextRow",
    "PossibleRepeatRow",
    "ReleaseNoteRow",
    "ScheduleRow",
    "SeenEventRow",
    "SourceRow",
    "SubscriptionRow",
    "TeamChannelRow",
    "TeamRow",
    "TeamTargetRow",
    "WorkspaceRow",
    "checked",
    "table_of",
]
