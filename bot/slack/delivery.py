"""The Sender: the only caller of chat.postMessage and chat.update.

One event loop in its own thread and one shared session; a client that repeats nothing by itself, because
slack_sdk's default repeats after a reset and would post twice.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.answers import Message
from bot.policy.sending import Accepted, Ambiguous, Outcome, Refused, Remedy
from bot.slack import errors
from bot.slack.blocks import messages

TIMEOUT = 10
"""Seconds for one call; a lease is several times that."""

EVENT_TYPE = "dlvm_reminder"
"""The metadata's type; its payload is a random key and nothing else, since every app may read it."""

logger = logging.getLogger(__name__)


class TooLateError(aiohttp.ClientError):
    """The time for a call was over before anything was sent."""


class SlackSender:
    """Posts reminders, and answers buttons through their response URL."""

    def __init__(self, token_of: Callable[[str], str | None], base_url: str, timeout: int = TIMEOUT) -> None:
        self._token_of = token_of
        self._base_url = base_url
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._session: aiohttp.ClientSession | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="slack-sender", daemon=True)
        self._thread.start()

    def send(self, message: Message) -> "Future[Outcome]":
        """Starts posting; the future never raises."""
        return asyncio.run_coroutine_threadsafe(self._in_time(self._send(message), self._loop.time()), self._loop)

    def correct(self, message: Message, message_ts: str) -> "Future[Outcome]":
        """Starts drawing a message anew; the future never raises, and doing it twice changes nothing."""
        return asyncio.run_coroutine_threadsafe(self._guarded(self._correct(message, message_ts)), self._loop)

    def reply(self, response_url: str, message: dict[str, Any], *, replace: bool) -> "Future[None]":
        """Answers a button through its response URL, once; a failure is logged, for the person can press again."""
        return asyncio.run_coroutine_threadsafe(self._reply(response_url, message, replace=replace), self._loop)

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: dict[str, Any], *, response_url: str = ""
    ) -> "Future[bool]":
        """Starts answering in a thread, once; where Slack refuses, through the response URL if there is one.

        The future tells whether it stands in the thread, and never raises.
        """
        call = self._reply_in_thread(workspace_id, channel_id, thread_ts, message, response_url)
        return asyncio.run_coroutine_threadsafe(call, self._loop)

    def close(self) -> None:
        """Ends the loop and its session."""
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=TIMEOUT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=TIMEOUT)
        self._loop.close()

    async def _shared(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout), trace_configs=[self._punctual()]
            )
        return self._session

    def _punctual(self) -> aiohttp.TraceConfig:
        """Stops a call before its first byte where its time is over: the process may have been asleep."""

        async def begin(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
            context.begun = self._loop.time()

        async def check(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
            if self._loop.time() - context.begun > self._timeout:
                raise TooLateError

        tracing = aiohttp.TraceConfig()
        tracing.on_request_start.append(begin)
        tracing.on_connection_create_end.append(check)
        tracing.on_connection_reuseconn.append(check)
        tracing.on_request_headers_sent.append(check)  # called just before they are
        tracing.on_request_chunk_sent.append(check)
        return tracing

    async def _end(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _in_time(self, call: Coroutine[Any, Any, Outcome], asked_at: float) -> Outcome:
        """Begins nothing that was asked for too long ago: the process may have been asleep before it got to it."""
        if self._loop.time() - asked_at > self._timeout:
            call.close()
            return Refused(TooLateError.__name__, Remedy.RETRY)
        return await self._guarded(call)

    async def _guarded(self, call: Awaitable[Outcome]) -> Outcome:
        """Whatever happens is an outcome: one message that can't be drawn or sent must not stop the others."""
        try:
            return await call
        except Exception as error:
            logger.exception("posting a reminder failed in a way nobody foresaw")
            return Ambiguous(type(error).__name__)

    async def _send(self, message: Message) -> Outcome:
        token = self._token_of(message.workspace_id)
        if token is None:
            return Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        try:
            drawn = messages.message(message)
        except Exception:
            logger.exception("a message for channel %s could not be drawn", message.channel_id)
            return Refused("could not be drawn", Remedy.UNKNOWN)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": message.delivery_id}}
        outcome = await self._post(token, message.channel_id, metadata=metadata, **drawn)
        if isinstance(outcome, Refused) and outcome.error in (*errors.DRAWN_WRONG, *errors.LINKS_BARRED):
            logger.error("Slack refused how a reminder is drawn (%s); sending its plain text instead", outcome.error)
            flaw = outcome.error if outcome.error in errors.DRAWN_WRONG else ""
            outcome = await self._post(token, message.channel_id, metadata=metadata, text=drawn["text"])
            outcome = _plainer(outcome, flaw)
        if isinstance(outcome, Refused) and outcome.error in errors.BAD_METADATA:
            logger.error("Slack refused a reminder's metadata (%s); sending it without", outcome.error)
            flaw = outcome.error
            outcome = _plainer(await self._post(token, message.channel_id, **drawn), flaw)
        return outcome

    async def _correct(self, message: Message, message_ts: str) -> Outcome:
        token = self._token_of(message.workspace_id)
        if token is None:
            return Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        client = await self._client(token)
        drawn = messages.message(message)
        return await self._outcome(
            client.chat_update(channel=message.channel_id, ts=message_ts, **drawn), message.channel_id
        )

    async def _post(self, token: str, channel_id: str, **arguments: Any) -> Outcome:  # noqa: ANN401 - Slack's own
        client = await self._client(token)
        return await self._outcome(
            client.chat_postMessage(channel=channel_id, unfurl_links=False, unfurl_media=False, **arguments), channel_id
        )

    async def _client(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(
            token, base_url=self._base_url, timeout=self._timeout, session=await self._shared(), retry_handlers=[]
        )

    async def _outcome(self, call: Awaitable[AsyncSlackResponse], channel_id: str) -> Outcome:
        try:
            answer = await call
        except SlackApiError as error:
            return _refusal(error)
        except (aiohttp.ClientConnectorError, TooLateError) as error:  # nothing went out: DNS, TLS, refused, asleep
            return Refused(type(error).__name__, Remedy.RETRY)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Ambiguous(type(error).__name__)
        return _accepted(answer, channel_id)

    async def _reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: dict[str, Any], response_url: str
    ) -> bool:
        token = self._token_of(workspace_id)
        outcome: Outcome = Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
        if token is not None:
            outcome = await self._guarded(self._post(token, channel_id, thread_ts=thread_ts, **message))
        if isinstance(outcome, Accepted):
            return True
        logger.warning("an answer in a thread of channel %s did not get there: %s", channel_id, outcome.error)
        if response_url and isinstance(outcome, Refused):
            await self._reply(response_url, message, replace=False)
        return False

    async def _reply(self, response_url: str, message: dict[str, Any], *, replace: bool) -> None:
        client = AsyncWebhookClient(response_url, timeout=TIMEOUT, session=await self._shared(), retry_handlers=[])
        try:
            answer = await client.send_dict({**message, "response_type": "ephemeral", "replace_original": replace})
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            logger.warning("an answer to a button did not reach Slack: %s", type(error).__name__)
            return
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP's OK
            logger.warning("an answer to a button was refused: HTTP %s", answer.status_code)


def _plainer(outcome: Outcome, flaw: str) -> Outcome:
    """What came of sending it again more plainly: where that worked, why it had to be is told along."""
    return replace(outcome, flaw=flaw) if isinstance(outcome, Accepted) else outcome


def _accepted(answer: AsyncSlackResponse, channel_id: str) -> Outcome:
    ts = answer.get("ts")
    direct = channel_id.startswith(("U", "W"))  # posting to a person answers with the direct message's own id
    if (answer.get("channel") != channel_id and not direct) or not isinstance(ts, str) or not ts:
        return Ambiguous("answer without the channel and ts asked for")
    return Accepted(ts)


def _refusal(error: SlackApiError) -> Outcome:
    """By HTTP status first, then by code: slack_sdk raises the same class for all of them."""
    response = error.response
    status = _status(response)
    if status == errors.TOO_MANY_REQUESTS:
        headers = {key.lower(): value for key, value in response.headers.items()}
        return Refused("ratelimited", Remedy.RETRY, errors.seconds(headers.get("retry-after")))
    if status >= errors.SERVER_ERROR:
        return Ambiguous(f"HTTP {status}")
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(code, str) or data.get("ok") is not False:
        return Ambiguous("an answer that is not Slack's")
    if not errors.is_known(code):
        logger.warning("Slack answered %r to chat.postMessage: a code to add to the table", code)
    return errors.outcome_of(code)


def _status(response: object) -> int:
    """slack_sdk gives its own response, or aiohttp's where the body was not JSON."""
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
