"""Bolt behind ASGI: each request in a thread of its own small pool, so that a slow database stops nothing else."""

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
logger = logging.getLogger(__name__)

MAX_IN_FLIGHT = 64
"""Requests in hand at once; beyond it the answer is 503 at once."""


class Endpoint:
    """Serves a Bolt app; the body has been checked by the guard before."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(THREAD_COUNT, thread_name_prefix="slack-request")
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if self._in_flight >= MAX_IN_FLIGHT:
            await _send(send, BoltResponse(status=503, body="busy, try again"))
            return
        self._in_flight += 1
        try:
            body = (await receive())["body"].decode()
            request = BoltRequest(body=body, headers=_headers(scope))
            answer = await asyncio.get_running_loop().run_in_executor(self._pool, self._dispatch, request)
        finally:
            self._in_flight -= 1
        await _send(send, answer)

    def _dispatch(self, request: BoltRequest) -> BoltResponse:
        """Bolt reads payloads before any listener runs, and raises where one has not the shape Slack sends."""
        try:
            return self._app.dispatch(request)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            logger.warning("a signed request was not of the shape Slack sends: %s", type(error).__name__)
            return BoltResponse(status=400, body="not a payload Slack sends")

    def close(self) -> None:
        """Waits for what is in hand."""
        self._pool.shutdown(wait=True)


def _headers(scope: Scope) -> dict[str, str | Sequence[str]]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _send(send: Send, answer: BoltResponse) -> None:
    headers = [(name.encode(), value.encode()) for name, values in answer.headers.items() for value in values]
    body = answer.body.encode()
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
