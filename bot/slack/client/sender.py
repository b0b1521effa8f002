"""The Sender: the only caller of chat.postMessage and chat.update.

One event loop in its own thread, and one session in it that repeats nothing by itself: slack_sdk's default repeats
after a reset and would post twice.
"""

import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import json
from msgspec.structs import replace

from bot.answers import Message
from bot.policy.post_outcomes import Accepted, Ambiguous, PostOutcome, Refused, Remedy
from bot.slack.blocks.reminders import message as messages
from bot.slack.client import error_codes
from bot.slack.client.loop_thread import LoopThread

if TYPE_CHECKING:
    from bot.slack.client.web_api import WebApiClient

CALL_TIMEOUT = 10
"""Seconds for one call; a lease is several times that."""

EVENT_TYPE = "dlvm_reminder"
"""The metadata's type; its payload is a random key and nothing else, since every app may read it."""

logger = logging.getLogger(__name__)


class SlackSender:
    """Posts reminders, and answers buttons through their response URL."""

    def __init__(self, find_token: Callable[[str], str | None], base_url: str, timeout: int = CALL_TIMEOUT) -> None:
        self._find_token = find_token
        self._base_url = base_url
        self._timeout = timeout
        self._client: WebApiClient | None = None
        self._thread = LoopThread("slack-sender")
        self._get_loop_time = self._thread.loop.time

    def send(self, message: Message) -> "Future[PostOutcome]":
        """Starts posting; the future never raises."""
        return self._thread.start(self._send_in_time(message, self._get_loop_time()))

    def update(self, message: Message, message_ts: str) -> "Future[PostOutcome]":
        """Starts drawing a message anew; the future never raises, and doing it twice changes nothing."""
        return self._thread.start(self._catch_errors(partial(self._correct, message, message_ts)))

    def reply(self, response_url: str, message: dict[str, Any], *, replace: bool) -> "Future[None]":
        """Answers a button through its response URL, once; a failure is logged, for the person can press again."""
        return self._thread.start(self._reply(response_url, message, replace=replace))

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: dict[str, Any], *, response_url: str = ""
    ) -> "Future[bool]":
        """Starts answering in a thread, once; where Slack refuses, through the response URL if there is one.

        The future tells whether it stands in the thread, and never raises.
        """
        return self._thread.start(self._reply_in_thread(workspace_id, channel_id, thread_ts, message, response_url))

    def close(self) -> None:
        """Ends the loop and its session."""
        self._thread.close(self._close_client())

    def _get_client(self) -> "WebApiClient":
        """Made with the first call."""
        if self._client is None:
            from bot.slack.client.web_api import WebApiClient  # noqa: PLC0415 - aiohttp is slow to import

            self._client = WebApiClient(self._base_url, self._timeout)
        return self._client

    async def _close_client(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _send_in_time(self, message: Message, requested_at: float) -> PostOutcome:
        """Begins nothing that was asked for too long ago: the process may have been asleep before it got to it."""
        if self._get_loop_time() - requested_at > self._timeout:
            return Refused("TooLateError", Remedy.RETRY)
        return await self._catch_errors(partial(self._send, message))

    async def _catch_errors(self, call: Callable[[], Awaitable[PostOutcome]]) -> PostOutcome:
        """Whatever happens is an outcome: one message that can't be drawn or sent must not stop the others."""
        try:
            return await call()
        except Exception as error:
            logger.exception("posting a reminder failed in a way nobody foresaw")
            return Ambiguous(type(error).__name__)

    async def _send(self, message: Message) -> PostOutcome:
        token = self._find_token(message.workspace_id)
        if token is None:
            return Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        channel = message.channel_id
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": message.delivery_id}}
        try:
            drawn = messages.render(message)
            posted = _build_post(channel, metadata=metadata, **drawn)
        except Exception:
            logger.exception("a message for channel %s could not be drawn", channel)
            return Refused("could not be drawn", Remedy.UNKNOWN)
        outcome = await self._post(token, channel, posted)
        if isinstance(outcome, Refused) and outcome.error in (*error_codes.INVALID_CONTENT, *error_codes.BLOCKED_LINKS):
            logger.error("Slack refused how a reminder is drawn (%s); sending its plain text instead", outcome.error)
            flaw = outcome.error if outcome.error in error_codes.INVALID_CONTENT else ""
            plain = _build_post(channel, metadata=metadata, text=drawn["text"])
            outcome = _add_flaw(await self._post(token, channel, plain), flaw)
        if isinstance(outcome, Refused) and outcome.error in error_codes.INVALID_METADATA:
            logger.error("Slack refused a reminder's metadata (%s); sending it without", outcome.error)
            flaw = outcome.error
            outcome = _add_flaw(await self._post(token, channel, _build_post(channel, **drawn)), flaw)
        return outcome

    async def _correct(self, message: Message, message_ts: str) -> PostOutcome:
        token = self._find_token(message.workspace_id)
        if token is None:
            return Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        channel = message.channel_id
        body = json.encode({"channel": channel, "ts": message_ts, **messages.render(message)})
        return await self._get_client().call("chat.update", token, body, channel)

    async def _post(self, token: str, channel_id: str, body: bytes) -> PostOutcome:
        return await self._get_client().call("chat.postMessage", token, body, channel_id)

    async def _reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: dict[str, Any], response_url: str
    ) -> bool:
        token = self._find_token(workspace_id)
        outcome: PostOutcome = Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        if token is not None:
            body = _build_post(channel_id, thread_ts=thread_ts, **message)
            outcome = await self._catch_errors(partial(self._post, token, channel_id, body))
        if isinstance(outcome, Accepted):
            return True
        logger.warning("an answer in a thread of channel %s did not get there: %s", channel_id, outcome.error)
        if response_url and isinstance(outcome, Refused):
            await self._reply(response_url, message, replace=False)
        return False

    async def _reply(self, response_url: str, message: dict[str, Any], *, replace: bool) -> None:
        body = json.encode({**message, "response_type": "ephemeral", "replace_original": replace})
        problem = await self._get_client().respond(response_url, body)
        if problem:
            logger.warning("an answer to a button did not get there: %s", problem)


def _build_post(channel_id: str, **arguments: Any) -> bytes:  # noqa: ANN401 - Slack's own
    """The body of a post, which shows no previews of links."""
    return json.encode({"channel": channel_id, "unfurl_links": False, "unfurl_media": False, **arguments})


def _add_flaw(outcome: PostOutcome, flaw: str) -> PostOutcome:
    """What came of sending it again more plainly: where that worked, why it had to be is told along."""
    return replace(outcome, flaw=flaw) if isinstance(outcome, Accepted) else outcome
