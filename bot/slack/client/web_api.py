"""Calls to Slack's Web API that change something, and what each response proves.

Uses aiohttp directly, which never retries a POST: slack_sdk's client wraps the same session and takes twice as long.
The sender imports this module at its first call, because aiohttp is slow to import.
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from msgspec import DecodeError, json
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env
from slack_sdk.web.internal_utils import get_user_agent
from yarl import URL

from bot.policy.post_outcomes import Accepted, Ambiguous, PostOutcome, Refused, Remedy
from bot.slack.client import error_codes

_JSON = "application/json;charset=utf-8"

logger = logging.getLogger(__name__)


class TooLateError(TimeoutError):
    """A call ran out of time before anything was sent."""


class _ExpiringPayload(aiohttp.BytesPayload):
    """A body that isn't sent after it expires, for example because the process was suspended.

    aiohttp sends the headers together with the body, so nothing has been sent by then.
    """

    def __init__(self, body: bytes, expires_at: float) -> None:
        super().__init__(body, content_type=_JSON)
        self._expires_at = expires_at

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Write the body. Raises TooLateError if it has expired."""
        if asyncio.get_running_loop().time() > self._expires_at:
            raise TooLateError
        await super().write_with_length(writer, content_length)


class WebApiClient:
    """Calls Slack with one shared session. Create and use it in one event loop."""

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
        """Close the session."""
        await self._session.close()

    async def call(self, method: str, token: str, body: bytes, channel_id: str) -> PostOutcome:
        """Call a chat method with JSON arguments. Errors of Slack and the network are outcomes, not exceptions."""
        url = self._urls.get(method) or self._urls.setdefault(method, self._base / method)
        data = _ExpiringPayload(body, asyncio.get_running_loop().time() + self._timeout)
        headers = {"Authorization": f"Bearer {token.strip()}"}  # a token read from a file can end in a newline
        try:
            async with self._session.post(url, data=data, headers=headers, allow_redirects=False) as response:
                return _parse_outcome(response.status, response.headers, await response.read(), channel_id)
        except (aiohttp.ClientConnectorError, TooLateError) as error:  # nothing was sent: DNS, TLS, refused, expired
            return Refused(type(error).__name__, Remedy.RETRY)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Ambiguous(type(error).__name__)

    async def respond(self, response_url: str, body: bytes) -> str:
        """Post to a response URL. Return why it failed, or an empty string."""
        try:
            payload = aiohttp.BytesPayload(body, content_type=_JSON)
            async with self._session.post(response_url, data=payload, allow_redirects=False) as response:
                return "" if response.status == HTTPStatus.OK else f"HTTP {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__


def _parse_outcome(status: int, headers: Any, body: bytes, channel_id: str) -> PostOutcome:  # noqa: ANN401 - aiohttp's mapping
    """Return the outcome by HTTP status first, then by the body."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Refused("ratelimited", Remedy.RETRY, error_codes.parse_retry_after(headers.get("Retry-After")))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Ambiguous(f"HTTP {status}")
    try:
        payload = json.decode(body)
    except (DecodeError, ValueError):
        payload = None
    if not isinstance(payload, dict):
        return Ambiguous("not a Slack response")
    if status == HTTPStatus.OK and payload.get("ok") is True:
        return _parse_accepted(payload, channel_id)
    code = payload.get("error")
    if payload.get("ok") is not False or not isinstance(code, str):
        return Ambiguous("not a Slack response")
    if not error_codes.is_known(code):
        logger.warning("Unknown error code of a post: %r. Add it to bot.slack.client.error_codes", code)
    return error_codes.classify(code)


def _parse_accepted(payload: dict[str, Any], channel_id: str) -> PostOutcome:
    ts = payload.get("ts")
    is_person = channel_id.startswith(("U", "W"))  # Slack then responds with the ID of the direct message
    if (payload.get("channel") != channel_id and not is_person) or not isinstance(ts, str) or not ts:
        return Ambiguous("response without the expected channel and ts")
    return Accepted(ts)
