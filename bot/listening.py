"""Everything that listens to people and to Slack, put together."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from bot.acting import deciding
from bot.service.askings import Askings as Requests
from bot.service.checking import Checking
from bot.service.enrolling import Enrolling
from bot.service.homes import Homes
from bot.service.known import KnownVersions
from bot.service.lookup import Lookup
from bot.service.operator import Operator
from bot.service.place import Place
from bot.service.reviewing import Reviewing
from bot.service.workspaces import Workspaces
from bot.slack.app import Listening
from bot.slack.askings import Askings
from bot.slack.blocks import draw
from bot.slack.conversation import Conversation
from bot.slack.deciding import Around, Deciding
from bot.slack.events import Events
from bot.slack.forms import Asking, Forms
from bot.slack.homes import HomeTab
from bot.slack.importing import Importing
from bot.slack.limits import Limiting, Limits
from bot.slack.listeners import Listeners
from bot.slack.operating import Operating
from bot.slack.threads import Threads
from bot.slackside import SlackSide
from storage.database import Database
from storage.facts import Schedule


def everything(
    database: Database,
    default: Schedule,
    slack: SlackSide,
    conversation: Conversation,
    lookup: Lookup,
    wake: Callable[[], None],
    now: Callable[[], datetime],
    operator: Operator,
) -> list[Listening]:
    """All listeners; of two that match the earlier one hears it."""
    known = KnownVersions()
    reading, surfaces, settings = slack.reading, slack.surfaces, conversation.settings
    asking = Asking(reading.look, reading.channels_of, conversation.permissions.refusal)

    def refused(place: Place) -> str:
        denied = conversation.permissions.refusal(place, now())
        return draw.plainly(denied) if denied else ""

    around = Around(slack.sender, surfaces, reading.groups, wake, refused)
    return [
        Limiting(Limits(), slack.sender, monotonic),
        Events(Workspaces(database, default, slack.installs.evict), slack.installs.arrive, now, wake),
        Threads(database, conversation, Checking(database, known, default), slack.sender, now),
        Deciding(*deciding(database, default), around, now),
        Forms(Enrolling(database, known, default), lookup, settings, surfaces, asking, now),
        HomeTab(Homes(database, known, default, reading.channels_of), settings, surfaces, now),
        Importing(conversation, slack.surfaces, now),
        Operating(Reviewing(database, operator, slack.people), slack.sender, wake, now),
        Askings(Requests(database, conversation.permissions), conversation, slack.sender, now),
        Listeners(conversation, slack.sender, slack.surfaces, asking.inside, now),
    ]
