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
from bot.sandbox.page.modal_input import apply_form, list_changed_fields
from bot.sandbox.slack_requests import SlackRequests
from bot.sandbox.time_travel import TimeTravel, TravelResult
from bot.sandbox.workspace import Workspace

COMMAND = "/dlvm"

_TIMED_OUT = "dlvm did not answer in time."


class PageActions:
    """Does it to the workspace, and tells the bot what Slack would tell it."""

    def __init__(
        self,
        workspace: Workspace,
        slack_requests: SlackRequests,
        time_travel: TimeTravel,
        reset: Callable[[], None],
        reinstall: Callable[[], None],
    ) -> None:
        self._workspace = workspace
        self._slack_requests = slack_requests
        self._time_travel = time_travel
        self._reset = reset
        self._reinstall = reinstall
        self._notice = ""

    def build_routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/c/{channel_id}/say", self._send_message, methods=["POST"]),
            Route("/c/{channel_id}/press", self._press_element, methods=["POST"]),
            Route("/c/{channel_id}/dismiss", self._dismiss_message, methods=["POST"]),
            Route("/c/{channel_id}/manage", self._manage_channel, methods=["POST"]),
            Route("/home/press", self._press_home_element, methods=["POST"]),
            Route("/modal/{view_id}", self._handle_modal, methods=["POST"]),
            Route("/person", self._switch_person, methods=["POST"]),
            Route("/installation", self._change_installation, methods=["POST"]),
            Route("/clock", self._move_clock, methods=["POST"]),
        ]

    def pop_notice(self) -> str:
        """What happened last, said once."""
        said, self._notice = self._notice, ""
        return said

    def _find_channel(self, request: Request) -> Channel | None:
        return self._workspace.list_visible_channels().get(str(request.path_params["channel_id"]))

    def _post_ephemeral(self, channel: Channel, text: str) -> None:
        self._workspace.post_message(channel, sample_workspace.SLACKBOT_ID, text, only_for=self._workspace.actor_id)

    async def _send_message(self, request: Request) -> Response:
        """The composer: a command, an invitation, or just words."""
        channel = self._find_channel(request)
        text = " ".join(str((await request.form()).get("text", "")).split())
        if channel is None or not text:
            return _redirect_back(request)
        word, _, rest = text.partition(" ")
        if word.lower() == COMMAND and not self._workspace.is_installed:
            self._post_ephemeral(channel, f"{word} is not a valid command: dlvm is not installed.")
        elif word.lower() == COMMAND:
            await self._slack_requests.send_command(channel, rest)
        elif channel.is_archived:
            self._post_ephemeral(channel, "This channel is archived.")
        elif word in {"/invite", "/remove"} and rest.lstrip("@").lower() == "dlvm":
            await self._change_channel(channel, word[1:])
        elif word.startswith("/"):
            self._post_ephemeral(channel, f"{word} is not a command of this sandbox.")
        else:
            said = self._workspace.post_message(channel, self._workspace.actor_id, threads.encode_bot_mention(text))
            if event := threads.build_event(channel, said):
                await self._slack_requests.send_event(event)
        return _redirect_back(request)

    async def _manage_channel(self, request: Request) -> Response:
        """A control in the channel's header."""
        channel = self._find_channel(request)
        if channel is not None and not channel.is_im:
            await self._change_channel(channel, str((await request.form()).get("do", "")))
        return _redirect_back(request)

    async def _change_channel(self, channel: Channel, action: str) -> None:
        """Lets the bot in or out, archives or unarchives; what is so already stays."""
        you, inside = self._workspace.people[self._workspace.actor_id], sample_workspace.BOT_USER_ID in channel.members
        match action:
            case "invite" if not inside:
                channel.members.append(sample_workspace.BOT_USER_ID)
                self._workspace.post_notice(
                    channel, sample_workspace.BOT_USER_ID, f"was added to the channel by {you.name}"
                )
                event = {"type": "member_joined_channel", "user": sample_workspace.BOT_USER_ID, "inviter": you.user_id}
                event |= {"channel_type": "G" if channel.is_private else "C", "team": sample_workspace.TEAM_ID}
            case "remove" if inside:
                channel.members.remove(sample_workspace.BOT_USER_ID)
                self._workspace.post_notice(
                    channel, sample_workspace.BOT_USER_ID, f"was removed from the channel by {you.name}"
                )
                event = {"type": f"{_get_event_prefix(channel)}_left", "actor_id": you.user_id}
            case "archive" | "unarchive" if channel.is_archived is (action == "unarchive"):
                channel.is_archived = action == "archive"
                self._workspace.post_notice(channel, you.user_id, f"{action}d the channel")
                event = {"type": f"{_get_event_prefix(channel)}_{action}", "user": you.user_id}
            case _:
                return
        event |= {"channel": channel.channel_id, "event_ts": self._workspace.create_ts()}
        if not await self._slack_requests.send_event(event):
            self._post_ephemeral(channel, _TIMED_OUT)
        await self._tick()

    async def _tick(self) -> None:
        """Has the bot post at once what it would post within a minute: an introduction, a note, what was held."""
        await asyncio.to_thread(self._time_travel.advance_by, timedelta())

    async def _press_element(self, request: Request) -> Response:
        channel = self._find_channel(request)
        form = await request.form()
        message = self._workspace.find_message(channel, str(form.get("ts", ""))) if channel else None
        if channel is None or message is None:
            return _redirect_back(request)
        asked, action = self._slack_requests, _parse_action(form)
        if not await (
            asked.send_message_action(channel, message, action)
            if action
            else asked.send_check_shortcut(channel, message)
        ):
            self._post_ephemeral(channel, _TIMED_OUT)
        return _redirect_back(request)

    async def _press_home_element(self, request: Request) -> Response:
        home = self._workspace.homes.get(self._workspace.actor_id)
        if home is not None and not await self._slack_requests.send_view_action(
            home, _parse_action(await request.form())
        ):
            self._notice = _TIMED_OUT
        return _redirect_back(request)

    async def _dismiss_message(self, request: Request) -> Response:
        channel = self._find_channel(request)
        message = self._workspace.find_message(channel, str((await request.form()).get("ts", ""))) if channel else None
        if channel is not None and message is not None and message.only_for:
            self._workspace.remove_message(channel, message)
        return _redirect_back(request)

    async def _handle_modal(self, request: Request) -> Response:
        """Submits or closes the modal in front, searches in it, or tells the bot which field was changed."""
        modal = self._workspace.find_modal(str(request.path_params["view_id"]))
        form = await request.form()
        if modal is None:
            return _redirect_back(request)
        before = modal.state
        apply_form(modal, form)
        match form.get("do"):
            case "submit":
                await self._slack_requests.submit_modal(modal)
            case "close":
                await self._slack_requests.close_modal(modal)
            case "dispatch":
                for _, action in list(list_changed_fields(before, modal.state))[:1]:
                    await self._slack_requests.send_view_action(modal, action)
        return _redirect_back(request)

    async def _switch_person(self, request: Request) -> Response:
        """Another person sits at the page."""
        person = str((await request.form()).get("person", ""))
        if person in sample_workspace.ACTORS:
            self._workspace.actor_id = person
            self._workspace.mark_changed()
        return RedirectResponse("/", status_code=303)

    async def _change_installation(self, request: Request) -> Response:
        """Throws the bot out of the workspace, or lets it in again; what is so already stays."""
        match str((await request.form()).get("do", "")):
            case "uninstall" if self._workspace.is_installed:
                told = await self._slack_requests.send_event({"type": "app_uninstalled"})
                self._workspace.is_installed = False
                self._notice = "dlvm is uninstalled: it is told so, and its token is good no more."
                self._notice = self._notice if told else _TIMED_OUT
            case "reinstall" if not self._workspace.is_installed:
                self._workspace.is_installed = True
                await asyncio.to_thread(self._reinstall)
                await self._tick()
                self._notice = "dlvm is installed again."
        self._workspace.mark_changed()
        return _redirect_back(request)

    async def _move_clock(self, request: Request) -> Response:
        """Moves the clock, off the event loop, because the bot posts to this server meanwhile."""
        move = str((await request.form()).get("move", ""))
        if move == "reset":
            await asyncio.to_thread(self._start_over)
            return RedirectResponse("/", status_code=303)
        arrival = await asyncio.to_thread(self._travel, move)
        if arrival is not None:
            self._workspace.mark_changed()
            count = arrival.delivered
            delivered = "No reminder came" if not count else f"{count} message{'' if count == 1 else 's'} posted"
            self._notice = f"{delivered} on the way to {arrival.arrived_at:%a} {arrival.arrived_at.day} {arrival.arrived_at:%b %Y}."
        return _redirect_back(request)

    def _travel(self, move: str) -> TravelResult | None:
        if move == "next":
            return self._time_travel.advance_to_next_message()
        spans = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
        return self._time_travel.advance_by(spans[move]) if move in spans else None

    def _start_over(self) -> None:
        self._time_travel.clock.reset()
        self._reset()
        self._workspace.reset()
        self._notice = "Everything is as at first: the clock, the channels, the bot's database."


def _get_event_prefix(channel: Channel) -> str:
    return "group" if channel.is_private else "channel"


def _parse_action(form: FormData) -> Json:
    """What was pressed or chosen, as Slack tells it."""
    action: Json = json.loads(str(form.get("act", "{}")))
    if "option" in form:
        chosen = str(form["option"])
        if action.get("type") == "conversations_select":
            return action | {"selected_conversation": chosen}
        action["selected_option"] = {"value": chosen}
    return action


def _redirect_back(request: Request) -> Response:
    """To where the person was; only ever to a place of this page."""
    referer = request.headers.get("referer", "")
    if request.url.path == "/home/press" or referer.partition("?")[0].endswith("/home"):
        return RedirectResponse("/home", status_code=303)
    place = referer.partition("/c/")[2].partition("?")[0]
    channel_id = request.path_params.get("channel_id") or place
    return RedirectResponse(f"/c/{channel_id}" if channel_id.isalnum() else "/", status_code=303)
