"""Signed requests to the bot's endpoint, over HTTP as Slack sends them."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from bot.sandbox.models import Json

RESPONSE_TIMEOUT = timedelta(seconds=3)
"""How long Slack waits for an answer, and a trigger lives."""

OK = 200


@dataclass(frozen=True, slots=True)
class BotResponse:
    """What came back; status 0 where nothing did in time."""

    status: int
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the bot answered as Slack wants."""
        return self.status == OK

    def parse_json(self) -> Json:
        """The JSON object in it; empty where there is none."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class SignedRequestSender:
    """Sends bodies to the endpoint."""

    endpoint_url: str
    secret: bytes
    real_clock: Callable[[], datetime]
    timeout: timedelta = RESPONSE_TIMEOUT

    async def send(self, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> BotResponse:
        """One request; what goes wrong on the way is an answer of status 0."""
        timestamp = str(int(self.real_clock().timestamp()))
        signed = hmac.new(self.secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": f"v0={signed}",
        }
        timeout = aiohttp.ClientTimeout(total=self.timeout.total_seconds())
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.endpoint_url, data=body, headers=headers) as answer,
            ):
                return BotResponse(answer.status, await answer.read())
        except (TimeoutError, aiohttp.ClientError):
            return BotResponse(0, b"")
