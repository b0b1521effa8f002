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
from bot.sandbox.page.routes import SandboxPage
from bot.sandbox.signed_requests import RESPONSE_TIMEOUT
from bot.sandbox.slack_requests import SlackRequests
from bot.sandbox.time_travel import TimeTravel
from bot.sandbox.web_api.server import WebApi
from bot.sandbox.workspace import Workspace

LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}


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
    find_next_message: Callable[[], datetime | None]
    """When the bot next has something to say."""
    find_next_stop: Callable[[], datetime | None]
    """When it next has something to do: say it, or draw a message anew."""
    reset: Callable[[], None]
    """Empties the bot's database."""
    reinstall: Callable[[], None]
    """Tells the bot that it was installed again."""
    database_url: str
    list_version_names: Callable[[], tuple[str, ...]]
    """Every version's name, for completion."""
    real_clock: Callable[[], datetime]
    snapshot_path: Path | None = None
    """Where the workspace is kept from one start to the next."""
    response_timeout: timedelta = RESPONSE_TIMEOUT
    """How long the workspace waits for the bot's answers, and its triggers live."""

    def load_workspace(self) -> Workspace:
        """The workspace as it was left, kept after every change."""
        workspace = Workspace(self.clock, self.real_clock, self.response_timeout)
        if self.snapshot_path is not None:
            path = self.snapshot_path
            snapshots.load(path, workspace, self.clock)
            workspace.on_change = lambda: snapshots.save(path, workspace, self.clock)
        return workspace

    def build_routes(self, workspace: Workspace) -> Sequence[BaseRoute]:
        """Everything the sandbox serves, to this machine alone."""
        address = urlsplit(self.endpoint_url)
        base_url = f"{address.scheme}://{address.netloc}"
        slack_requests = SlackRequests(
            workspace, self.endpoint_url, self.signing_secret, self.real_clock, base_url, self.response_timeout
        )
        time_travel = TimeTravel(self.clock, self.tick, self.find_next_message, self.find_next_stop)
        about = {"database": self.database_url, "endpoint": self.endpoint_url}
        page = SandboxPage(
            workspace,
            slack_requests,
            time_travel,
            self.find_next_message,
            self.reset,
            self.reinstall,
            self.list_version_names,
            about,
        )
        return [
            _restrict_to_loopback(route)
            for route in [*WebApi(workspace, self.bot_token).build_routes(), *page.build_routes()]
        ]


def _restrict_to_loopback(route: Route) -> Route:
    """The route, closed to other hosts' names and to pages from elsewhere: a browser can be made to call us."""
    endpoint = route.endpoint

    async def checked(request: Request) -> Response:
        if request.url.hostname not in LOOPBACK_HOSTS:
            return PlainTextResponse("this sandbox answers on this machine only", status_code=403)
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return PlainTextResponse("a page from elsewhere may not do this", status_code=403)
        answer: Response = await endpoint(request)
        return answer

    return Route(route.path, checked, methods=list(route.methods or ["GET"]))
