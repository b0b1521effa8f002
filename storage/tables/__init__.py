"""The tables. Rows are made of facts and give facts back; nothing else sees them.

Instants are aware UTC in plain `datetime` fields, which SQLModel keeps so on both databases; milestone dates are
`date`.
"""

from storage.tables.catalogue import CatalogueReadingRow, ImageFamilyRow
from storage.tables.channels import FAR_AHEAD, ChannelRow, ScheduleRow, SubscriptionRow, WorkspaceRow
from storage.tables.columns import checked, table_of
from storage.tables.decisions import DateChangeRow, DecisionRow
from storage.tables.outbox import ACTIVE, JobRunRow, OutboxRow, PaceRow, PossibleRepeatRow

__all__ = [
    "ACTIVE",
    "FAR_AHEAD",
    "CatalogueReadingRow",
    "ChannelRow",
    "DateChangeRow",
    "DecisionRow",
    "ImageFamilyRow",
    "JobRunRow",
    "OutboxRow",
    "PaceRow",
    "PossibleRepeatRow",
    "ScheduleRow",
    "SubscriptionRow",
    "WorkspaceRow",
    "checked",
    "table_of",
]
