"""What people ask in threads and direct messages, and the shortcut that checks a message: answered in its thread.

The answer is made before the acknowledgement; posting it is started and not waited for.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol

from slack_bolt import Ack, App, BoltContext

from bot import answers
from bot.commands import sentences
from bot.commands.dispatcher import Conversation
from bot.service.place import Place
from bot.service.versions.image_check import Checking
from bot.slack import written
from bot.slack.blocks import kit
from bot.slack.blocks.render import draw
from storage import seen_events
from storage.database import Database

Body = dict[str, Any]

CHECK = "check_images"
"""The callback of the shortcut in a message's menu."""

_LEADING_NAME = re.compile(r"^\s*@?dlvm\b[\s,:]*", re.IGNORECASE)


class Answering(Protocol):
    """Posts answers into threads."""

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: kit.Message, *, response_url: str = ""
    ) -> "Future[bool]":
        """Starts posting; a failure is logged, never raised; a refusal is answered through the URL if there is one."""
        ...


class Threads:
    """One method for each way to ask outside of the command."""

    def __init__(
        self,
        database: Database,
        conversation: Conversation,
        checking: Checking,
        answering: Answering,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._conversation = conversation
        self._checking = checking
        self._answering = answering
        self._now = now

    def register(self, app: App) -> None:
        """Mentions, direct messages, and the shortcut."""
        app.event("app_mention")(self.mentioned)
        app.event("message")(self.written)
        app.message_shortcut(CHECK)(self.check)

    def mentioned(self, ack: Ack, body: Body, event: Body, context: BoltContext) -> None:
        """Somebody wrote @dlvm in a channel; in a direct message the other event tells the same."""
        if not str(event.get("channel", "")).startswith("D"):
            self._answer(str(body["event_id"]), event, context)
        ack()

    def written(self, ack: Ack, body: Body, event: Body, context: BoltContext) -> None:
        """Somebody wrote something; only direct messages are for the bot."""
        if event.get("channel_type") == "im":
            self._answer(str(body["event_id"]), event, context)
        ack()

    def check(self, ack: Ack, body: Body) -> None:
        """Somebody wants to know how the images in a message stand."""
        place = Place(str(body["team"]["id"]), str(body["channel"]["id"]), str(body["user"]["id"]))
        answer = self._checking.check(written.in_message(body["message"]), place, self._now())
        self._post(place, body["message"], answer, str(body.get("response_url") or ""))
        ack()

    def _answer(self, event_id: str, event: Body, context: BoltContext) -> None:
        """Answers what a person wrote, once however often Slack tells; bots, edits and notices are no questions."""
        if event.get("bot_id") or event.get("subtype") or not event.get("user"):
            return
        place = Place(str(context.team_id), str(event["channel"]), str(event["user"]))
        if not self._is_new(place.workspace_id, event_id):
            return
        asked = sentences.read(_without_name(str(event.get("text") or ""), context.bot_user_id or ""))
        if isinstance(asked, sentences.CheckText):
            answer: answers.Answer = self._checking.check(asked.text, place, self._now())
        else:
            answer = self._conversation.answer(asked, place, self._now())
        self._post(place, event, answer)

    def _is_new(self, workspace_id: str, event_id: str) -> bool:
        with self._database.transaction() as session:
            return seen_events.remember(session, f"{workspace_id}:{event_id}", self._now())

    def _post(self, place: Place, message: Body, answer: answers.Answer, response_url: str = "") -> None:
        thread_ts = str(message.get("thread_ts") or message["ts"])
        self._answering.reply_in_thread(
            place.workspace_id, place.channel_id, thread_ts, draw(answer), response_url=response_url
        )


def _without_name(text: str, bot_user_id: str) -> str:
    """The question without the bot's own name."""
    text = re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>", " ", text) if bot_user_id else text
    return _LEADING_NAME.sub("", text).strip(" ,:")
