"""The listeners, built with their use cases."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from bot.bootstrap.slack import SlackClients
from bot.bootstrap.use_cases import UseCases
from bot.commands.model import OpenImportForm, OpenSubscribeForm
from bot.service.access.requests import AccessRequests
from bot.service.decisions.actions import DecisionActions
from bot.service.decisions.migration_form import MigrationForms
from bot.service.operator.channel import OperatorChannel
from bot.service.operator.review import ReviewActions
from bot.service.subscriptions.home import HomeTab
from bot.service.subscriptions.subscribe import SubscribeForm
from bot.service.versions.image_check import ImageChecker
from bot.service.workspaces.events import WorkspaceEvents
from bot.slack.app import Listeners
from bot.slack.listeners.access_requests import AccessRequestListeners
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.decisions import DecisionListeners
from bot.slack.listeners.home_tab import HomeTabListeners
from bot.slack.listeners.import_form import ImportFormListeners
from bot.slack.listeners.mentions import MentionListeners
from bot.slack.listeners.operator_channel import ReviewListeners
from bot.slack.listeners.rate_limit import RateLimiter, RateLimitMiddleware
from bot.slack.listeners.requests import ChannelAccess
from bot.slack.listeners.settings_form import SettingsFormListeners
from bot.slack.listeners.subscribe_form import SubscribeFormListeners
from bot.slack.listeners.workspace_events import WorkspaceEventListeners
from storage.database import Database
from storage.facts import Schedule


def build_listeners(
    database: Database,
    default: Schedule,
    slack: SlackClients,
    use_cases: UseCases,
    wake: Callable[[], None],
    now: Callable[[], datetime],
    operator: OperatorChannel,
) -> Listeners:
    """Return the listeners of every feature. `wake` starts a delivery tick at once."""
    on_catalogue = database, use_cases.snapshots, default
    conversations, views, sender, dispatcher = slack.conversations, slack.views, slack.sender, use_cases.dispatcher
    access = ChannelAccess(conversations.look_up, conversations.list_memberships, use_cases.permissions.check)
    subscribe_form = SubscribeFormListeners(SubscribeForm(*on_catalogue), use_cases.lookup, views, access, now)
    settings_form = SettingsFormListeners(use_cases.settings, views, access, now)
    import_form = ImportFormListeners(use_cases.permissions, use_cases.import_export, views, now)
    forms = {OpenSubscribeForm: subscribe_form.open_from_command, OpenImportForm: import_form.open}
    return Listeners(
        rate_limit=RateLimitMiddleware(RateLimiter(), sender, monotonic),
        workspace_events=WorkspaceEventListeners(
            WorkspaceEvents(database, slack.installations.evict), slack.installations.register_workspace, now, wake
        ),
        commands=CommandListeners(dispatcher, forms, sender, now),
        mentions=MentionListeners(database, dispatcher, ImageChecker(*on_catalogue), sender, now),
        home_tab=HomeTabListeners(HomeTab(*on_catalogue, conversations.list_memberships), settings_form, views, now),
        decisions=DecisionListeners(
            DecisionActions(*on_catalogue),
            MigrationForms(*on_catalogue),
            sender,
            views,
            conversations.list_user_groups,
            access,
            wake,
            now,
        ),
        subscribe_form=subscribe_form,
        settings_form=settings_form,
        import_form=import_form,
        access_requests=AccessRequestListeners(
            AccessRequests(database, use_cases.permissions), dispatcher, sender, now
        ),
        review=ReviewListeners(ReviewActions(database, operator, slack.users), sender, wake, now),
    )
