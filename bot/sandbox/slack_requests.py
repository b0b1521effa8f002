"""What Slack would send to the bot, signed and over HTTP, and what it makes of the answers."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.sandbox import sample_workspace, threads
from bot.sandbox.block_kit import validate
from bot.sandbox.models import Channel, Home, Json, Message, Modal
from bot.sandbox.signed_requests import LIMIT, Answer, Posting
from bot.sandbox.workspace import Workspace, new_id


class Requests:
    """Sends what the person at the page does to the bot's endpoint."""

    def __init__(
        self,
        workspace: Workspace,
        endpoint_url: str,
        signing_secret: str,
        real_clock: Callable[[], datetime],
        own_url: str,
        limit: timedelta = LIMIT,
    ) -> None:
        self._workspace = workspace
        self._posting = Posting(endpoint_url, signing_secret.encode(), real_clock, limit)
        self._own_url = own_url

    async def command(self, channel: Channel, text: str) -> None:
        """`/dlvm text` in a channel; its answer is shown to the person alone."""
        person = self._workspace.acting
        hook = self._workspace.hook(channel.channel_id, person)
        form = {
            "command": "/dlvm",
            "text": threads.escaped(text, self._workspace.people, self._workspace.visible()),
            "team_id": sample_workspace.TEAM_ID,
            "team_domain": sample_workspace.TEAM_DOMAIN,
            "channel_id": channel.channel_id,
            "channel_name": channel.name,
            "user_id": person,
            "user_name": self._workspace.people[person].handle,
            "api_app_id": sample_workspace.APP_ID,
            "is_enterprise_install": "false",
            "response_url": f"{self._own_url}/response/{hook.hook_id}",
            "trigger_id": self._workspace.trigger(person, channel.channel_id),
        }
        answer = await self._posting.send(urlencode(form).encode())
        self._show(channel, answer, f"/dlvm {text}".strip())

    async def press(self, channel: Channel, message: Message, action: Json) -> bool:
        """A button or menu of a message; False where the bot did not answer as Slack wants."""
        hook = self._workspace.hook(channel.channel_id, self._workspace.acting, message.ts)
        payload = {
            "type": "block_actions",
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": channel.channel_id,
                "is_ephemeral": bool(message.only_for),
            },
            "channel": {"id": channel.channel_id, "name": channel.name},
            "message": {"type": "message", "ts": message.ts, "text": message.text, "blocks": message.blocks},
            "response_url": f"{self._own_url}/response/{hook.hook_id}",
            "actions": [{"action_ts": self._workspace.stamp(), **action}],
            "state": {"values": message.chosen},
        }
        return (await self._payload(payload, channel.channel_id)).is_taken

    async def act(self, shown: Modal | Home, action: Json) -> bool:
        """A button, menu or field of a modal or of Home; False where the bot did not answer as Slack wants."""
        payload = {
            "type": "block_actions",
            "container": {"type": "view", "view_id": shown.view_id},
            "view": self._view(shown) if isinstance(shown, Modal) else self._home(shown),
            "actions": [{"action_ts": self._workspace.stamp(), **action}],
        }
        return (await self._payload(payload)).is_taken

    async def suggestions(self, modal: Modal, block_id: str, action_id: str, typed: str) -> list[Json]:
        """What the bot offers for what was typed into a menu that asks it."""
        payload = {
            "type": "block_suggestion",
            "container": {"type": "view", "view_id": modal.view_id},
            "view": self._view(modal),
            "block_id": block_id,
            "action_id": action_id,
            "value": typed,
        }
        return list((await self._payload(payload)).fields().get("options") or ())[:100]

    async def check(self, channel: Channel, message: Message) -> bool:
        """The shortcut in a message's menu; False where the bot did not answer as Slack wants."""
        hook = self._workspace.hook(channel.channel_id, self._workspace.acting)
        payload = {
            "type": "message_action",
            "callback_id": "check_images",
            "message_ts": message.ts,
            "channel": {"id": channel.channel_id, "name": channel.name},
            "message": {"type": "message", "user": message.author, "ts": message.ts, "text": message.text}
            | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
            | ({"blocks": message.blocks} if message.blocks else {}),
            "response_url": f"{self._own_url}/response/{hook.hook_id}",
        }
        return (await self._payload(payload)).status == 200  # noqa: PLR2004 - HTTP's OK

    async def submit(self, modal: Modal) -> None:
        """The submit button of a modal; does what the bot answers: errors, update, push, clear, or closing it."""
        payload = {"type": "view_submission", "view": self._view(modal), "response_urls": []}
        answer = await self._payload(payload)
        if not answer.is_taken:
            modal.errors = {"": "We had some trouble connecting. Try again?"}
            self._workspace.touch()
            return
        self._respond(modal, answer.fields())

    async def close(self, modal: Modal) -> None:
        """The cancel button of a modal."""
        self._workspace.modals[modal.user_id].remove(modal)
        self._workspace.touch()
        if modal.view.get("notify_on_close"):
            await self._payload({"type": "view_closed", "view": self._view(modal), "is_cleared": False})

    async def event(self, event: Json) -> bool:
        """An event; False where the bot did not take it. Where it is not installed it is told nothing."""
        if not self._workspace.is_installed:
            return True
        body = {
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(self._workspace.now().timestamp()),
            "team_id": sample_workspace.TEAM_ID,
            "api_app_id": sample_workspace.APP_ID,
            "authorizations": [
                {"team_id": sample_workspace.TEAM_ID, "user_id": sample_workspace.BOT_USER_ID, "is_bot": True}
            ],
            "event": event,
        }
        return (await self._posting.send(json.dumps(body).encode(), "application/json")).is_taken

    def _respond(self, modal: Modal, answer: Json) -> None:
        stack = self._workspace.modals.get(modal.user_id, [])
        match answer.get("response_action"):
            case "errors":
                modal.errors = {str(key): str(value) for key, value in answer.get("errors", {}).items()}
            case "update" | "push" as action:
                view = answer.get("view", {})
                problems = validate.check_view(view)
                shown = view if not problems else _wrong(problems)
                if action == "update":
                    modal.view, modal.errors, modal.state = shown, {}, {}
                else:
                    stack.append(Modal(new_id("V"), modal.user_id, shown, self._workspace.hash(), modal.root_id))
            case "clear":
                stack.clear()
            case _:
                stack.remove(modal)
        self._workspace.touch()

    def _view(self, modal: Modal) -> Json:
        return {
            **modal.view,
            "id": modal.view_id,
            "team_id": sample_workspace.TEAM_ID,
            "app_id": sample_workspace.APP_ID,
            "bot_id": sample_workspace.BOT_ID,
            "hash": modal.hash,
            "root_view_id": modal.root_id,
            "previous_view_id": modal.previous_id or None,
            "state": {"values": modal.state},
            "private_metadata": modal.view.get("private_metadata", ""),
        }

    def home_of(self, person: str) -> Json | None:
        """A person's Home as events bring it; None before the bot published one."""
        home = self._workspace.homes.get(person)
        return None if home is None else self._home(home)

    def _home(self, home: Home) -> Json:
        ids = {
            "id": home.view_id,
            "team_id": sample_workspace.TEAM_ID,
            "app_id": sample_workspace.APP_ID,
            "bot_id": sample_workspace.BOT_ID,
        }
        return {**home.view, **ids, "hash": home.hash, "state": {"values": {}}}

    def _show(self, channel: Channel, answer: Answer, prompt: str) -> None:
        """A command's answer; a status other than 200 shows the person Slack's own words."""
        if not answer.is_taken:
            code = "operation_timeout" if answer.status == 0 else "dispatch_failed"
            text = f"/dlvm failed with the error “{code}”"
            self._workspace.post(
                channel, sample_workspace.SLACKBOT, text, only_for=self._workspace.acting, prompt=prompt
            )
            return
        message = answer.fields()
        if not message:
            return
        refusal = validate.refusal("response_url", message)
        if refusal is not None:
            text = f"Slack would refuse this answer: {refusal.error}: {'; '.join(refusal.messages)[:500]}"
            self._workspace.post(
                channel, sample_workspace.SLACKBOT, text, only_for=self._workspace.acting, prompt=prompt
            )
            return
        only_for = "" if message.get("response_type") == "in_channel" else self._workspace.acting
        blocks = message.get("blocks") or []
        self._workspace.post(
            channel, sample_workspace.BOT_USER_ID, str(message["text"]), blocks=blocks, only_for=only_for, prompt=prompt
        )

    async def _payload(self, payload: Json, channel_id: str = "") -> Answer:
        if not self._workspace.is_installed:
            return Answer(0, b"")
        person = self._workspace.people[self._workspace.acting]
        whole = {
            "team": {"id": sample_workspace.TEAM_ID, "domain": sample_workspace.TEAM_DOMAIN},
            "user": {"id": person.user_id, "username": person.handle, "team_id": sample_workspace.TEAM_ID},
            "api_app_id": sample_workspace.APP_ID,
            "is_enterprise_install": False,
            "trigger_id": self._workspace.trigger(person.user_id, channel_id),
            **payload,
        }
        return await self._posting.send(urlencode({"payload": json.dumps(whole)}).encode())


def _wrong(problems: tuple[str, ...]) -> dict[str, Any]:
    said = "Slack would refuse this view: " + "; ".join(problems)[:500]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Refused"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": said}}],
    }
