"""What people ask in threads and direct messages, and the shortcut that checks a message: answered in its thread.

The answer is made before the acknowledgement; posting it is started and not waited for.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol

from slack_bolt import Ack, App, BoltContext

from bot import answers
from bot.commands import sentences
from bot.commands.dispatcher import Dispatcher
from bot.service.place import Place
from bot.service.versions.image_check import ImageChecker
from bot.slack.blocks import kit
from bot.slack.blocks.render import render
from storage import seen_events
from storage.database import Database

Body = dict[str, Any]

CHECK_SHORTCUT = "check_images"
"""The callback of the shortcut in a message's menu."""

_LEADING_NAME = re.compile(r"^\s*@?dlvm\b[\s,:]*", re.IGNORECASE)


class ThreadResponder(Protocol):
    """Posts answers into threads."""

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: kit.Message, *, response_url: str = ""
    ) -> "Future[bool]":
        """Starts posting; a failure is logged, never raised; a refusal is answered through the URL if there is one."""
        ...


class MentionListeners:
    """One method for each way to ask outside of the command."""

    def __init__(
        self,
        database: Database,
        dispatcher: Dispatcher,
        image_check: ImageChecker,
        responder: ThreadResponder,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._image_check = image_check
        self._responder = responder
        self._now = now

    def register(self, app: App) -> None:
        """Mentions, direct messages, and the shortcut."""
        app.event("app_mention")(self.answer_mention)
        app.event("message")(self.answer_direct_message)
        app.message_shortcut(CHECK_SHORTCUT)(self.check_message)

    def answer_mention(self, ack: Ack, body: Body, event: Body, context: BoltContext) -> None:
        """Somebody wrote @dlvm in a channel; in a direct message the other event tells the same."""
        if not str(event.get("channel", "")).startswith("D"):
            self._answer(str(body["event_id"]), event, context)
        ack()

    def answer_direct_message(self, ack: Ack, body: Body, event: Body, context: BoltContext) -> None:
        """Somebody wrote something; only direct messages are for the bot."""
        if event.get("channel_type") == "im":
            self._answer(str(body["event_id"]), event, context)
        ack()

    def check_message(self, ack: Ack, body: Body) -> None:
        """Somebody wants to know how the images in a message stand."""
        place = Place(str(body["team"]["id"]), str(body["channel"]["id"]), str(body["user"]["id"]))
        answer = self._image_check.check(extract_text(body["message"]), place, self._now())
        self._post(place, body["message"], answer, str(body.get("response_url") or ""))
        ack()

    def _answer(self, event_id: str, event: Body, context: BoltContext) -> None:
        """Answers what a person wrote, once however often Slack tells; bots, edits and notices are no questions."""
        if event.get("bot_id") or event.get("subtype") or not event.get("user"):
            return
        place = Place(str(context.team_id), str(event["channel"]), str(event["user"]))
        if not self._record_event(place.workspace_id, event_id):
            return
        asked = sentences.parse(_strip_bot_name(str(event.get("text") or ""), context.bot_user_id or ""))
        if isinstance(asked, sentences.CheckText):
            answer: answers.Answer = self._image_check.check(asked.text, place, self._now())
        else:
            answer = self._dispatcher.dispatch(asked, place, self._now())
        self._post(place, event, answer)

    def _record_event(self, workspace_id: str, event_id: str) -> bool:
        with self._database.transaction() as session:
            return seen_events.add(session, f"{workspace_id}:{event_id}", self._now())

    def _post(self, place: Place, message: Body, answer: answers.Answer, response_url: str = "") -> None:
        thread_ts = str(message.get("thread_ts") or message["ts"])
        self._responder.reply_in_thread(
            place.workspace_id, place.channel_id, thread_ts, render(answer), response_url=response_url
        )


def _strip_bot_name(text: str, bot_user_id: str) -> str:
    """The question without the bot's own name."""
    text = re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>", " ", text) if bot_user_id else text
    return _LEADING_NAME.sub("", text).strip(" ,:")


MAX_TEXT_LENGTH = 60_000
"""Characters that are kept."""

MAX_DEPTH = 12
"""Blocks within blocks that are looked into; Slack's own go half as deep."""

_TEXT_RUNS = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
"""Whose pieces are one text, cut where its style changes."""
_TEXT_KEYS = ("title", "pretext", "text", "value", "fallback", "url", "title_link")
_CHILD_KEYS = ("blocks", "elements", "fields", "rows", "attachments", "text", "accessory", "message_blocks", "message")


def extract_text(message: Mapping[str, Any]) -> str:
    """What the message says, every part on lines of its own; never raises, whatever the message holds."""
    return "\n".join(_iterate_texts(message, 0))[:MAX_TEXT_LENGTH]


def _iterate_texts(part: object, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(part, list):
        for one in part:
            yield from _iterate_texts(one, depth + 1)
    elif isinstance(part, Mapping):
        pieces = part.get("elements")
        if str(part.get("type")) in _TEXT_RUNS and isinstance(pieces, list):
            yield "".join(_join_piece(piece) for piece in pieces if isinstance(piece, Mapping))
            return
        yield from (text for key in _TEXT_KEYS if isinstance(text := part.get(key), str) and text)
        for key in _CHILD_KEYS:
            yield from _iterate_texts(part.get(key), depth + 1)


def _join_piece(piece: Mapping[str, Any]) -> str:
    """A piece of a run: its text; of a link its address too."""
    text, url = piece.get("text"), piece.get("url")
    said = [str(each) for each in (text, url) if isinstance(each, str) and each]
    return "\n".join(said) if url else "".join(said)
