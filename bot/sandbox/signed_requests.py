"""Signed HTTP requests to the bot's endpoint, as Slack sends them."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import aiohttp

from bot.sandbox.models import Json

RESPONSE_TIMEOUT = timedelta(seconds=3)
"""How long Slack waits for a response, and how long a trigger is valid."""


@dataclass(frozen=True, slots=True)
class BotResponse:
    """The bot's response. Status 0 means that none arrived in time."""

    status: int
    body: bytes

    @property
    def is_ok(self) -> bool:
        """True if the bot acknowledged the request."""
        return self.status == HTTPStatus.OK

    def parse_json(self) -> Json:
        """Return the JSON object in the body, or an empty one."""
        try:
            content = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True, slots=True)
class SignedRequestSender:
    """Send signed requests to the bot's endpoint."""

    endpoint_url: str
    secret: bytes
    real_clock: Callable[[], datetime]
    timeout: timedelta = RESPONSE_TIMEOUT

    async def send(self, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> BotResponse:
        """Send a request. Return a response of status 0 if it times out or fails."""
        timestamp = str(int(self.real_clock().timestamp()))
        digest = hmac.new(self.secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={digest}",
        }
        timeout = aiohttp.ClientTimeout(total=self.timeout.total_seconds())
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.endpoint_url, data=body, headers=headers) as response,
            ):
                return BotResponse(response.status, await response.read())
        except (TimeoutError, aiohttp.ClientError):
            return BotResponse(0, b"")
