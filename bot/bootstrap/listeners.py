"""Everything that listens to people and to Slack, put together."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from bot.bootstrap.delivery import build_decisions
from bot.bootstrap.slack import SlackClients
from bot.commands.dispatcher import Dispatcher
from bot.service.access.requests import AccessRequests as Requests
from bot.service.operator.channel import OperatorChannel
from bot.service.operator.review import ReviewActions
from bot.service.place import Place
from bot.service.subscriptions.home import HomeTab
from bot.service.subscriptions.subscribe import SubscribeForm
from bot.service.versions.image_check import ImageChecker
from bot.service.versions.lookup import VersionLookup
from bot.service.versions.snapshot import SnapshotCache
from bot.service.workspaces.events import WorkspaceEvents
from bot.slack.app import ListenerSet
from bot.slack.blocks import render
from bot.slack.listeners.access_requests import AccessRequestListeners
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.decisions import DecisionContext, DecisionListeners
from bot.slack.listeners.home_tab import HomeTabListeners
from bot.slack.listeners.import_form import ImportFormListeners
from bot.slack.listeners.mentions import MentionListeners
from bot.slack.listeners.operator_channel import ReviewListeners
from bot.slack.listeners.rate_limit import RateLimiter, RateLimitMiddleware
from bot.slack.listeners.subscribe_form import ChannelAccess, SubscribeFormListeners
from bot.slack.listeners.workspace_events import WorkspaceEventListeners
from storage.database import Database
from storage.facts import Schedule


def build_listeners(
    database: Database,
    default: Schedule,
    slack: SlackClients,
    dispatcher: Dispatcher,
    lookup: VersionLookup,
    wake: Callable[[], None],
    now: Callable[[], datetime],
    operator: OperatorChannel,
) -> list[ListenerSet]:
    """All listeners; of two that match the earlier one hears it."""
    known = SnapshotCache()
    reading, surfaces, settings = slack.conversations, slack.views, dispatcher.settings
    asking = ChannelAccess(reading.look_up, reading.list_memberships, dispatcher.permissions.check)

    def refused(place: Place) -> str:
        denied = dispatcher.permissions.check(place, now())
        return render.render_plain_text(denied) if denied else ""

    around = DecisionContext(slack.sender, surfaces, reading.list_user_groups, wake, refused)
    return [
        RateLimitMiddleware(RateLimiter(), slack.sender, monotonic),
        WorkspaceEventListeners(
            WorkspaceEvents(database, slack.installations.evict),
            slack.installations.register_workspace,
            now,
            wake,
        ),
        MentionListeners(database, dispatcher, ImageChecker(database, known, default), slack.sender, now),
        DecisionListeners(*build_decisions(database, default), around, now),
        SubscribeFormListeners(SubscribeForm(database, known, default), lookup, settings, surfaces, asking, now),
        HomeTabListeners(HomeTab(database, known, default, reading.list_memberships), settings, surfaces, now),
        ImportFormListeners(dispatcher, slack.views, now),
        ReviewListeners(ReviewActions(database, operator, slack.users), slack.sender, wake, now),
        AccessRequestListeners(Requests(database, dispatcher.permissions), dispatcher, slack.sender, now),
        CommandListeners(dispatcher, slack.sender, slack.views, asking.is_member, now),
    ]
