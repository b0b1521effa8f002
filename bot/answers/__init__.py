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
from bot.answers.home import Home, HomeChannel, HomeLine, HomeWish, IllChannel, OpenDate
from bot.answers.preview import Preview, PreviewLine
from bot.answers.reminders import HealthNote, Message, MovedLine, ReminderLine, ReminderMessage, Weekly
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
    | Help
)

__all__ = [
    "Advice",
    "Answer",
    "Candidate",
    "ChannelSettings",
    "DidYouMean",
    "FamilyStatus",
    "HealthNote",
    "Help",
    "Home",
    "HomeChannel",
    "HomeLine",
    "HomeWish",
    "IllChannel",
    "Message",
    "MovedLine",
    "MovingFamily",
    "NextReminder",
    "NotInCatalogue",
    "OpenDate",
    "OtherProduct",
    "Preview",
    "PreviewLine",
    "Reach",
    "ReminderLine",
    "ReminderMessage",
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
