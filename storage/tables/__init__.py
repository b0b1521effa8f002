"""The tables. Rows are made of facts and give facts back; nothing else sees them.

Instants are aware UTC in plain `datetime` fields, which SQLModel keeps so on both databases; milestone dates are
`date`.
"""

from storage.tables.base import get_table, validate_text
from storage.tables.catalogue import CatalogueReadingRow, ImageFamilyRow
from storage.tables.catalogue_events import (
    CatalogueEventRow,
    OperatorNoteRow,
    OverrideRow,
    PageTextRow,
    ReleaseNoteRow,
)
from storage.tables.channels import NEVER, ChannelRow, ScheduleRow, SubscriptionRow
from storage.tables.decisions import DateChangeRow, DecisionRow
from storage.tables.outbox import ACTIVE, JobRunRow, OutboxRow, PossibleDuplicateRow, RateLimitRow
from storage.tables.sources import HistoricalValueRow, QuarantineEntryRow, SourceRow
from storage.tables.workspaces import (
    AccessRequestRow,
    AuditEntryRow,
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
    "NEVER",
    "AccessRequestRow",
    "AuditEntryRow",
    "CatalogueEventRow",
    "CatalogueReadingRow",
    "ChannelRow",
    "DateChangeRow",
    "DecisionRow",
    "HistoricalValueRow",
    "ImageFamilyRow",
    "InstallationRow",
    "JobRunRow",
    "OauthStateRow",
    "OperatorNoteRow",
    "OutboxRow",
    "OverrideRow",
    "PageTextRow",
    "PossibleDuplicateRow",
    "QuarantineEntryRow",
    "RateLimitRow",
    "ReleaseNoteRow",
    "ScheduleRow",
    "SeenEventRow",
    "SourceRow",
    "SubscriptionRow",
    "TeamChannelRow",
    "TeamRow",
    "TeamTargetRow",
    "WorkspaceRow",
    "get_table",
    "validate_text",
]
