"""What dlvm answers: frozen view models that Slack, the terminal and JSON draw, each in its own way."""

from bot.answers.catalogue_events import NewsLine, Predecessor, RowDates
from bot.answers.clarifications import DidYouMean, Help, MovingFamily, NotInCatalogue, OtherProduct, WhichFramework
from bot.answers.decisions import Came, DecisionLine, Group, MigrationForm, Pressed
from bot.answers.history import Happened, History, HistoryLine, Notice
from bot.answers.home import Home, HomeChannel, HomeLine, HomeWish, IllChannel, OpenDate
from bot.answers.image_check import Checked, CheckedImage
from bot.answers.import_export import Exported, Imported, ImportForm
from bot.answers.lists import NextReminder, Upcoming, UpcomingDate, VersionLine, VersionList
from bot.answers.operator import Answered, HeldBack, OperatorMessage, Reviewed
from bot.answers.overrides import SetByHand
from bot.answers.permissions import Asked, AskingNote, Audit, Denied, GrantedNote, Mistaken, Permissions, Settled
from bot.answers.preview import Preview, PreviewLine
from bot.answers.releases import PublishedProduct, Release, ReleaseRow
from bot.answers.reminders import HealthNote, Introduction, Message, MovedLine, ReminderLine, ReminderMessage, Weekly
from bot.answers.sister_products import SisterLine, SisterList, SisterRow, SisterStatus
from bot.answers.status import Advice, Candidate, Elsewhere, FamilyStatus, Source, Status, Successor, Watcher
from bot.answers.subscriptions import (
    ChannelSettings,
    Reach,
    Seen,
    Subscribed,
    SubscriptionLine,
    SubscriptionList,
    Unsubscribed,
    Watched,
)
from bot.answers.teams import (
    Inventory,
    InventoryLine,
    Progress,
    TeamAct,
    TeamChanged,
    TeamLine,
    TeamList,
    TeamShown,
)

Answer = (
    Status
    | Successor
    | SisterStatus
    | SisterList
    | WhichFramework
    | NotInCatalogue
    | DidYouMean
    | MovingFamily
    | OtherProduct
    | VersionList
    | Upcoming
    | History
    | Subscribed
    | Unsubscribed
    | SubscriptionList
    | ChannelSettings
    | Preview
    | Checked
    | Help
    | Mistaken
    | Denied
    | Permissions
    | Audit
    | Asked
    | Settled
    | TeamList
    | TeamShown
    | TeamChanged
    | Inventory
    | Exported
    | ImportForm
    | Imported
)

__all__ = [
    "Advice",
    "Answer",
    "Answered",
    "Asked",
    "AskingNote",
    "Audit",
    "Came",
    "Candidate",
    "ChannelSettings",
    "Checked",
    "CheckedImage",
    "DecisionLine",
    "Denied",
    "DidYouMean",
    "Elsewhere",
    "Exported",
    "FamilyStatus",
    "GrantedNote",
    "Group",
    "Happened",
    "HealthNote",
    "HeldBack",
    "Help",
    "History",
    "HistoryLine",
    "Home",
    "HomeChannel",
    "HomeLine",
    "HomeWish",
    "IllChannel",
    "ImportForm",
    "Imported",
    "Introduction",
    "Inventory",
    "InventoryLine",
    "Message",
    "MigrationForm",
    "Mistaken",
    "MovedLine",
    "MovingFamily",
    "NewsLine",
    "NextReminder",
    "NotInCatalogue",
    "Notice",
    "OpenDate",
    "OperatorMessage",
    "OtherProduct",
    "Permissions",
    "Predecessor",
    "Pressed",
    "Preview",
    "PreviewLine",
    "Progress",
    "PublishedProduct",
    "Reach",
    "Release",
    "ReleaseRow",
    "ReminderLine",
    "ReminderMessage",
    "Reviewed",
    "RowDates",
    "Seen",
    "SetByHand",
    "Settled",
    "SisterLine",
    "SisterList",
    "SisterRow",
    "SisterStatus",
    "Source",
    "Status",
    "Subscribed",
    "SubscriptionLine",
    "SubscriptionList",
    "Successor",
    "TeamAct",
    "TeamChanged",
    "TeamLine",
    "TeamList",
    "TeamShown",
    "Unsubscribed",
    "Upcoming",
    "UpcomingDate",
    "VersionLine",
    "VersionList",
    "Watched",
    "Watcher",
    "Weekly",
    "WhichFramework",
]
