"""One call of Slack's Web API that changes something, and what its answer proves.

By aiohttp itself, which repeats no POST: slack_sdk's client would take twice as long, around the same session.
Imported with the first call, for aiohttp is slow to import and nothing that only answers needs it.
"""

import asyncio
import logging
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from msgspec import DecodeError, json
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env
from slack_sdk.web.internal_utils import get_user_agent
from yarl import URL

from bot.policy.post_outcomes import Accepted, Ambiguous, PostOutcome, Refused, Remedy
from bot.slack.client import error_codes

_OK = 200
_JSON = "application/json;charset=utf-8"

logger = logging.getLogger(__name__)


class TooLateError(TimeoutError):
    """The time for a call was over before anything was sent."""


class _ExpiringPayload(aiohttp.BytesPayload):
    """A body that does not go out once its time is over: the process may have been asleep.

    aiohttp holds the headers back for it, so that nothing has been sent by then.
    """

    def __init__(self, body: bytes, expires_at: float) -> None:
        super().__init__(body, content_type=_JSON)
        self._expires_at = expires_at

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Writes the body; raises TooLateError."""
        if asyncio.get_running_loop().time() > self._expires_at:
            raise TooLateError
        await super().write_with_length(writer, content_length)


class WebApiClient:
    """Calls with one shared session; made and used in an event loop."""

    def __init__(self, base_url: str, timeout: float) -> None:
        self._base = URL(base_url)
        self._timeout = timeout
        self._urls: dict[str, URL] = {}
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": get_user_agent()},
            proxy=load_http_proxy_from_env(),
        )

    async def close(self) -> None:
        """Ends the session."""
        await self._session.close()

    async def call(self, method: str, token: str, body: bytes, channel_id: str) -> PostOutcome:
        """Calls a method of chat with its arguments as JSON; never raises for what Slack or the network does."""
        url = self._urls.get(method) or self._urls.setdefault(method, self._base / method)
        data = _ExpiringPayload(body, asyncio.get_running_loop().time() + self._timeout)
        headers = {"Authorization": f"Bearer {token.strip()}"}  # a file's last line ends with its line
        try:
            async with self._session.post(url, data=data, headers=headers, allow_redirects=False) as answer:
                return _parse_outcome(answer.status, answer.headers, await answer.read(), channel_id)
        except (aiohttp.ClientConnectorError, TooLateError) as error:  # nothing went out: DNS, TLS, refused, asleep
            return Refused(type(error).__name__, Remedy.RETRY)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Ambiguous(type(error).__name__)

    async def respond(self, response_url: str, body: bytes) -> str:
        """Answers through a response URL; why it did not get there, or nothing."""
        try:
            payload = aiohttp.BytesPayload(body, content_type=_JSON)
            async with self._session.post(response_url, data=payload, allow_redirects=False) as answer:
                return "" if answer.status == _OK else f"HTTP {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__


def _parse_outcome(status: int, headers: Any, body: bytes, channel_id: str) -> PostOutcome:  # noqa: ANN401 - aiohttp's mapping
    """By HTTP status first, then by what the body says."""
    if status == error_codes.TOO_MANY_REQUESTS:
        return Refused("ratelimited", Remedy.RETRY, error_codes.parse_retry_after(headers.get("Retry-After")))
    if status >= error_codes.SERVER_ERROR:
        return Ambiguous(f"HTTP {status}")
    try:
        said = json.decode(body)
    except (DecodeError, ValueError):
        said = None
    if not isinstance(said, dict):
        return Ambiguous("an answer that is not Slack's")
    if status == _OK and said.get("ok") is True:
        return _parse_accepted(said, channel_id)
    code = said.get("error")
    if said.get("ok") is not False or not isinstance(code, str):
        return Ambiguous("an answer that is not Slack's")
    if not error_codes.is_known(code):
        logger.warning("Slack answered %r to a message: a code to add to the table", code)
    return error_codes.classify(code)


def _parse_accepted(payload: dict[str, Any], channel_id: str) -> PostOutcome:
    ts = payload.get("ts")
    direct = channel_id.startswith(("U", "W"))  # posting to a person answers with the direct message's own id
    if (payload.get("channel") != channel_id and not direct) or not isinstance(ts, str) or not ts:
        return Ambiguous("answer without the channel and ts asked for")
    return Accepted(ts)
