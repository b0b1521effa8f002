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
from bot.answers.preview import Preview, PreviewLine
from bot.answers.reminders import HealthNote, Introduction, Message, MovedLine, ReminderLine, ReminderMessage, Weekly
from bot.answers.status import Advice, Candidate, FamilyStatus, Source, Status, Successor, Watcher

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
)

__all__ = [
    "Advice",
    "Answer",
    "Came",
    "Candidate",
    "ChannelSettings",
    "Checked",
    "CheckedImage",
    "DecisionLine",
    "DidYouMean",
    "FamilyStatus",
    "Group",
    "HealthNote",
    "Help",
    "Introduction",
    "Message",
    "MigrationForm",
    "MovedLine",
    "MovingFamily",
    "NextReminder",
    "NotInCatalogue",
    "OtherProduct",
    "Pressed",
    "Preview",
    "PreviewLine",
    "Reach",
    "ReminderLine",
    "ReminderMessage",
    "Seen",
    "Source",
    "Status",
    "Subscribed",
    "SubscriptionLine",
    "SubscriptionList",
    "Successor",
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
