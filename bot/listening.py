"""Everything that listens to people and to Slack, put together."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from bot.service.askings import Askings as Requests
from bot.service.checking import Checking
from bot.service.known import KnownVersions
from bot.service.workspaces import Workspaces
from bot.slack.app import Listening
from bot.slack.askings import Askings
from bot.slack.conversation import Conversation
from bot.slack.deciding import Around, Deciding
from bot.slack.events import Events
from bot.slack.importing import Importing
from bot.slack.limits import Limiting, Limits
from bot.slack.listeners import Listeners
from bot.slack.threads import Threads
from bot.slackside import SlackSide
from bot.wiring import deciding
from storage.database import Database
from storage.facts import Schedule


def everything(
    database: Database,
    default: Schedule,
    slack: SlackSide,
    conversation: Conversation,
    wake: Callable[[], None],
    now: Callable[[], datetime],
) -> list[Listening]:
    """All listeners; of two that match the earlier one hears it."""
    known = KnownVersions()
    around = Around(slack.sender, slack.surfaces, slack.reading.groups, wake)
    return [
        Limiting(Limits(), slack.sender, monotonic),
        Events(Workspaces(database, default, slack.installs.evict), slack.installs.arrive, now),
        Threads(database, conversation, Checking(database, known, default), slack.sender, now),
        Deciding(*deciding(database, default), around, now),
        Importing(conversation, slack.surfaces, now),
        Askings(Requests(database, conversation.permissions), conversation, slack.sender, now),
        Listeners(conversation, slack.sender, slack.surfaces, now),
    ]
