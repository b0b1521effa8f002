"""The sandbox's page: channels, messages, a composer and a clock. It works without JavaScript."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import sample_workspace, threads
from bot.sandbox.models import Channel, Json
from bot.sandbox.page.actions import PageActions
from bot.sandbox.page.html import TextRenderer, get_posted_at
from bot.sandbox.page.modal_input import load_options
from bot.sandbox.slack_requests import SlackRequests, build_view_payload
from bot.sandbox.time_travel import TimeTravel
from bot.sandbox.workspace import Workspace

EXAMPLE_COMMANDS = (
    ("/dlvm status pytorch-2.3", "current status of a version"),
    ("/dlvm subscribe pytorch-2.7", "get reminders in this channel"),
    ("/dlvm subscribe", "subscribe with a form"),
    ("/dlvm list", "all versions, soonest date first"),
    ("/dlvm upcoming 180d", "upcoming dates"),
    ("/dlvm subscriptions", "this channel’s subscriptions"),
    ("/dlvm settings", "this channel’s reminder settings"),
    ("/dlvm team create ml-platform", "create a team of channels that share subscriptions"),
    ("/dlvm team ml-platform add #ml-serving", "add a channel to a team"),
    ("/dlvm team ml-platform owner @ml-oncall", "make a person or user group the owner"),
    ("/dlvm team ml-platform", "team progress"),
    ("/dlvm permissions named @ben", "choose who can change subscriptions"),
    ("/dlvm audit", "recent changes and who made them"),
    ("/dlvm export", "this channel as YAML"),
    ("/dlvm import", "apply YAML after a preview"),
    ("/dlvm successor pytorch-2.3", "version to upgrade to"),
    ("/dlvm history pytorch-2.7", "changes to a version’s dates"),
    ("/dlvm unsubscribe pytorch-2.7", "stop reminders"),
    ("/dlvm help", "all commands"),
    ("@dlvm when does pytorch 2.7 end?", "ask in a thread"),
    ("/invite @dlvm", "add dlvm to this channel"),
    ("/remove @dlvm", "remove dlvm from this channel"),
)
FIRST_STEPS = (*EXAMPLE_COMMANDS[:2], EXAMPLE_COMMANDS[3])
_STATIC_FILES = {"sandbox.css": "text/css", "sandbox.js": "text/javascript"}


@dataclass(slots=True)
class SandboxPage:
    """The page and its forms."""

    _workspace: Workspace
    _slack_requests: SlackRequests
    _time_travel: TimeTravel
    _actions: PageActions
    _list_version_names: Callable[[], tuple[str, ...]]
    _about: Json
    """The database and the endpoint for the footer."""
    _templates: Environment = field(init=False)

    def __post_init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("bot.sandbox"), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        renderer = TextRenderer(self._workspace)
        self._templates.filters |= {"text": renderer.render_text, "mrkdwn": renderer.render_mrkdwn}
        self._templates.filters["posted_at"] = get_posted_at

    def build_routes(self) -> list[Route]:
        """Build the page's routes."""
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
        """Send the event that Home was opened. The bot publishes the view before it responds."""
        actor_id = self._workspace.actor_id
        home, channel_id = self._workspace.homes.get(actor_id), sample_workspace.DIRECT_MESSAGES[actor_id]
        event: Json = {"type": "app_home_opened", "user": actor_id, "channel": channel_id, "tab": "home"}
        event |= {"view": build_view_payload(home)} if home else {}
        await self._slack_requests.send_event(event)
        return RedirectResponse("/home", status_code=303)

    async def _show_home(self, _: Request) -> Response:
        channel_id = sample_workspace.DIRECT_MESSAGES[self._workspace.actor_id]
        return await self._render(self._workspace.channels[channel_id], is_home=True)

    async def _render(self, channel: Channel, *, is_home: bool) -> Response:
        actor_id = self._workspace.actor_id
        modal = next(reversed(self._workspace.modals.get(actor_id, [])), None)
        if modal is not None:
            await load_options(self._slack_requests, modal)
        next_message_at = await asyncio.to_thread(self._time_travel.find_next_message)
        version_names = await asyncio.to_thread(self._list_version_names)
        # No await from here on: the page would show a newer revision than it contains.
        html = self._templates.get_template("page.html").render(
            workspace=self._workspace,
            sample=sample_workspace,
            actor=self._workspace.people[actor_id],
            current_channel=channel,
            is_home=is_home,
            home=self._workspace.homes.get(actor_id),
            channels=self._workspace.list_visible_channels().values(),
            messages=threads.group_into_threads([m for m in channel.messages if m.only_for in {"", actor_id}]),
            modal=modal,
            now=self._workspace.now(),
            is_clock_moved=bool(self._time_travel.clock.offset),
            next_message_at=next_message_at,
            notice=self._actions.pop_notice(),
            first_steps=FIRST_STEPS,
            example_commands=EXAMPLE_COMMANDS,
            version_names=version_names,
            about=self._about,
            is_bot_member=sample_workspace.BOT_USER_ID in channel.members,
        )
        return HTMLResponse(html, headers={"cache-control": "no-store"})
