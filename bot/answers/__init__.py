"""What dlvm answers: frozen view models that Slack, the terminal and JSON draw, each in its own way."""

from bot.answers.asking import DidYouMean, Help, MovingFamily, NotInCatalogue, OtherProduct, WhichFramework
from bot.answers.channels import (
    ChannelSettings,
    Reach,
    Subscribed,
    SubscriptionLine,
    SubscriptionList,
    Unsubscribed,
    Watched,
)
from bot.answers.dates import NextReminder, Upcoming, UpcomingDate, VersionLine, VersionList
from bot.answers.documents import Exported, Imported, ImportForm
from bot.answers.managing import Asked, AskingNote, Audit, Denied, GrantedNote, Mistaken, Permissions, Settled
from bot.answers.preview import Preview, PreviewLine
from bot.answers.reminders import HealthNote, Message, MovedLine, ReminderLine, ReminderMessage, Weekly
from bot.answers.status import Advice, Candidate, FamilyStatus, Source, Status, Successor, Watcher
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
    | WhichFramework
    | NotInCatalogue
    | DidYouMean
    | MovingFamily
    | OtherProduct
    | VersionList
    | Upcoming
    | Subscribed
    | Unsubscribed
    | SubscriptionList
    | ChannelSettings
    | Preview
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
    "Asked",
    "AskingNote",
    "Audit",
    "Candidate",
    "ChannelSettings",
    "Denied",
    "DidYouMean",
    "Exported",
    "FamilyStatus",
    "GrantedNote",
    "HealthNote",
    "Help",
    "ImportForm",
    "Imported",
    "Inventory",
    "InventoryLine",
    "Message",
    "Mistaken",
    "MovedLine",
    "MovingFamily",
    "NextReminder",
    "NotInCatalogue",
    "OtherProduct",
    "Permissions",
    "Preview",
    "PreviewLine",
    "Progress",
    "Reach",
    "ReminderLine",
    "ReminderMessage",
    "Settled",
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
