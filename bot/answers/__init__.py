"""View models of the answers, which Slack, the terminal and JSON each render in their own way."""

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
from bot.answers.version_lists import NextReminder, Upcoming, UpcomingDate, VersionLine, VersionList

Answer = (
    Status
    | Successor
    | WhichFramework
    | NotInCatalogue
    | DidYouMean
    | RollingFamily
    | OtherProduct
    | VersionList
    | Upcoming
    | History
    | Subscribed
    | Unsubscribed
    | SubscriptionList
    | ChannelSettings
    | Preview
    | ImageCheck
    | Help
    | InvalidRequest
    | PermissionDenied
    | Permissions
    | AuditPage
    | AccessRequested
    | AccessDecision
    | TeamList
    | TeamDetails
    | TeamUpdate
    | Inventory
    | ChannelExport
    | ImportForm
    | ImportResult
)

__all__ = [
    "HEALTH_BY_REACH",
    "UNCHECKED",
    "AccessDecision",
    "AccessDecisionMessage",
    "AccessRequestMessage",
    "AccessRequested",
    "AdvanceNotice",
    "Advice",
    "Answer",
    "AuditPage",
    "Candidate",
    "ChannelExport",
    "ChannelLook",
    "ChannelReach",
    "ChannelSettings",
    "CheckedImage",
    "DateChangeLine",
    "DecisionLine",
    "DidYouMean",
    "EventLine",
    "FamilyStatus",
    "HealthMessage",
    "Help",
    "History",
    "HistoryKind",
    "HistoryLine",
    "Home",
    "HomeChannel",
    "HomeLine",
    "HomeSelection",
    "ImageCheck",
    "ImportForm",
    "ImportResult",
    "Introduction",
    "InvalidRequest",
    "Inventory",
    "InventoryLine",
    "Message",
    "MigrationForm",
    "NextReminder",
    "NotInCatalogue",
    "OpenDate",
    "OperatorMessage",
    "OtherProduct",
    "OverrideLine",
    "PermissionDenied",
    "Permissions",
    "Predecessor",
    "PressOutcome",
    "PressResult",
    "Preview",
    "PreviewLine",
    "PublishedProduct",
    "RelatedDates",
    "Release",
    "ReleaseRow",
    "ReminderLine",
    "ReminderMessage",
    "ReviewItem",
    "ReviewOutcome",
    "ReviewResult",
    "RollingFamily",
    "RowDates",
    "Source",
    "Status",
    "Subscribed",
    "SubscribedTarget",
    "Subscriber",
    "SubscriptionLine",
    "SubscriptionList",
    "Successor",
    "TeamAction",
    "TeamDetails",
    "TeamLine",
    "TeamList",
    "TeamProgress",
    "TeamUpdate",
    "UnreachableChannel",
    "Unsubscribed",
    "Upcoming",
    "UpcomingDate",
    "UserGroup",
    "VersionLine",
    "VersionList",
    "WeeklySummary",
    "WhichFramework",
]
