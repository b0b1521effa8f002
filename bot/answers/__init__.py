"""View models of the answers, which Slack, the terminal and JSON each render in their own way."""

from bot.answers.bases import Delivery, MarkedDate
from bot.answers.catalogue_events import EventLine, Predecessor, RowDates
from bot.answers.clarifications import DidYouMean, Help, NotInCatalogue, OtherProduct, RollingFamily, WhichFramework
from bot.answers.decisions import DecisionLine, MigrationForm, PressOutcome, PressResult, UserGroup
from bot.answers.history import AdvanceNotice, History, HistoryKind, HistoryLine
from bot.answers.home import Home, HomeChannel, HomeLine, HomeSelection, OpenDate, UnreachableChannel
from bot.answers.image_check import CheckedImage, ImageCheck
from bot.answers.import_export import ChannelExport, ImportForm, ImportResult
from bot.answers.operator import OperatorMessage, ReviewItem, ReviewOutcome, ReviewResult
from bot.answers.overrides import OverrideLine
from bot.answers.permissions import (
    AccessDecision,
    AccessDecisionMessage,
    AccessRequested,
    AccessRequestMessage,
    AuditPage,
    InvalidRequest,
    PermissionDenied,
    Permissions,
)
from bot.answers.preview import Preview, PreviewLine
from bot.answers.releases import PublishedProduct, Release, ReleaseRow
from bot.answers.reminders import (
    DateChangeLine,
    HealthMessage,
    Introduction,
    Message,
    ReminderLine,
    ReminderMessage,
    WeeklySummary,
)
from bot.answers.settings import ChannelSettings
from bot.answers.status import Advice, Candidate, FamilyStatus, RelatedDates, Source, Status, Subscriber, Successor
from bot.answers.subscriptions import (
    HEALTH_BY_REACH,
    UNCHECKED,
    ChannelLook,
    ChannelReach,
    Subscribed,
    SubscribedTarget,
    SubscriptionLine,
    SubscriptionList,
    Unsubscribed,
)
from bot.answers.teams import (
    Inventory,
    InventoryLine,
    TeamAction,
    TeamDetails,
    TeamLine,
    TeamList,
    TeamProgress,
    TeamUpdate,
)
from bot.answers.version_lists import NextReminder, UpcomingDate, UpcomingDates, VersionLine, VersionList

Clarification = WhichFramework | NotInCatalogue | DidYouMean | RollingFamily | OtherProduct | Help | InvalidRequest
CatalogueAnswer = Status | Successor | VersionList | UpcomingDates | History | ImageCheck
ChannelAnswer = Subscribed | Unsubscribed | SubscriptionList | ChannelSettings | Preview
Document = ChannelExport | ImportForm | ImportResult
AccessAnswer = PermissionDenied | Permissions | AuditPage | AccessRequested | AccessDecision
TeamAnswer = TeamList | TeamDetails | TeamUpdate | Inventory
Answer = Clarification | CatalogueAnswer | ChannelAnswer | Document | AccessAnswer | TeamAnswer
