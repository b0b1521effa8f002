"""The sandbox's page: channels, messages, a composer and a clock; works without JavaScript, better with it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import cast, threads
from bot.sandbox.drawing import Drawing, moment_of
from bot.sandbox.journey import Arrival, Journey
from bot.sandbox.records import Channel, Json, Modal
from bot.sandbox.requests import Requests
from bot.sandbox.workspace import Workspace

COMMAND = "/dlvm"
USAGE = (
    ("/dlvm status pytorch-2.3", "how a version stands today"),
    ("/dlvm subscribe pytorch-2.7", "reminders in this channel"),
    ("/dlvm list", "every version, soonest date first"),
    ("/dlvm upcoming 180d", "which dates come next"),
    ("/dlvm subscriptions", "what this channel watches"),
    ("/dlvm settings", "when reminders come here"),
    ("/dlvm successor pytorch-2.3", "where to go from a version"),
    ("/dlvm unsubscribe pytorch-2.7", "no more reminders of it"),
    ("/dlvm help", "everything it understands"),
    ("@dlvm when does pytorch 2.7 end?", "asked and answered in a thread"),
    ("/invite @dlvm", "let the bot into this channel"),
    ("/remove @dlvm", "take it out again"),
)
FIRST_STEPS = USAGE[:3]
_STATIC = {"sandbox.css": "text/css", "sandbox.js": "text/javascript"}

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Notice:
    """What happened last, said once in the clock bar."""

    text: str = ""


class Page:
    """Serves the page, and does what the person at it does."""

    def __init__(
        self,
        workspace: Workspace,
        requests: Requests,
        journey: Journey,
        next_due: Callable[[], datetime | None],
        reset: Callable[[], None],
        names: Callable[[], tuple[str, ...]],
        about: Json,
    ) -> None:
        self._workspace = workspace
        self._requests = requests
        self._journey = journey
        self._next_due = next_due
        self._reset = reset
        self._names = names
        self._about = about
        self._notice = Notice()
        self._templates = Environment(
            loader=PackageLoader("bot.sandbox"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        drawing = Drawing(workspace)
        self._templates.filters |= {"draw": drawing.text, "mrkdwn": drawing.mrkdwn, "moment": moment_of}

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/", self._first),
            Route("/revision", self._revision),
            Route("/static/{name}", self._file),
            Route("/c/{channel_id}", self._channel),
            Route("/c/{channel_id}/say", self._say, methods=["POST"]),
            Route("/c/{channel_id}/press", self._press, methods=["POST"]),
            Route("/c/{channel_id}/dismiss", self._dismiss, methods=["POST"]),
            Route("/modal/{view_id}", self._modal, methods=["POST"]),
            Route("/clock", self._clock, methods=["POST"]),
        ]

    async def _first(self, _: Request) -> Response:
        return RedirectResponse(f"/c/{next(iter(self._workspace.channels))}", status_code=303)

    async def _revision(self, _: Request) -> Response:
        return PlainTextResponse(str(self._workspace.revision), headers={"cache-control": "no-store"})

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC:
            return PlainTextResponse("not found", status_code=404)
        text = resources.files("bot.sandbox").joinpath("static", name).read_text(encoding="utf-8")
        return Response(text, media_type=_STATIC[name], headers={"cache-control": "no-cache"})

    async def _channel(self, request: Request) -> Response:
        channel = self._found(request)
        if channel is None:
            return await self._first(request)
        channel.unread = 0
        due = await asyncio.to_thread(self._next_due)
        notice, self._notice.text = self._notice.text, ""
        drawn = self._templates.get_template("page.html").render(
            workspace=self._workspace,
            cast=cast,
            here=channel,
            messages=threads.in_threads([m for m in channel.messages if m.only_for in {"", cast.YOU}]),
            modal=next(reversed(self._workspace.modals.get(cast.YOU, [])), None),
            now=self._workspace.now(),
            moved=self._journey.clock.is_moved,
            due=due,
            notice=notice,
            first_steps=FIRST_STEPS,
            usage=USAGE,
            names=await asyncio.to_thread(self._names),
            about=self._about,
            in_here=cast.BOT_USER_ID in channel.members,
        )
        return HTMLResponse(drawn, headers={"cache-control": "no-store"})

    def _found(self, request: Request) -> Channel | None:
        return self._workspace.channels.get(str(request.path_params["channel_id"]))

    async def _say(self, request: Request) -> Response:
        """The composer: a command, an invitation, or just words."""
        channel = self._found(request)
        text = " ".join(str((await request.form()).get("text", "")).split())
        if channel is None or not text:
            return _back(request)
        word, _, rest = text.partition(" ")
        if word.lower() == COMMAND:
            await self._requests.command(channel, rest)
        elif channel.is_archived:
            self._workspace.post(channel, cast.SLACKBOT, "This channel is archived.", only_for=cast.YOU)
        elif word in {"/invite", "/remove"} and rest.lstrip("@").lower() == "dlvm":
            self._let(channel, inside=word == "/invite")
        elif word.startswith("/"):
            self._workspace.post(channel, cast.SLACKBOT, f"{word} is not a command of this sandbox.", only_for=cast.YOU)
        else:
            said = self._workspace.post(channel, cast.YOU, threads.with_mentions(text))
            if event := threads.heard(channel, said):
                await self._requests.event(event)
        return _back(request)

    def _let(self, channel: Channel, *, inside: bool) -> None:
        is_inside = cast.BOT_USER_ID in channel.members
        if inside and not is_inside:
            channel.members.append(cast.BOT_USER_ID)
            self._workspace.notice(channel, cast.BOT_USER_ID, "was added to the channel by Ana Ruiz")
        elif not inside and is_inside:
            channel.members.remove(cast.BOT_USER_ID)
            self._workspace.notice(channel, cast.BOT_USER_ID, "was removed from the channel by Ana Ruiz")

    async def _press(self, request: Request) -> Response:
        channel = self._found(request)
        form = await request.form()
        message = self._workspace.find(channel, str(form.get("ts", ""))) if channel else None
        if channel is not None and message is not None:
            action = json.loads(str(form.get("act", "{}")))
            if "option" in form:
                action["selected_option"] = {"value": str(form["option"])}
            asked = self._requests
            if not await (asked.press(channel, message, action) if action else asked.check(channel, message)):
                self._workspace.post(channel, cast.SLACKBOT, "dlvm did not answer in time.", only_for=cast.YOU)
        return _back(request)

    async def _dismiss(self, request: Request) -> Response:
        channel = self._found(request)
        message = self._workspace.find(channel, str((await request.form()).get("ts", ""))) if channel else None
        if channel is not None and message is not None and message.only_for:
            self._workspace.remove(channel, message)
        return _back(request)

    async def _modal(self, request: Request) -> Response:
        """Submits or closes the modal in front."""
        modal = self._workspace.modal(str(request.path_params["view_id"]))
        form = await request.form()
        if modal is not None:
            modal.state = _state(modal, dict(form))
            await (self._requests.submit(modal) if form.get("do") == "submit" else self._requests.close(modal))
        return _back(request)

    async def _clock(self, request: Request) -> Response:
        """Moves the clock, off the event loop, because the bot posts to this server meanwhile."""
        move = str((await request.form()).get("move", ""))
        if move == "reset":
            await asyncio.to_thread(self._start_over)
            return RedirectResponse("/", status_code=303)
        arrival = await asyncio.to_thread(self._move, move)
        if arrival is not None:
            self._workspace.touch()
            count = arrival.delivered
            delivered = "No reminder came" if not count else f"{count} message{'' if count == 1 else 's'} posted"
            self._notice.text = f"{delivered} on the way to {arrival.at:%a} {arrival.at.day} {arrival.at:%b %Y}."
        return _back(request)

    def _move(self, move: str) -> Arrival | None:
        if move == "next":
            return self._journey.jump()
        spans = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
        return self._journey.advance_by(spans[move]) if move in spans else None

    def _start_over(self) -> None:
        self._journey.clock.reset()
        self._reset()
        self._workspace.clear()
        self._notice.text = "Everything is as at first: the clock, the channels, the bot's database."


def _state(modal: Modal, form: dict[str, Any]) -> Json:
    """What was typed, as Slack's state values."""
    state: Json = {}
    for block in modal.view.get("blocks", []):
        if block.get("type") != "input":
            continue
        element = block["element"]
        typed = str(form.get(block["block_id"], "")) or None
        kind = element["type"]
        value: Json = {"type": kind}
        match kind:
            case "timepicker":
                value["selected_time"] = typed
            case "datepicker":
                value["selected_date"] = typed
            case "static_select" | "radio_buttons":
                value["selected_option"] = {"value": typed} if typed else None
            case _:
                value["value"] = typed
        state.setdefault(block["block_id"], {})[element["action_id"]] = value
    return state


def _back(request: Request) -> Response:
    """To where the person was; only ever to a place of this page."""
    place = request.headers.get("referer", "").partition("/c/")[2].partition("?")[0]
    channel_id = request.path_params.get("channel_id") or place
    return RedirectResponse(f"/c/{channel_id}" if channel_id.isalnum() else "/", status_code=303)
