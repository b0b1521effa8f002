"""What people do in Slack: read it, call a use case, draw the answer, acknowledge.

The acknowledgement is the answer: nothing follows it. Buttons are answered through their response URL, off the
request's path.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol

from slack_bolt import Ack, BoltResponse

from bot.service.place import Place
from bot.slack import commands
from bot.slack.blocks import kit, modals
from bot.slack.blocks.draw import acknowledgement, draw
from bot.slack.conversation import Conversation
from bot.slack.surfaces import Surfaces

Body = dict[str, Any]

_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{1,30}")
_REPLACING = ("ask_", "subscriptions_")
"""Buttons whose answer takes the place of the message they stand on."""


class Replies(Protocol):
    """Answers buttons through their response URL."""

    def reply(self, response_url: str, message: kit.Message, *, replace: bool) -> "Future[None]":
        """Starts answering; failures are logged, never raised."""
        ...


class Listeners:
    """One method for each thing a person can do."""

    def __init__(
        self, conversation: Conversation, replies: Replies, surfaces: Surfaces, now: Callable[[], datetime]
    ) -> None:
        self._conversation = conversation
        self._replies = replies
        self._surfaces = surfaces
        self._now = now

    def command(self, body: Body) -> BoltResponse:
        """Somebody typed /dlvm."""
        place = Place(str(body["team_id"]), str(body["channel_id"]), str(body["user_id"]))
        answer = self._conversation.answer(commands.read(str(body.get("text") or "")), place, self._now())
        return BoltResponse(status=200, body=acknowledgement(answer))

    def press(self, ack: Ack, body: Body, action: Body) -> None:
        """Somebody pressed a button that asks what a command would ask."""
        place = _place(body)
        action_id = str(action["action_id"])
        command = commands.read(_asked(action_id, str(action.get("value") or "")))
        answer = self._conversation.answer(command, place, self._now())
        replace = action_id.startswith(_REPLACING)
        self._replies.reply(str(body["response_url"]), draw(answer), replace=replace)
        ack()

    def open_settings(self, ack: Ack, body: Body) -> None:
        """Somebody wants to change the channel's settings."""
        place = _place(body)
        answer = self._conversation.settings.show(place, self._now())
        view = modals.channel_settings(answer, place.channel_id)
        self._surfaces.open(place.workspace_id, str(body["trigger_id"]), view)
        ack()

    def save_settings(self, ack: Ack, body: Body) -> None:
        """Somebody saved the channel's settings."""
        view = body["view"]
        channel_id = str(view["private_metadata"])
        if not _CHANNEL_ID.fullmatch(channel_id):
            ack(response_action="errors", errors={modals.NAMES[0]: "This form is no longer valid; open it again."})
            return
        place = Place(str(body["team"]["id"]), channel_id, str(body["user"]["id"]))
        wishes = [(name, _typed(view, name)) for name in modals.NAMES if name in view["state"]["values"]]
        answer = self._conversation.settings.change(wishes, place, self._now())
        if answer.problems:
            ack(response_action="errors", errors={name: text.replace("`", "") for name, text in answer.problems})
        else:
            ack(response_action="update", view=modals.saved(answer))

    def nothing(self, ack: Ack) -> None:
        """Something that needs no answer, such as a link button or an event."""
        ack()


def _place(body: Body) -> Place:
    channel = body.get("channel") or body.get("container") or {}
    channel_id = channel.get("id") or channel.get("channel_id") or ""
    return Place(str(body["team"]["id"]), str(channel_id), str(body["user"]["id"]))


def _asked(action_id: str, value: str) -> str:
    """The command a button stands for: `ask_0` carries it whole, others are a verb of their own."""
    if action_id.startswith("ask_"):
        return value
    return f"{action_id.partition('_')[0]} {value}"


def _typed(view: Body, name: str) -> str:
    return str(view["state"]["values"][name][name].get("value") or "").strip()
