"""Actions of the person at the page: typing, clicking, filling in modals, and changing channels, clock or person."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import sample_workspace, threads
from bot.sandbox.models import Channel, Json, Message
from bot.sandbox.page.modal_input import apply_form, find_changed_field
from bot.sandbox.slack_requests import SlackRequests
from bot.sandbox.time_travel import TimeTravel, TravelResult
from bot.sandbox.workspace import Workspace

COMMAND = "/dlvm"

_TIMED_OUT = "dlvm didn’t answer in time."

FormHandler = Callable[..., Awaitable[None]]
"""Apply a form, with the parameters of its path as keyword arguments."""


@dataclass(slots=True)
class PageActions:
    """Apply actions to the workspace, and send the bot the requests that Slack would send."""

    _workspace: Workspace
    _slack_requests: SlackRequests
    _time_travel: TimeTravel
    _reset: Callable[[], None]
    _reinstall: Callable[[], None]
    _notice: str = ""

    def build_routes(self) -> list[Route]:
        """Build the routes of the page's forms."""
        handlers: dict[str, FormHandler] = {
            "/c/{channel_id}/say": self._send_message,
            "/c/{channel_id}/press": self._press_element,
            "/c/{channel_id}/dismiss": self._dismiss_message,
            "/c/{channel_id}/manage": self._manage_channel,
            "/home/press": self._press_home_element,
            "/modal/{view_id}": self._handle_modal,
            "/person": self._switch_person,
            "/installation": self._change_installation,
            "/clock": self._move_clock,
        }
        return [Route(path, _redirect_after(handle), methods=["POST"]) for path, handle in handlers.items()]

    def pop_notice(self) -> str:
        """Return the notice about the last action, once."""
        notice, self._notice = self._notice, ""
        return notice

    def _find_message(self, form: FormData, channel_id: str) -> tuple[Channel, Message] | None:
        channel = self._workspace.list_visible_channels().get(channel_id)
        message = self._workspace.find_message(channel, str(form.get("ts", ""))) if channel else None
        return (channel, message) if channel and message else None

    def _post_ephemeral(self, channel: Channel, text: str) -> None:
        self._workspace.post_message(channel, sample_workspace.SLACKBOT_ID, text, only_for=self._workspace.actor_id)

    async def _send_message(self, form: FormData, channel_id: str) -> None:
        """Handle the composer's text: a command, an invitation or a message."""
        channel = self._workspace.list_visible_channels().get(channel_id)
        text = " ".join(str(form.get("text", "")).split())
        if channel is None or not text:
            return
        command, _, arguments = text.partition(" ")
        if command.lower() == COMMAND and not self._workspace.is_installed:
            self._post_ephemeral(channel, f"{command} is not a valid command: dlvm isn’t installed.")
        elif command.lower() == COMMAND:
            await self._slack_requests.send_command(channel, arguments)
        elif channel.is_archived:
            self._post_ephemeral(channel, "This channel is archived.")
        elif command in {"/invite", "/remove"} and arguments.lstrip("@").lower() == "dlvm":
            await self._change_channel(channel, command[1:])
        elif command.startswith("/"):
            self._post_ephemeral(channel, f"{command} isn’t a command of the sandbox.")
        else:
            text = threads.encode_bot_mention(text)
            message = self._workspace.post_message(channel, self._workspace.actor_id, text)
            if event := threads.build_event(channel, message):
                await self._slack_requests.send_event(event)

    async def _manage_channel(self, form: FormData, channel_id: str) -> None:
        """Handle a button in the channel's header."""
        channel = self._workspace.list_visible_channels().get(channel_id)
        if channel is not None and not channel.is_im:
            await self._change_channel(channel, str(form.get("do", "")))

    async def _change_channel(self, channel: Channel, action: str) -> None:
        """Invite, remove, archive or unarchive. Do nothing if the channel is in that state already."""
        actor = self._workspace.people[self._workspace.actor_id]
        bot_id = sample_workspace.BOT_USER_ID
        prefix = "group" if channel.is_private else "channel"
        match action:
            case "invite" if bot_id not in channel.members:
                channel.members.append(bot_id)
                self._workspace.post_notice(channel, bot_id, f"was added to the channel by {actor.name}")
                event = {"type": "member_joined_channel", "user": bot_id, "inviter": actor.user_id}
                event |= {"channel_type": "G" if channel.is_private else "C", "team": sample_workspace.TEAM_ID}
            case "remove" if bot_id in channel.members:
                channel.members.remove(bot_id)
                self._workspace.post_notice(channel, bot_id, f"was removed from the channel by {actor.name}")
                event = {"type": f"{prefix}_left", "actor_id": actor.user_id}
            case "archive" | "unarchive" if channel.is_archived is (action == "unarchive"):
                channel.is_archived = action == "archive"
                self._workspace.post_notice(channel, actor.user_id, f"{action}d the channel")
                event = {"type": f"{prefix}_{action}", "user": actor.user_id}
            case _:
                return
        event |= {"channel": channel.channel_id, "event_ts": self._workspace.create_ts()}
        if not await self._slack_requests.send_event(event):
            self._post_ephemeral(channel, _TIMED_OUT)
        await self._tick()

    async def _tick(self) -> None:
        """Run a tick now instead of within a minute, which posts introductions and held reminders."""
        await asyncio.to_thread(self._time_travel.advance_by, timedelta())

    async def _press_element(self, form: FormData, channel_id: str) -> None:
        """Handle a click on a message's button or menu, or on its Check button."""
        target = self._find_message(form, channel_id)
        if target is None:
            return
        channel, message = target
        if action := _parse_action(form):
            is_ok = await self._slack_requests.send_message_action(channel, message, action)
        else:
            is_ok = await self._slack_requests.send_check_shortcut(channel, message)
        if not is_ok:
            self._post_ephemeral(channel, _TIMED_OUT)

    async def _press_home_element(self, form: FormData) -> None:
        home = self._workspace.homes.get(self._workspace.actor_id)
        action = _parse_action(form)
        if home is not None and not await self._slack_requests.send_view_action(home, action):
            self._notice = _TIMED_OUT

    async def _dismiss_message(self, form: FormData, channel_id: str) -> None:
        target = self._find_message(form, channel_id)
        if target is not None and target[1].only_for:
            self._workspace.remove_message(*target)

    async def _handle_modal(self, form: FormData, view_id: str) -> None:
        """Submit or close the top modal, search in it, or send the bot its changed field."""
        modal = self._workspace.find_modal(view_id)
        if modal is None:
            return
        previous_state = modal.state
        apply_form(modal, form)
        match form.get("do"):
            case "submit":
                await self._slack_requests.submit_modal(modal)
            case "close":
                await self._slack_requests.close_modal(modal)
            case "dispatch":
                if action := find_changed_field(previous_state, modal.state):
                    await self._slack_requests.send_view_action(modal, action)

    async def _switch_person(self, form: FormData) -> None:
        person = str(form.get("person", ""))
        if person in sample_workspace.ACTORS:
            self._workspace.actor_id = person
            self._workspace.mark_changed()

    async def _change_installation(self, form: FormData) -> None:
        """Uninstall or reinstall the bot. Do nothing if it is in that state already."""
        match str(form.get("do", "")):
            case "uninstall" if self._workspace.is_installed:
                is_ok = await self._slack_requests.send_event({"type": "app_uninstalled"})
                self._workspace.is_installed = False
                self._notice = "dlvm uninstalled; its token has been revoked." if is_ok else _TIMED_OUT
            case "reinstall" if not self._workspace.is_installed:
                self._workspace.is_installed = True
                await asyncio.to_thread(self._reinstall)
                await self._tick()
                self._notice = "dlvm reinstalled."
        self._workspace.mark_changed()

    async def _move_clock(self, form: FormData) -> None:
        """Move the clock. This runs off the event loop, because the bot posts to this server meanwhile."""
        move = str(form.get("move", ""))
        if move == "reset":
            await asyncio.to_thread(self._start_over)
            return
        result = await asyncio.to_thread(self._travel, move)
        if result is not None:
            self._workspace.mark_changed()
            self._notice = _describe_travel(result)

    def _travel(self, move: str) -> TravelResult | None:
        if move == "next":
            return self._time_travel.advance_to_next_message()
        spans = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
        return self._time_travel.advance_by(spans[move]) if move in spans else None

    def _start_over(self) -> None:
        self._time_travel.clock.reset()
        self._reset()
        self._workspace.reset()
        self._notice = "The clock, the channels and dlvm’s database were reset."


def _describe_travel(result: TravelResult) -> str:
    day = f"{result.arrived_at:%a} {result.arrived_at.day} {result.arrived_at:%b %Y}"
    if not result.delivered:
        return f"It’s now {day}. No messages were posted."
    messages = "1 message was" if result.delivered == 1 else f"{result.delivered} messages were"
    return f"It’s now {day}. {messages} posted."


def _parse_action(form: FormData) -> Json:
    """Return the clicked element or the selected option as a Slack action."""
    action: Json = json.loads(str(form.get("act", "{}")))
    if "option" in form:
        option = str(form["option"])
        if action.get("type") == "conversations_select":
            return action | {"selected_conversation": option}
        action["selected_option"] = {"value": option}
    return action


def _redirect_after(handle: FormHandler) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that handles a form and goes back to the page that it was on."""

    async def endpoint(request: Request) -> Response:
        form = await request.form()
        await handle(form, **request.path_params)
        return RedirectResponse(_find_next_page(request, form), status_code=303)

    return endpoint


def _find_next_page(request: Request, form: FormData) -> str:
    """Return the path of Home or the channel that the form was on, or of the first channel. Never another site's."""
    if request.url.path == "/person" or form.get("move") == "reset":
        return "/"
    referer = request.headers.get("referer", "")
    if request.url.path == "/home/press" or referer.partition("?")[0].endswith("/home"):
        return "/home"
    channel_id = request.path_params.get("channel_id") or referer.partition("/c/")[2].partition("?")[0]
    return f"/c/{channel_id}" if channel_id.isalnum() else "/"
