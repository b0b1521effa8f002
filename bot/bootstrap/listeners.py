"""The listeners, built with their use cases."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from bot.bootstrap.delivery import build_decisions
from bot.bootstrap.slack import SlackClients
from bot.commands.dispatcher import Dispatcher
from bot.service.access.requests import AccessRequests
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
from bot.slack.blocks.render import render_plain_text
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
    """Return every listener set. If two listeners match a request, the earlier one handles it."""
    snapshots = SnapshotCache()
    conversations, views, sender, settings = slack.conversations, slack.views, slack.sender, dispatcher.settings
    channel_access = ChannelAccess(conversations.look_up, conversations.list_memberships, dispatcher.permissions.check)

    def explain_refusal(place: Place) -> str:
        denied = dispatcher.permissions.check(place, now())
        return render_plain_text(denied) if denied else ""

    decision_context = DecisionContext(sender, views, conversations.list_user_groups, wake, explain_refusal)
    return [
        RateLimitMiddleware(RateLimiter(), sender, monotonic),
        WorkspaceEventListeners(
            WorkspaceEvents(database, slack.installations.evict),
            slack.installations.register_workspace,
            now,
            wake,
        ),
        MentionListeners(database, dispatcher, ImageChecker(database, snapshots, default), sender, now),
        DecisionListeners(*build_decisions(database, default), decision_context, now),
        SubscribeFormListeners(
            SubscribeForm(database, snapshots, default), lookup, settings, views, channel_access, now
        ),
        HomeTabListeners(HomeTab(database, snapshots, default, conversations.list_memberships), settings, views, now),
        ImportFormListeners(dispatcher, views, now),
        ReviewListeners(ReviewActions(database, operator, slack.users), sender, wake, now),
        AccessRequestListeners(AccessRequests(database, dispatcher.permissions), dispatcher, sender, now),
        CommandListeners(dispatcher, sender, views, channel_access.is_member, now),
    ]
