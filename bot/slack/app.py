"""The Bolt app: registers every listener, authorises requests and handles unexpected errors."""

import json
import logging
import re
import secrets
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware import Middleware
from slack_sdk import WebClient

from bot.slack.blocks import import_export, operator, permissions
from bot.slack.blocks.modals import decisions, settings, subscribe
from bot.slack.blocks.reminders import decision_buttons
from bot.slack.listeners import commands, home_tab, settings_form
from bot.slack.listeners.access_requests import AccessRequestListeners
from bot.slack.listeners.commands import COMMAND, CommandListeners
from bot.slack.listeners.decisions import UNDO_ACTIONS, DecisionListeners
from bot.slack.listeners.home_tab import HomeTabListeners
from bot.slack.listeners.import_form import ImportFormListeners
from bot.slack.listeners.mentions import CHECK_SHORTCUT, MentionListeners
from bot.slack.listeners.operator_channel import ReviewListeners
from bot.slack.listeners.rate_limit import RateLimitMiddleware
from bot.slack.listeners.requests import Responder, find_first_input
from bot.slack.listeners.settings_form import SettingsFormListeners
from bot.slack.listeners.subscribe_form import SubscribeFormListeners
from bot.slack.listeners.workspace_events import HEALTH_BY_EVENT, WorkspaceEventListeners
from storage.database import DatabaseError
from storage.facts import Workspace

logger = logging.getLogger(__name__)

APOLOGY = (
    "Something went wrong, and nothing was changed. Please try again. If it keeps happening, give your dlvm admin"
    " this reference: {reference}"
)
DATABASE_APOLOGY = (
    "dlvm can’t reach its database right now, so nothing was changed. Please try again in a minute"
    " (reference {reference})."
)
_ANSWERED_BY_RESPONSE_URL = ("block_actions", "message_action")
"""Payload types answered through their response URL: Slack doesn't show what their acknowledgement says."""
_ANY = re.compile(r".*")


class Listeners(Struct, frozen=True):
    """The listeners of every feature."""

    rate_limit: RateLimitMiddleware
    workspace_events: WorkspaceEventListeners
    commands: CommandListeners
    mentions: MentionListeners
    home_tab: HomeTabListeners
    decisions: DecisionListeners
    subscribe_form: SubscribeFormListeners
    settings_form: SettingsFormListeners
    import_form: ImportFormListeners
    access_requests: AccessRequestListeners
    review: ReviewListeners


def build_bolt_app(
    listeners: Listeners,
    responder: Responder,
    *,
    signing_secret: str,
    base_url: str,
    find_workspace: Callable[[str], Workspace | None],
    find_token: Callable[[str], str | None],
) -> App:
    """Return the Bolt app with every listener. Makes no call to Slack."""
    app = App(
        name="dlvm",
        logger=logging.getLogger("slack_bolt.dlvm"),
        signing_secret=signing_secret,
        client=WebClient(base_url=base_url, retry_handlers=[]),
        authorize=_build_authorize(find_workspace, find_token),  # type: ignore[arg-type] # Bolt takes None for "not installed"
        process_before_response=True,
    )
    app.use(_CallbackMiddleware(listeners.rate_limit.check))
    app.use(_CallbackMiddleware(listeners.workspace_events.register_request))
    # Bolt tries listeners in this order, and each try takes as long as a database query: the most frequent come first.
    app.command(COMMAND)(listeners.commands.answer_command)
    _register_events(app, listeners)
    _register_actions(app, listeners)
    _register_forms(app, listeners)
    app.error(_ErrorHandler(responder).handle)
    return app


def _register_events(app: App, on: Listeners) -> None:
    app.event("message")(on.mentions.answer_direct_message)
    app.event("app_mention")(on.mentions.answer_mention)
    app.event("app_home_opened")(on.home_tab.open)
    for name in HEALTH_BY_EVENT:
        app.event(name)(on.workspace_events.mark_unreachable)
    for kind in ("channel", "group"):
        app.event(f"{kind}_unarchive")(on.workspace_events.unarchive)
        app.event(f"{kind}_rename")(on.workspace_events.rename)
    app.event("member_joined_channel")(on.workspace_events.join)
    app.event("channel_id_changed")(on.workspace_events.change_id)
    app.event("channel_shared")(on.workspace_events.share)
    app.event("channel_unshared")(on.workspace_events.share)
    app.event("app_uninstalled")(on.workspace_events.uninstall)
    app.event("tokens_revoked")(on.workspace_events.revoke_tokens)
    app.event("team_access_granted")(on.workspace_events.grant_access)
    app.event("team_access_revoked")(on.workspace_events.revoke_access)
    app.event(_ANY)(_acknowledge)


def _register_actions(app: App, on: Listeners) -> None:
    app.action(decision_buttons.ACKNOWLEDGE)(on.decisions.acknowledge)
    app.action(decision_buttons.SNOOZE)(on.decisions.snooze)
    app.action(UNDO_ACTIONS)(on.decisions.undo)
    app.action(decision_buttons.MIGRATED)(on.decisions.open_migration_form)
    app.action(decision_buttons.OWN)(on.decisions.open_owner_form)
    app.action(commands.BUTTONS)(on.commands.answer_button)
    app.action("subscribe_open")(on.subscribe_form.open)
    app.action("settings_open")(on.settings_form.open)
    app.action(settings_form.FIELDS, matchers=[settings_form.is_settings_view])(on.settings_form.preview)
    app.action(home_tab.ACTIONS)(on.home_tab.update)
    app.action("home_settings")(on.home_tab.open_settings)
    app.action("request")(on.access_requests.request)
    app.action(permissions.ALLOW)(on.access_requests.decide)
    app.action(permissions.DECLINE)(on.access_requests.decide)
    app.action(operator.ACCEPT)(on.review.resolve)
    app.action(operator.REJECT)(on.review.resolve)
    app.action(_ANY)(_acknowledge)


def _register_forms(app: App, on: Listeners) -> None:
    app.message_shortcut(CHECK_SHORTCUT)(on.mentions.check_message)
    app.options(subscribe.VERSIONS)(on.subscribe_form.suggest_versions)
    app.options(decisions.MIGRATED_TO)(on.decisions.suggest_versions)
    app.options(decisions.GROUP)(on.decisions.suggest_groups)
    app.view(subscribe.FORM)(on.subscribe_form.submit)
    app.view(settings.SETTINGS)(on.settings_form.save)
    app.view(decisions.MIGRATED_FORM)(on.decisions.submit_migration)
    app.view(decisions.OWNER_FORM)(on.decisions.submit_owner)
    app.view(import_export.IMPORT)(on.import_form.compare)
    app.view(import_export.CONFIRM)(on.import_form.apply)


class _CallbackMiddleware(Middleware):
    """Passes each request to a callback, without the arguments Bolt builds for functions, which are slow to build."""

    def __init__(self, callback: Callable[[BoltRequest, Callable[[], BoltResponse]], BoltResponse]) -> None:
        self._callback = callback

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002, ARG002 - the signature is Bolt's
        return self._callback(req, next)


def _acknowledge(ack: Ack) -> None:
    """Acknowledge a request that needs no answer, such as a link button or an event without a listener."""
    ack()


def _build_authorize(
    find_workspace: Callable[[str], Workspace | None], find_token: Callable[[str], str | None]
) -> Callable[..., AuthorizeResult | None]:
    """Return Bolt's `authorize` function, which looks up stored workspaces instead of asking Slack at each request."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        # An organisation's installation also covers workspaces not seen before, and requests without a workspace.
        workspace = find_workspace(team_id or "") or find_workspace(enterprise_id or "")
        if workspace is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
            bot_token=find_token(workspace.workspace_id),
        )

    return authorize


class _ErrorHandler(Struct, frozen=True):
    """The handler of unexpected errors: logs the traceback under a reference and shows the person the reference."""

    responder: Responder

    def handle(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """Log the error and apologise. The status is always 200: for any other, Slack shows its own error message."""
        reference = secrets.token_hex(4)
        apology = (DATABASE_APOLOGY if isinstance(error, DatabaseError) else APOLOGY).format(reference=reference)
        logger.error("Unexpected error, reference %s", reference, exc_info=error)
        response_url = body.get("response_url")
        if body.get("type") in _ANSWERED_BY_RESPONSE_URL and isinstance(response_url, str):
            self.responder.reply(response_url, {"text": apology}, replace=False)
            return BoltResponse(status=200, body="")
        if body.get("type") == "view_submission":
            answer = {
                "response_action": "errors",
                "errors": {find_first_input(body) or settings.FIELD_NAMES[0]: apology},
            }
        else:
            answer = {"response_type": "ephemeral", "text": apology}
        return BoltResponse(status=200, body=json.dumps(answer), headers={"content-type": ["application/json"]})
