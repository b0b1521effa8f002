"""The ASGI endpoint for Slack's requests.

Bolt runs in a small thread pool of its own, so that a slow database doesn't block other routes.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

THREAD_COUNT = 8

MAX_IN_FLIGHT = 64
"""Requests being handled. Any more are answered with 503 right away."""

logger = logging.getLogger(__name__)


class Endpoint:
    """Serves a Bolt app. The guard has checked the request before."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(THREAD_COUNT, thread_name_prefix="slack-request")
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._in_flight >= MAX_IN_FLIGHT:
            await _send(send, BoltResponse(status=503, body="busy, try again"))
            return
        self._in_flight += 1
        try:
            body = (await receive())["body"].decode()
            request = BoltRequest(body=body, headers=_parse_headers(scope))
            response = await asyncio.get_running_loop().run_in_executor(self._pool, self._dispatch, request)
        finally:
            self._in_flight -= 1
        await _send(send, response)

    def _dispatch(self, request: BoltRequest) -> BoltResponse:
        """Run Bolt. It parses payloads before any listener runs, and raises for payloads that Slack never sends."""
        try:
            return self._app.dispatch(request)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            logger.warning("Malformed payload in a signed request: %s", type(error).__name__)
            return BoltResponse(status=400, body="malformed payload")

    def close(self) -> None:
        """Wait for the requests being handled."""
        self._pool.shutdown(wait=True)


def _parse_headers(scope: Scope) -> dict[str, str | Sequence[str]]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _send(send: Send, response: BoltResponse) -> None:
    headers = [(name.encode(), value.encode()) for name, values in response.headers.items() for value in values]
    body = response.body.encode()
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
