"""Listeners for mentions, direct messages and the message shortcut, answered in a thread.

The answer is computed before the acknowledgement. Posting it doesn't make the request wait.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from slack_bolt import Ack, BoltContext

from bot import answers
from bot.commands import parser
from bot.commands.dispatcher import Dispatcher
from bot.service.place import Place
from bot.service.versions.image_check import ImageChecker
from bot.slack.blocks.render import render
from bot.slack.listeners.requests import Body, Responder, parse_place
from storage import seen_events
from storage.database import Database

CHECK_SHORTCUT = "check_images"
"""Callback ID of the shortcut in a message's menu."""

MAX_TEXT_LENGTH = 60_000
"""Characters of a message that are checked."""

MAX_DEPTH = 12
"""Levels of nested blocks that are read. Slack's own blocks have about six."""

_LEADING_NAME = re.compile(r"^\s*@?dlvm\b[\s,:]*", re.IGNORECASE)
_TEXT_RUNS = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
"""Elements whose parts are one text, split where the style changes."""
_TEXT_KEYS = ("title", "pretext", "text", "value", "fallback", "url", "title_link")
_CHILD_KEYS = ("blocks", "elements", "fields", "rows", "attachments", "text", "accessory", "message_blocks", "message")


class MentionListeners(Struct, frozen=True):
    """Listeners for questions asked without the command."""

    database: Database
    dispatcher: Dispatcher
    image_check: ImageChecker
    responder: Responder
    now: Callable[[], datetime]

    def answer_mention(self, ack: Ack, body: Body, event: Body, context: BoltContext) -> None:
        """Answer a mention in a channel. A mention in a direct message also arrives as a message event."""
        if not str(event.get("channel", "")).startswith("D"):
            self._answer(body, event, context.bot_user_id or "")
        ack()

    def answer_direct_message(self, ack: Ack, body: Body, event: Body, context: BoltContext) -> None:
        """Answer a direct message. Messages in channels are ignored."""
        if event.get("channel_type") == "im":
            self._answer(body, event, context.bot_user_id or "")
        ack()

    def check_message(self, ack: Ack, body: Body) -> None:
        """Check the images named in a message."""
        place = parse_place(body)
        answer = self.image_check.check(extract_text(body["message"]), place, self.now())
        self._post(place, body["message"], answer, str(body.get("response_url") or ""))
        ack()

    def _answer(self, body: Body, event: Body, bot_user_id: str) -> None:
        """Answer a person's message once, even if Slack repeats the event. Ignore bots, edits and notices."""
        if event.get("bot_id") or event.get("subtype") or not event.get("user"):
            return
        place, now = parse_place(body), self.now()
        key = f"{place.workspace_id}:{body['event_id']}"
        if not self.database.run(lambda session: seen_events.add(session, key, now)):
            return
        question = parser.parse_sentence(_strip_bot_name(str(event.get("text") or ""), bot_user_id))
        if isinstance(question, parser.CheckText):
            answer: answers.Answer = self.image_check.check(question.text, place, now)
        else:
            answer = self.dispatcher.dispatch(question, place, now)
        self._post(place, event, answer)

    def _post(self, place: Place, message: Body, answer: answers.Answer, response_url: str = "") -> None:
        thread_ts = str(message.get("thread_ts") or message["ts"])
        self.responder.reply_in_thread(
            place.workspace_id, place.channel_id, thread_ts, render(answer), response_url=response_url
        )


def _strip_bot_name(text: str, bot_user_id: str) -> str:
    text = re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>", " ", text) if bot_user_id else text
    return _LEADING_NAME.sub("", text).strip(" ,:")


def extract_text(message: Mapping[str, Any]) -> str:
    """Return every text in a message, its blocks and its attachments, each on its own line. Never raises."""
    return "\n".join(_iterate_texts(message, 0))[:MAX_TEXT_LENGTH]


def _iterate_texts(part: object, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(part, list):
        for item in part:
            yield from _iterate_texts(item, depth + 1)
    elif isinstance(part, Mapping):
        elements = part.get("elements")
        if str(part.get("type")) in _TEXT_RUNS and isinstance(elements, list):
            yield "".join(_join_element(element) for element in elements if isinstance(element, Mapping))
            return
        yield from (text for key in _TEXT_KEYS if isinstance(text := part.get(key), str) and text)
        for key in _CHILD_KEYS:
            yield from _iterate_texts(part.get(key), depth + 1)


def _join_element(element: Mapping[str, Any]) -> str:
    """Return the text of an element. For a link, add its address on a line of its own."""
    text, url = element.get("text"), element.get("url")
    return "\n".join(str(value) for value in (text, url) if isinstance(value, str) and value)
