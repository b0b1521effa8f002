"""The HTTP app, built from routes that the caller passes in."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

EVENTS_PATH = "/slack/events"


def build_app(routes: Sequence[BaseRoute], *, on_start: Callable[[], None], on_stop: Callable[[], None]) -> Starlette:
    """Return an app with these routes. `on_start` and `on_stop` run once each, when it starts and stops."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        on_start()
        try:
            yield
        finally:
            on_stop()

    robots = Route("/robots.txt", lambda _: PlainTextResponse("User-agent: *\nDisallow: /\n"))
    return Starlette(routes=[*routes, robots], lifespan=lifespan)
