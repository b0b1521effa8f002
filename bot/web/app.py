"""The HTTP app; what Slack and the sandbox serve is handed in by whoever wires."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

EVENTS_PATH = "/slack/events"


def build_app(routes: Sequence[BaseRoute], *, on_start: Callable[[], None], on_stop: Callable[[], None]) -> Starlette:
    """The app with the routes given; both callables run once, around its life."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        on_start()
        try:
            yield
        finally:
            on_stop()

    return Starlette(routes=[*routes, Route("/robots.txt", _robots)], lifespan=lifespan)


def _robots(_: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
