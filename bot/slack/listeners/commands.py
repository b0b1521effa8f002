"""Listeners for the command, for buttons that stand for a command, and for the settings form.

The command is answered in its acknowledgement. Buttons are answered through their response URL, without making the
request wait.
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

MESSAGE_TS = re.compile(r"\d{1,12}\.\d{1,8}")

CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{1,30}")
"""Channel IDs accepted from a form, which could be forged."""

COMMAND = "/dlvm"

_COMMAND_BUTTONS = re.compile(
    r"^(status|successor|subscribe|unsubscribe|ask_\d+|(subscriptions|inventory|audit)_(next|previous))$"
)
_REPLACING_PREFIXES = ("ask_", "subscriptions_", "inventory_", "audit_")
"""Buttons whose answer replaces the message they are in."""


class Responder(Protocol):
    """Answers buttons and messages. Futures never raise; failures are logged."""

    def reply(self, response_url: str, message: kit.Message, *, replace: bool) -> "Future[None]":
        """Start answering through a response URL."""
        ...

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: kit.Message, *, response_url: str = ""
    ) -> "Future[bool]":
        """Start posting a reply in a thread. If Slack refuses it, answer through the response URL if there is one."""
        ...


class CommandListeners:
    """Listeners for the command, its buttons and the settings form."""

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
        """Register the listeners."""
        app.command(COMMAND)(self.answer_command)
        app.action(_COMMAND_BUTTONS)(self.answer_button)
        app.action("settings_open")(self.open_settings)
        app.view(settings.SETTINGS)(self.save_settings)

    def answer_command(self, _: Ack, body: Body) -> BoltResponse:
        """Answer /dlvm in the acknowledgement."""
        place = Place(str(body["team_id"]), str(body["channel_id"]), str(body["user_id"]))
        answer = self._dispatcher.dispatch(parser.parse(str(body.get("text") or "")), place, self._now())
        return BoltResponse(status=200, body=render_acknowledgement(answer))

    def answer_button(self, ack: Ack, body: Body, action: Body) -> None:
        """Answer a button as if the command it stands for had been typed."""
        place = parse_place(body)
        action_id = str(action["action_id"])
        command = parser.parse(_to_command_text(action_id, str(action.get("value") or "")))
        answer = self._dispatcher.dispatch(command, place, self._now())
        replace = action_id.startswith(_REPLACING_PREFIXES)
        self._responder.reply(str(body["response_url"]), render(answer), replace=replace)
        ack()

    def open_settings(self, ack: Ack, body: Body) -> None:
        """Open the form with the channel's settings."""
        place = parse_place(body)
        answer = self._dispatcher.settings.show(place, self._now())
        view = settings.render_form(answer, place.channel_id)
        self._views.open(place.workspace_id, str(body["trigger_id"]), view)
        ack()

    def save_settings(self, ack: Ack, body: Body) -> None:
        """Save the channel's settings, or show errors under the fields."""
        view = body["view"]
        place = Place(str(body["team"]["id"]), str(view["private_metadata"]), str(body["user"]["id"]))
        refusal = self._explain_refusal(place)
        if refusal:
            ack(response_action="errors", errors={settings.FIELD_NAMES[0]: refusal})
            return
        answer = self._dispatcher.settings.change(settings.read_values(view), place, self._now())
        if answer.errors:
            ack(response_action="errors", errors={name: text.replace("`", "") for name, text in answer.errors})
        else:
            ack(response_action="update", view=settings.render_saved(answer))

    def _explain_refusal(self, place: Place) -> str:
        """Return why the person can't save the settings of the form's channel. Empty if they can."""
        if not CHANNEL_ID.fullmatch(place.channel_id):
            return "This form is no longer valid. Please open it again."
        if not self._is_member(place):
            return "Only channel members can change its settings, and Slack didn’t confirm that you’re one."
        denied = self._dispatcher.permissions.check(place, self._now())
        return render_plain_text(denied) if denied is not None else ""


def parse_place(body: Body) -> Place:
    """Return the workspace and channel of an interaction, and the person behind it."""
    channel = body.get("channel") or body.get("container") or {}
    channel_id = channel.get("id") or channel.get("channel_id") or ""
    return Place(str(body["team"]["id"]), str(channel_id), str(body["user"]["id"]))


def _to_command_text(action_id: str, value: str) -> str:
    """Return the command that a button stands for. The value of an `ask_` button is the whole command."""
    if action_id.startswith("ask_"):
        return value
    if action_id.startswith("inventory_"):
        return f"subscriptions all {value}"
    return f"{action_id.partition('_')[0]} {value}"
