"""The sandbox's page: channels, messages, a composer and a clock; works without JavaScript, better with it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from importlib import resources

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import sample_workspace, threads
from bot.sandbox.models import Channel, Json
from bot.sandbox.page.actions import PageActions
from bot.sandbox.page.html import TextRenderer, get_posted_at
from bot.sandbox.page.modal_input import OptionLoader
from bot.sandbox.slack_requests import SlackRequests
from bot.sandbox.time_travel import TimeTravel
from bot.sandbox.workspace import Workspace

EXAMPLE_COMMANDS = (
    ("/dlvm status pytorch-2.3", "how a version stands today"),
    ("/dlvm subscribe pytorch-2.7", "reminders in this channel"),
    ("/dlvm subscribe", "the same in a form"),
    ("/dlvm list", "every version, soonest date first"),
    ("/dlvm upcoming 180d", "which dates come next"),
    ("/dlvm subscriptions", "what this channel watches"),
    ("/dlvm settings", "when reminders come here"),
    ("/dlvm team create ml-platform", "a team of channels that watch the same"),
    ("/dlvm team ml-platform add #ml-serving", "a channel joins it"),
    ("/dlvm team ml-platform owner @ml-oncall", "a person or user group looks after it"),
    ("/dlvm team ml-platform", "how far its channels are"),
    ("/dlvm permissions named @ben", "who may change what channels watch"),
    ("/dlvm audit", "who changed what here"),
    ("/dlvm export", "this channel as YAML"),
    ("/dlvm import", "and in again, after the difference"),
    ("/dlvm successor pytorch-2.3", "where to go from a version"),
    ("/dlvm history pytorch-2.7", "what happened to a version, and when"),
    ("/dlvm unsubscribe pytorch-2.7", "no more reminders of it"),
    ("/dlvm help", "everything it understands"),
    ("@dlvm when does pytorch 2.7 end?", "asked and answered in a thread"),
    ("/invite @dlvm", "let the bot into this channel"),
    ("/remove @dlvm", "take it out again"),
)
FIRST_STEPS = (*EXAMPLE_COMMANDS[:2], EXAMPLE_COMMANDS[3])
_STATIC_FILES = {"sandbox.css": "text/css", "sandbox.js": "text/javascript"}


class SandboxPage:
    """Serves the page, and does what the person at it does."""

    def __init__(
        self,
        workspace: Workspace,
        slack_requests: SlackRequests,
        time_travel: TimeTravel,
        find_next_message: Callable[[], datetime | None],
        reset: Callable[[], None],
        reinstall: Callable[[], None],
        list_version_names: Callable[[], tuple[str, ...]],
        about: Json,
    ) -> None:
        self._workspace = workspace
        self._time_travel = time_travel
        self._find_next_message = find_next_message
        self._actions = PageActions(workspace, slack_requests, time_travel, reset, reinstall)
        self._option_loader = OptionLoader(workspace, slack_requests)
        self._slack_requests = slack_requests
        self._list_version_names = list_version_names
        self._about = about
        self._templates = Environment(
            loader=PackageLoader("bot.sandbox"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        drawing = TextRenderer(workspace)
        self._templates.filters |= {
            "draw": drawing.render_text,
            "mrkdwn": drawing.render_mrkdwn,
            "moment": get_posted_at,
        }

    def build_routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/", self._redirect_to_first_channel),
            Route("/revision", self._show_revision),
            Route("/static/{name}", self._serve_static_file),
            Route("/c/{channel_id}", self._show_channel),
            Route("/home", self._show_home),
            Route("/home/open", self._open_home),
            *self._actions.build_routes(),
        ]

    async def _redirect_to_first_channel(self, _: Request) -> Response:
        return RedirectResponse(f"/c/{next(iter(self._workspace.list_visible_channels()))}", status_code=303)

    async def _show_revision(self, _: Request) -> Response:
        return PlainTextResponse(str(self._workspace.revision), headers={"cache-control": "no-store"})

    async def _serve_static_file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC_FILES:
            return PlainTextResponse("not found", status_code=404)
        text = resources.files("bot.sandbox").joinpath("static", name).read_text(encoding="utf-8")
        return Response(text, media_type=_STATIC_FILES[name], headers={"cache-control": "no-cache"})

    async def _show_channel(self, request: Request) -> Response:
        channel = self._workspace.list_visible_channels().get(str(request.path_params["channel_id"]))
        if channel is None:
            return await self._redirect_to_first_channel(request)
        channel.unread = 0
        return await self._render(channel, is_home=False)

    async def _open_home(self, _: Request) -> Response:
        """Home is opened, which the bot is told; it publishes before it answers."""
        person = self._workspace.actor_id
        view = self._slack_requests.find_home_payload(person)
        event = {
            "type": "app_home_opened",
            "user": person,
            "channel": sample_workspace.DIRECT_MESSAGES[person],
            "tab": "home",
        }
        await self._slack_requests.send_event(event | ({"view": view} if view else {}))
        return RedirectResponse("/home", status_code=303)

    async def _show_home(self, _: Request) -> Response:
        return await self._render(
            self._workspace.channels[sample_workspace.DIRECT_MESSAGES[self._workspace.actor_id]], is_home=True
        )

    async def _render(self, here: Channel, *, is_home: bool) -> Response:
        person = self._workspace.actor_id
        modal = next(reversed(self._workspace.modals.get(person, [])), None)
        if modal is not None:
            await self._option_loader.load_options(modal)
        due, names = await asyncio.to_thread(self._find_next_message), await asyncio.to_thread(self._list_version_names)
        # Nothing is awaited from here on: what came between would be missing from a page that names its revision.
        drawn = self._templates.get_template("page.html").render(
            workspace=self._workspace,
            cast=sample_workspace,
            you=self._workspace.people[person],
            here=here,
            is_home=is_home,
            home=self._workspace.homes.get(person),
            channels=self._workspace.list_visible_channels().values(),
            messages=threads.group_into_threads([m for m in here.messages if m.only_for in {"", person}]),
            modal=modal,
            now=self._workspace.now(),
            moved=self._time_travel.clock.is_moved,
            due=due,
            notice=self._actions.pop_notice(),
            first_steps=FIRST_STEPS,
            usage=EXAMPLE_COMMANDS,
            names=names,
            about=self._about,
            in_here=sample_workspace.BOT_USER_ID in here.members,
        )
        return HTMLResponse(drawn, headers={"cache-control": "no-store"})
