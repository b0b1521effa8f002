"""Listeners for the command, and for buttons that stand for a command.

The command is answered in its acknowledgement. Buttons are answered through their response URL, without making the
request wait.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct
from slack_bolt import Ack, BoltResponse

from bot import answers
from bot.commands import parser
from bot.commands.dispatcher import Dispatcher
from bot.commands.model import Command
from bot.service.place import Place
from bot.slack.blocks.render import render, render_acknowledgement
from bot.slack.listeners.requests import Body, Responder, parse_place

COMMAND = "/dlvm"

BUTTONS = re.compile(
    r"^(status|successor|subscribe|unsubscribe|ask_\d+|(subscriptions|inventory|audit)_(next|previous))$"
)
"""Action IDs of buttons that stand for a command."""

_REPLACING_PREFIXES = ("ask_", "subscriptions_", "inventory_", "audit_")
"""Buttons whose answer replaces the message they are in."""

OpenForm = Callable[[Place, str], answers.Answer | None]
"""Opens a form for a place and a trigger ID, or returns why it can't be opened."""


class CommandListeners(Struct, frozen=True):
    """Listeners for the command and its buttons."""

    dispatcher: Dispatcher
    forms: Mapping[type[Command], OpenForm]
    """Commands that open a form if they are typed in Slack."""
    responder: Responder
    now: Callable[[], datetime]

    def answer_command(self, body: Body) -> BoltResponse:
        """Answer /dlvm in the acknowledgement. If a form was opened, the acknowledgement is empty."""
        command, place = parser.parse(str(body.get("text") or "")), parse_place(body)
        open_form = self.forms.get(type(command))
        if open_form is None:
            answer: answers.Answer | None = self.dispatcher.dispatch(command, place, self.now())
        else:
            answer = open_form(place, str(body["trigger_id"]))
        return BoltResponse(status=200, body=render_acknowledgement(answer) if answer else "")

    def answer_button(self, ack: Ack, body: Body, action: Body) -> None:
        """Answer a button as if the command it stands for had been typed."""
        action_id = str(action["action_id"])
        command = parser.parse(_to_command_text(action_id, str(action.get("value") or "")))
        answer = self.dispatcher.dispatch(command, parse_place(body), self.now())
        replace = action_id.startswith(_REPLACING_PREFIXES)
        self.responder.reply(str(body["response_url"]), render(answer), replace=replace)
        ack()


def _to_command_text(action_id: str, value: str) -> str:
    if action_id.startswith("ask_"):
        return value
    if action_id.startswith("inventory_"):
        return f"subscriptions all {value}"
    return f"{action_id.partition('_')[0]} {value}"
