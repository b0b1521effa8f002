"""The database tables. Only storage sees their rows.

Instants are aware UTC in plain `datetime` columns, which both databases keep. Milestone dates are `date` columns.
"""

from storage.tables.access import AccessRequestRow, AuditEntryRow
from storage.tables.base import MAX_TEXT_LENGTH, get_table, strip_nul, validate_text
from storage.tables.catalogue import CatalogueEditionRow, ImageFamilyRow, OverrideRow
from storage.tables.catalogue_events import CatalogueEventRow, DateChangeRow, ReleaseNoteRow
from storage.tables.channels import NEVER, ChannelRow, ScheduleRow, SubscriptionRow
from storage.tables.decisions import DecisionRow
from storage.tables.operator import OperatorNoteRow
from storage.tables.outbox import ACTIVE, IDENTITY, JobRunRow, OutboxRow, PossibleDuplicateRow, RateLimitRow
from storage.tables.sources import HistoricalValueRow, PageTextRow, QuarantineEntryRow, SourceRow
from storage.tables.teams import TeamChannelRow, TeamRow, TeamTargetRow
from storage.tables.workspaces import InstallationRow, OauthStateRow, SeenEventRow, WorkspaceRow
