"""What the person at the page does: types, presses, fills in, manages a channel, moves the clock, becomes another."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import sample_workspace, threads
from bot.sandbox.models import Channel, Json
from bot.sandbox.page.modal_input import changed, fill
from bot.sandbox.slack_requests import Requests
from bot.sandbox.time_travel import Arrival, Journey
from bot.sandbox.workspace import Workspace

COMMAND = "/dlvm"

_NOT_IN_TIME = "dlvm did not answer in time."


class Doing:
    """Does it to the workspace, and tells the bot what Slack would tell it."""

    def __init__(
        self,
        workspace: Workspace,
        requests: Requests,
        journey: Journey,
        reset: Callable[[], None],
        reinstall: Callable[[], None],
    ) -> None:
        self._workspace = workspace
        self._requests = requests
        self._journey = journey
        self._reset = reset
        self._reinstall = reinstall
        self._notice = ""

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/c/{channel_id}/say", self._say, methods=["POST"]),
            Route("/c/{channel_id}/press", self._press, methods=["POST"]),
            Route("/c/{channel_id}/dismiss", self._dismiss, methods=["POST"]),
            Route("/c/{channel_id}/manage", self._manage, methods=["POST"]),
            Route("/home/press", self._press_home, methods=["POST"]),
            Route("/modal/{view_id}", self._modal, methods=["POST"]),
            Route("/person", self._become, methods=["POST"]),
            Route("/installation", self._install, methods=["POST"]),
            Route("/clock", self._clock, methods=["POST"]),
        ]

    def notice(self) -> str:
        """What happened last, said once."""
        said, self._notice = self._notice, ""
        return said

    def _found(self, request: Request) -> Channel | None:
        return self._workspace.visible().get(str(request.path_params["channel_id"]))

    def _tell(self, channel: Channel, text: str) -> None:
        self._workspace.post(channel, sample_workspace.SLACKBOT, text, only_for=self._workspace.acting)

    async def _say(self, request: Request) -> Response:
        """The composer: a command, an invitation, or just words."""
        channel = self._found(request)
        text = " ".join(str((await request.form()).get("text", "")).split())
        if channel is None or not text:
            return _back(request)
        word, _, rest = text.partition(" ")
        if word.lower() == COMMAND and not self._workspace.is_installed:
            self._tell(channel, f"{word} is not a valid command: dlvm is not installed.")
        elif word.lower() == COMMAND:
            await self._requests.command(channel, rest)
        elif channel.is_archived:
            self._tell(channel, "This channel is archived.")
        elif word in {"/invite", "/remove"} and rest.lstrip("@").lower() == "dlvm":
            await self._do(channel, word[1:])
        elif word.startswith("/"):
            self._tell(channel, f"{word} is not a command of this sandbox.")
        else:
            said = self._workspace.post(channel, self._workspace.acting, threads.with_mentions(text))
            if event := threads.heard(channel, said):
                await self._requests.event(event)
        return _back(request)

    async def _manage(self, request: Request) -> Response:
        """A control in the channel's header."""
        channel = self._found(request)
        if channel is not None and not channel.is_im:
            await self._do(channel, str((await request.form()).get("do", "")))
        return _back(request)

    async def _do(self, channel: Channel, what: str) -> None:
        """Lets the bot in or out, archives or unarchives; what is so already stays."""
        you, inside = self._workspace.people[self._workspace.acting], sample_workspace.BOT_USER_ID in channel.members
        match what:
            case "invite" if not inside:
                channel.members.append(sample_workspace.BOT_USER_ID)
                self._workspace.notice(channel, sample_workspace.BOT_USER_ID, f"was added to the channel by {you.name}")
                event = {"type": "member_joined_channel", "user": sample_workspace.BOT_USER_ID, "inviter": you.user_id}
                event |= {"channel_type": "G" if channel.is_private else "C", "team": sample_workspace.TEAM_ID}
            case "remove" if inside:
                channel.members.remove(sample_workspace.BOT_USER_ID)
                self._workspace.notice(
                    channel, sample_workspace.BOT_USER_ID, f"was removed from the channel by {you.name}"
                )
                event = {"type": f"{_kind(channel)}_left", "actor_id": you.user_id}
            case "archive" | "unarchive" if channel.is_archived is (what == "unarchive"):
                channel.is_archived = what == "archive"
                self._workspace.notice(channel, you.user_id, f"{what}d the channel")
                event = {"type": f"{_kind(channel)}_{what}", "user": you.user_id}
            case _:
                return
        event |= {"channel": channel.channel_id, "event_ts": self._workspace.stamp()}
        if not await self._requests.event(event):
            self._tell(channel, _NOT_IN_TIME)
        await self._tick()

    async def _tick(self) -> None:
        """Has the bot post at once what it would post within a minute: an introduction, a note, what was held."""
        await asyncio.to_thread(self._journey.advance_by, timedelta())

    async def _press(self, request: Request) -> Response:
        channel = self._found(request)
        form = await request.form()
        message = self._workspace.find(channel, str(form.get("ts", ""))) if channel else None
        if channel is None or message is None:
            return _back(request)
        asked, action = self._requests, _action(form)
        if not await (asked.press(channel, message, action) if action else asked.check(channel, message)):
            self._tell(channel, _NOT_IN_TIME)
        return _back(request)

    async def _press_home(self, request: Request) -> Response:
        home = self._workspace.homes.get(self._workspace.acting)
        if home is not None and not await self._requests.act(home, _action(await request.form())):
            self._notice = _NOT_IN_TIME
        return _back(request)

    async def _dismiss(self, request: Request) -> Response:
        channel = self._found(request)
        message = self._workspace.find(channel, str((await request.form()).get("ts", ""))) if channel else None
        if channel is not None and message is not None and message.only_for:
            self._workspace.remove(channel, message)
        return _back(request)

    async def _modal(self, request: Request) -> Response:
        """Submits or closes the modal in front, searches in it, or tells the bot which field was changed."""
        modal = self._workspace.modal(str(request.path_params["view_id"]))
        form = await request.form()
        if modal is None:
            return _back(request)
        before = modal.state
        fill(modal, form)
        match form.get("do"):
            case "submit":
                await self._requests.submit(modal)
            case "close":
                await self._requests.close(modal)
            case "dispatch":
                for _, action in list(changed(before, modal.state))[:1]:
                    await self._requests.act(modal, action)
        return _back(request)

    async def _become(self, request: Request) -> Response:
        """Another person sits at the page."""
        person = str((await request.form()).get("person", ""))
        if person in sample_workspace.ACTORS:
            self._workspace.acting = person
            self._workspace.touch()
        return RedirectResponse("/", status_code=303)

    async def _install(self, request: Request) -> Response:
        """Throws the bot out of the workspace, or lets it in again; what is so already stays."""
        match str((await request.form()).get("do", "")):
            case "uninstall" if self._workspace.is_installed:
                told = await self._requests.event({"type": "app_uninstalled"})
                self._workspace.is_installed = False
                self._notice = "dlvm is uninstalled: it is told so, and its token is good no more."
                self._notice = self._notice if told else _NOT_IN_TIME
            case "reinstall" if not self._workspace.is_installed:
                self._workspace.is_installed = True
                await asyncio.to_thread(self._reinstall)
                await self._tick()
                self._notice = "dlvm is installed again."
        self._workspace.touch()
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
            self._notice = f"{delivered} on the way to {arrival.at:%a} {arrival.at.day} {arrival.at:%b %Y}."
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
        self._notice = "Everything is as at first: the clock, the channels, the bot's database."


def _kind(channel: Channel) -> str:
    return "group" if channel.is_private else "channel"


def _action(form: FormData) -> Json:
    """What was pressed or chosen, as Slack tells it."""
    action: Json = json.loads(str(form.get("act", "{}")))
    if "option" in form:
        chosen = str(form["option"])
        if action.get("type") == "conversations_select":
            return action | {"selected_conversation": chosen}
        action["selected_option"] = {"value": chosen}
    return action


def _back(request: Request) -> Response:
    """To where the person was; only ever to a place of this page."""
    referer = request.headers.get("referer", "")
    if request.url.path == "/home/press" or referer.partition("?")[0].endswith("/home"):
        return RedirectResponse("/home", status_code=303)
    place = referer.partition("/c/")[2].partition("?")[0]
    channel_id = request.path_params.get("channel_id") or place
    return RedirectResponse(f"/c/{channel_id}" if channel_id.isalnum() else "/", status_code=303)
