"""Everything that listens to people and to Slack, put together."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from bot.bootstrap.delivery import deciding
from bot.bootstrap.slack import SlackSide
from bot.commands.dispatcher import Conversation
from bot.service.access.requests import Askings as Requests
from bot.service.enrolling import Enrolling
from bot.service.operator.channel import Operator
from bot.service.operator.review import Reviewing
from bot.service.place import Place
from bot.service.subscriptions.home import Homes
from bot.service.versions.image_check import Checking
from bot.service.versions.lookup import Lookup
from bot.service.versions.snapshot import KnownVersions
from bot.service.workspaces.events import Workspaces
from bot.slack.app import Listening
from bot.slack.blocks import render
from bot.slack.listeners.access_requests import Askings
from bot.slack.listeners.commands import Listeners
from bot.slack.listeners.decisions import Around, Deciding
from bot.slack.listeners.home_tab import HomeTab
from bot.slack.listeners.import_form import Importing
from bot.slack.listeners.mentions import Threads
from bot.slack.listeners.operator_channel import Operating
from bot.slack.listeners.rate_limit import Limiting, Limits
from bot.slack.listeners.subscribe_form import Asking, Forms
from bot.slack.listeners.workspace_events import Events
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
        return render.plainly(denied) if denied else ""

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
