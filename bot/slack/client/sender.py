"""The sender: the only caller of chat.postMessage and chat.update.

Calls run on an event loop in their own thread. They are never retried here: slack_sdk retries after a connection reset
by default, which would post a message twice.
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
from bot.slack.blocks.reminders.message import render
from bot.slack.client import error_codes
from bot.slack.client.loop_thread import LoopThread

if TYPE_CHECKING:
    from bot.slack.client.web_api import WebApiClient

CALL_TIMEOUT = 10
"""Seconds for one call. A lease lasts several times as long."""

EVENT_TYPE = "dlvm_reminder"
"""The event type in the metadata of messages. Any app can read metadata, so the payload is only a random key."""

logger = logging.getLogger(__name__)


class SlackSender:
    """Posts messages, and answers buttons through their response URLs."""

    def __init__(self, find_token: Callable[[str], str | None], base_url: str, timeout: int = CALL_TIMEOUT) -> None:
        self._find_token = find_token
        self._base_url = base_url
        self._timeout = timeout
        self._client: WebApiClient | None = None
        self._thread = LoopThread("slack-sender")
        self._get_loop_time = self._thread.loop.time

    def send(self, message: Message) -> "Future[PostOutcome]":
        """Start posting a message. The future never raises."""
        return self._thread.start(self._send_in_time(message, self._get_loop_time()))

    def update(self, message: Message, message_ts: str) -> "Future[PostOutcome]":
        """Start replacing a posted message. The future never raises, and updating twice is harmless."""
        return self._thread.start(self._catch_errors(partial(self._update, message, message_ts)))

    def reply(self, response_url: str, message: dict[str, Any], *, replace: bool) -> "Future[None]":
        """Start answering a button through its response URL. A failure is logged; the person can press again."""
        return self._thread.start(self._reply(response_url, message, replace=replace))

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: dict[str, Any], *, response_url: str = ""
    ) -> "Future[bool]":
        """Start posting a reply in a thread. If Slack refuses it, answer through the response URL if there is one.

        The future is True if the reply was posted in the thread, and never raises.
        """
        return self._thread.start(self._reply_in_thread(workspace_id, channel_id, thread_ts, message, response_url))

    def close(self) -> None:
        """Close the session and stop the thread."""
        self._thread.close(self._close_client())

    def _get_client(self) -> "WebApiClient":
        if self._client is None:
            from bot.slack.client.web_api import WebApiClient  # noqa: PLC0415 - aiohttp is slow to import

            self._client = WebApiClient(self._base_url, self._timeout)
        return self._client

    async def _close_client(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _send_in_time(self, message: Message, requested_at: float) -> PostOutcome:
        """Post a message unless it was requested too long ago: the process might have been suspended since."""
        if self._get_loop_time() - requested_at > self._timeout:
            return Refused("TooLateError", Remedy.RETRY)
        return await self._catch_errors(partial(self._send, message))

    async def _catch_errors(self, call: Callable[[], Awaitable[PostOutcome]]) -> PostOutcome:
        """Return an outcome whatever happens: one message that can't be sent must not stop the others."""
        try:
            return await call()
        except Exception as error:
            logger.exception("Unexpected error while calling Slack")
            return Ambiguous(type(error).__name__)

    async def _send(self, message: Message) -> PostOutcome:
        token = self._find_token(message.workspace_id)
        if token is None:
            return Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        channel = message.channel_id
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": message.delivery_id}}
        try:
            content = render(message)
            body = _build_post(channel, metadata=metadata, **content)
        except Exception:
            logger.exception("Could not render a message for channel %s", channel)
            return Refused("could not be rendered", Remedy.UNKNOWN)
        outcome = await self._post(token, channel, body)
        if isinstance(outcome, Refused) and outcome.error in (*error_codes.INVALID_CONTENT, *error_codes.BLOCKED_LINKS):
            logger.error("Slack refused the content of a message (%s): sending its plain text", outcome.error)
            flaw = outcome.error if outcome.error in error_codes.INVALID_CONTENT else ""
            body = _build_post(channel, metadata=metadata, text=content["text"])
            outcome = _add_flaw(await self._post(token, channel, body), flaw)
        if isinstance(outcome, Refused) and outcome.error in error_codes.INVALID_METADATA:
            logger.error("Slack refused the metadata of a message (%s): sending it without metadata", outcome.error)
            flaw = outcome.error
            outcome = _add_flaw(await self._post(token, channel, _build_post(channel, **content)), flaw)
        return outcome

    async def _update(self, message: Message, message_ts: str) -> PostOutcome:
        token = self._find_token(message.workspace_id)
        if token is None:
            return Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        channel = message.channel_id
        body = json.encode({"channel": channel, "ts": message_ts, **render(message)})
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
        logger.warning("Could not reply in a thread of channel %s: %s", channel_id, outcome.error)
        if response_url and isinstance(outcome, Refused):
            await self._reply(response_url, message, replace=False)
        return False

    async def _reply(self, response_url: str, message: dict[str, Any], *, replace: bool) -> None:
        body = json.encode({**message, "response_type": "ephemeral", "replace_original": replace})
        problem = await self._get_client().respond(response_url, body)
        if problem:
            logger.warning("Could not answer a button: %s", problem)


def _build_post(channel_id: str, **arguments: Any) -> bytes:  # noqa: ANN401 - arguments of chat.postMessage
    return json.encode({"channel": channel_id, "unfurl_links": False, "unfurl_media": False, **arguments})


def _add_flaw(outcome: PostOutcome, flaw: str) -> PostOutcome:
    """Note on an accepted message why it was sent in a simpler form."""
    return replace(outcome, flaw=flaw) if isinstance(outcome, Accepted) else outcome
