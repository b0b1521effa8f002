"""What people do in Slack: read it, call a use case, draw the answer, acknowledge.

The acknowledgement is the answer: nothing follows it. Buttons are answered through their response URL, off the
request's path.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol

from slack_bolt import Ack, App, BoltResponse

from bot.commands import parser
from bot.commands.dispatcher import Dispatcher
from bot.service.place import Place
from bot.slack.blocks import kit
from bot.slack.blocks.modals import settings
from bot.slack.blocks.render import render, render_acknowledgement, render_plain_text
from bot.slack.client.views import ViewsClient

Body = dict[str, Any]

CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{1,30}")
"""What a form may carry as its channel."""

COMMAND = "/dlvm"
_QUERY_ACTIONS = re.compile(
    r"^(status|successor|subscribe|unsubscribe|ask_\d+|(subscriptions|inventory|audit)_(next|previous))$"
)
_REPLACING_PREFIXES = ("ask_", "subscriptions_", "inventory_", "audit_")
"""Buttons whose answer takes the place of the message they stand on."""


class Responder(Protocol):
    """Answers buttons through their response URL."""

    def reply(self, response_url: str, message: kit.Message, *, replace: bool) -> "Future[None]":
        """Starts answering; failures are logged, never raised."""
        ...


class CommandListeners:
    """One method for each thing a person can do."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        responder: Responder,
        views: ViewsClient,
        is_member: Callable[[Place], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._dispatcher = dispatcher
        self._responder = responder
        self._views = views
        self._is_member = is_member
        self._now = now

    def register(self, app: App) -> None:
        """The command, the buttons that ask what it would ask, and the settings."""
        app.command(COMMAND)(self.command)
        app.action(_QUERY_ACTIONS)(self.press)
        app.action("settings_open")(self.open_settings)
        app.view(settings.SETTINGS)(self.save_settings)

    def command(self, _: Ack, body: Body) -> BoltResponse:
        """Somebody typed /dlvm."""
        place = Place(str(body["team_id"]), str(body["channel_id"]), str(body["user_id"]))
        answer = self._dispatcher.dispatch(parser.parse(str(body.get("text") or "")), place, self._now())
        return BoltResponse(status=200, body=render_acknowledgement(answer))

    def press(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody pressed a button that asks what a command would ask."""
        place = parse_place(body)
        action_id = str(action["action_id"])
        command = parser.parse(_to_command_text(action_id, str(action.get("value") or "")))
        answer = self._dispatcher.dispatch(command, place, self._now())
        replace = action_id.startswith(_REPLACING_PREFIXES)
        self._responder.reply(str(body["response_url"]), render(answer), replace=replace)
        ack()

    def open_settings(self, ack: Ack, body: Body) -> None:
        """Somebody wants to change the channel's settings."""
        place = parse_place(body)
        answer = self._dispatcher.settings.show(place, self._now())
        view = settings.render_form(answer, place.channel_id)
        self._views.open(place.workspace_id, str(body["trigger_id"]), view)
        ack()

    def save_settings(self, ack: Ack, body: Body) -> None:
        """Somebody saved the channel's settings."""
        view = body["view"]
        place = Place(str(body["team"]["id"]), str(view["private_metadata"]), str(body["user"]["id"]))
        refused = self._explain_refusal(place)
        if refused:
            ack(response_action="errors", errors={settings.FIELD_NAMES[0]: refused})
            return
        answer = self._dispatcher.settings.change(settings.read_values(view), place, self._now())
        if answer.errors:
            ack(response_action="errors", errors={name: text.replace("`", "") for name, text in answer.errors})
        else:
            ack(response_action="update", view=settings.render_saved(answer))

    def _explain_refusal(self, place: Place) -> str:
        """Why the person may not save the settings of the channel that a form carries; empty where they may."""
        if not CHANNEL_ID.fullmatch(place.channel_id):
            return "This form is no longer valid; open it again."
        if not self._is_member(place):
            return "Only somebody in the channel may change its settings; Slack does not say that you are."
        denied = self._dispatcher.permissions.check(place, self._now())
        return render_plain_text(denied) if denied is not None else ""


def parse_place(body: Body) -> Place:
    """Where somebody acted, and who."""
    channel = body.get("channel") or body.get("container") or {}
    channel_id = channel.get("id") or channel.get("channel_id") or ""
    return Place(str(body["team"]["id"]), str(channel_id), str(body["user"]["id"]))


def _to_command_text(action_id: str, value: str) -> str:
    """The command a button stands for: `ask_0` carries it whole, others are a verb of their own."""
    if action_id.startswith("ask_"):
        return value
    if action_id.startswith("inventory_"):
        return f"subscriptions all {value}"
    return f"{action_id.partition('_')[0]} {value}"
