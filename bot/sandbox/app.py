"""The sandbox put together: the workspace, what serves it, and the page, for loopback alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import snapshot as snapshots
from bot.sandbox.clock import MovableClock
from bot.sandbox.page.routes import Page
from bot.sandbox.signed_requests import LIMIT
from bot.sandbox.slack_requests import Requests
from bot.sandbox.time_travel import Journey
from bot.sandbox.web_api.server import Api
from bot.sandbox.workspace import Workspace

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A local workspace around a bot that is served on the same address."""

    clock: MovableClock
    endpoint_url: str
    """The bot's own endpoint for Slack's requests."""
    signing_secret: str
    bot_token: str
    tick: Callable[[datetime], int]
    """Plans and delivers as of a moment; says how many messages went out."""
    next_due: Callable[[], datetime | None]
    """When the bot next has something to say."""
    next_stop: Callable[[], datetime | None]
    """When it next has something to do: say it, or draw a message anew."""
    reset: Callable[[], None]
    """Empties the bot's database."""
    reinstall: Callable[[], None]
    """Tells the bot that it was installed again."""
    database_shown: str
    names: Callable[[], tuple[str, ...]]
    """Every version's name, for completion."""
    real_clock: Callable[[], datetime]
    snapshot: Path | None = None
    """Where the workspace is kept from one start to the next."""
    limit: timedelta = LIMIT
    """How long the workspace waits for the bot's answers, and its triggers live."""

    def workspace(self) -> Workspace:
        """The workspace as it was left, kept after every change."""
        workspace = Workspace(self.clock, self.real_clock, self.limit)
        if self.snapshot is not None:
            path = self.snapshot
            snapshots.load(path, workspace, self.clock)
            workspace.changed = lambda: snapshots.save(path, workspace, self.clock)
        return workspace

    def routes(self, workspace: Workspace) -> Sequence[BaseRoute]:
        """Everything the sandbox serves, to this machine alone."""
        address = urlsplit(self.endpoint_url)
        own_url = f"{address.scheme}://{address.netloc}"
        requests = Requests(workspace, self.endpoint_url, self.signing_secret, self.real_clock, own_url, self.limit)
        journey = Journey(self.clock, self.tick, self.next_due, self.next_stop)
        about = {"database": self.database_shown, "endpoint": self.endpoint_url}
        page = Page(workspace, requests, journey, self.next_due, self.reset, self.reinstall, self.names, about)
        return [_guarded(route) for route in [*Api(workspace, self.bot_token).routes(), *page.routes()]]


def _guarded(route: Route) -> Route:
    """The route, closed to other hosts' names and to pages from elsewhere: a browser can be made to call us."""
    endpoint = route.endpoint

    async def checked(request: Request) -> Response:
        if request.url.hostname not in LOOPBACK:
            return PlainTextResponse("this sandbox answers on this machine only", status_code=403)
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return PlainTextResponse("a page from elsewhere may not do this", status_code=403)
        answer: Response = await endpoint(request)
        return answer

    return Route(route.path, checked, methods=list(route.methods or ["GET"]))
