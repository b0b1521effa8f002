"""What dlvm answers: frozen view models that Slack, the terminal and JSON draw, each in its own way."""

from bot.answers.asking import DidYouMean, Help, MovingFamily, NotInCatalogue, OtherProduct, WhichFramework
from bot.answers.channels import (
    ChannelSettings,
    Reach,
    Seen,
    Subscribed,
    SubscriptionLine,
    SubscriptionList,
    Unsubscribed,
    Watched,
)
from bot.answers.checked import Checked, CheckedImage
from bot.answers.dates import NextReminder, Upcoming, UpcomingDate, VersionLine, VersionList
from bot.answers.decisions import Came, DecisionLine, Group, MigrationForm, Pressed
from bot.answers.documents import Exported, Imported, ImportForm
from bot.answers.home import Home, HomeChannel, HomeLine, HomeWish, IllChannel, OpenDate
from bot.answers.managing import Asked, AskingNote, Audit, Denied, GrantedNote, Mistaken, Permissions, Settled
from bot.answers.preview import Preview, PreviewLine
from bot.answers.reminders import HealthNote, Introduction, Message, MovedLine, ReminderLine, ReminderMessage, Weekly
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
    "Exported",
    "FamilyStatus",
    "GrantedNote",
    "Group",
    "HealthNote",
    "Help",
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
    "NextReminder",
    "NotInCatalogue",
    "OpenDate",
    "OtherProduct",
    "Permissions",
    "Pressed",
    "Preview",
    "PreviewLine",
    "Progress",
    "Reach",
    "ReminderLine",
    "ReminderMessage",
    "Seen",
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
