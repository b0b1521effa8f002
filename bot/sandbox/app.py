"""The sandbox's routes: the Web API and the page of a local workspace, reachable from this machine only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox import snapshot
from bot.sandbox.page.actions import PageActions
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

    time_travel: TimeTravel
    endpoint_url: str
    """The bot's endpoint for Slack's requests."""
    signing_secret: str
    bot_token: str
    reset: Callable[[], None]
    """Empty the bot's database."""
    reinstall: Callable[[], None]
    """Register the workspace with the bot again."""
    database_url: str
    list_version_names: Callable[[], tuple[str, ...]]
    """Return the names that the page completes."""
    real_clock: Callable[[], datetime]
    snapshot_path: Path | None = None
    """File that keeps the workspace across restarts."""
    response_timeout: timedelta = RESPONSE_TIMEOUT
    """How long the workspace waits for the bot, and how long triggers are valid."""

    def load_workspace(self) -> Workspace:
        """Load the workspace from the snapshot, and save it after every change."""
        clock, path = self.time_travel.clock, self.snapshot_path
        workspace = Workspace(clock, self.real_clock, self.response_timeout)
        if path is not None:
            snapshot.load(path, workspace, clock)
            workspace.on_change = lambda: snapshot.save(path, workspace, clock)
        return workspace

    def build_routes(self, workspace: Workspace) -> Sequence[BaseRoute]:
        """Build the routes of the Web API and the page, restricted to this machine."""
        endpoint = urlsplit(self.endpoint_url)
        base_url = f"{endpoint.scheme}://{endpoint.netloc}"
        slack_requests = SlackRequests(
            workspace, self.endpoint_url, self.signing_secret, self.real_clock, base_url, self.response_timeout
        )
        actions = PageActions(workspace, slack_requests, self.time_travel, self.reset, self.reinstall)
        about = {"database": self.database_url, "endpoint": self.endpoint_url}
        page = SandboxPage(workspace, slack_requests, self.time_travel, actions, self.list_version_names, about)
        web_api = WebApi(workspace, self.bot_token)
        return [_restrict_to_loopback(route) for route in [*web_api.build_routes(), *page.build_routes()]]


def _restrict_to_loopback(route: Route) -> Route:
    """Reject requests for other hosts, and from pages of other origins: a browser can be made to send them."""
    endpoint = route.endpoint

    async def restricted(request: Request) -> Response:
        if request.url.hostname not in LOOPBACK_HOSTS:
            return PlainTextResponse("the sandbox answers on this machine only", status_code=403)
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return PlainTextResponse("requests from other pages aren't allowed", status_code=403)
        response: Response = await endpoint(request)
        return response

    return Route(route.path, restricted, methods=list(route.methods or ["GET"]))
