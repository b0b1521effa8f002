"""The ASGI endpoint for Slack's requests.

Bolt runs in a small thread pool of its own, so that a slow database doesn't block other routes.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App, BoltRequest, BoltResponse
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

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
            await Response("busy, try again", 503)(scope, receive, send)
            return
        self._in_flight += 1
        try:
            body = (await receive())["body"].decode()
            request = BoltRequest(body=body, headers=dict(Headers(scope=scope)))
            response = await asyncio.get_running_loop().run_in_executor(self._pool, self._dispatch, request)
        finally:
            self._in_flight -= 1
        await convert_response(response)(scope, receive, send)

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


def convert_response(bolt_response: BoltResponse) -> Response:
    """Return Starlette's counterpart of a response of Bolt."""
    response = Response(bolt_response.body, bolt_response.status)
    for name, values in bolt_response.headers.items():
        for value in values:
            response.headers.append(name, value)
    return response
