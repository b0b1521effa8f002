"""What Slack would send to the bot, signed and over HTTP, and what it makes of the answers."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.sandbox import sample_workspace, threads
from bot.sandbox.block_kit import validate
from bot.sandbox.models import Channel, HomeView, Json, Message, Modal
from bot.sandbox.signed_requests import RESPONSE_TIMEOUT, BotResponse, SignedRequestSender
from bot.sandbox.workspace import Workspace, create_id


class SlackRequests:
    """Sends what the person at the page does to the bot's endpoint."""

    def __init__(
        self,
        workspace: Workspace,
        endpoint_url: str,
        signing_secret: str,
        real_clock: Callable[[], datetime],
        base_url: str,
        response_timeout: timedelta = RESPONSE_TIMEOUT,
    ) -> None:
        self._workspace = workspace
        self._sender = SignedRequestSender(endpoint_url, signing_secret.encode(), real_clock, response_timeout)
        self._base_url = base_url

    async def send_command(self, channel: Channel, text: str) -> None:
        """`/dlvm text` in a channel; its answer is shown to the person alone."""
        person = self._workspace.actor_id
        hook = self._workspace.create_response_url(channel.channel_id, person)
        form = {
            "command": "/dlvm",
            "text": threads.escape_names(text, self._workspace.people, self._workspace.list_visible_channels()),
            "team_id": sample_workspace.TEAM_ID,
            "team_domain": sample_workspace.TEAM_DOMAIN,
            "channel_id": channel.channel_id,
            "channel_name": channel.name,
            "user_id": person,
            "user_name": self._workspace.people[person].handle,
            "api_app_id": sample_workspace.APP_ID,
            "is_enterprise_install": "false",
            "response_url": f"{self._base_url}/response/{hook.url_id}",
            "trigger_id": self._workspace.create_trigger(person, channel.channel_id),
        }
        answer = await self._sender.send(urlencode(form).encode())
        self._show_command_response(channel, answer, f"/dlvm {text}".strip())

    async def send_message_action(self, channel: Channel, message: Message, action: Json) -> bool:
        """A button or menu of a message; False where the bot did not answer as Slack wants."""
        hook = self._workspace.create_response_url(channel.channel_id, self._workspace.actor_id, message.ts)
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
            "response_url": f"{self._base_url}/response/{hook.url_id}",
            "actions": [{"action_ts": self._workspace.create_ts(), **action}],
            "state": {"values": message.state},
        }
        return (await self._send_payload(payload, channel.channel_id)).is_ok

    async def send_view_action(self, view: Modal | HomeView, action: Json) -> bool:
        """A button, menu or field of a modal or of Home; False where the bot did not answer as Slack wants."""
        payload = {
            "type": "block_actions",
            "container": {"type": "view", "view_id": view.view_id},
            "view": self._build_modal_payload(view) if isinstance(view, Modal) else self._build_home_payload(view),
            "actions": [{"action_ts": self._workspace.create_ts(), **action}],
        }
        return (await self._send_payload(payload)).is_ok

    async def fetch_options(self, modal: Modal, block_id: str, action_id: str, typed: str) -> list[Json]:
        """What the bot offers for what was typed into a menu that asks it."""
        payload = {
            "type": "block_suggestion",
            "container": {"type": "view", "view_id": modal.view_id},
            "view": self._build_modal_payload(modal),
            "block_id": block_id,
            "action_id": action_id,
            "value": typed,
        }
        return list((await self._send_payload(payload)).parse_json().get("options") or ())[:100]

    async def send_check_shortcut(self, channel: Channel, message: Message) -> bool:
        """The shortcut in a message's menu; False where the bot did not answer as Slack wants."""
        hook = self._workspace.create_response_url(channel.channel_id, self._workspace.actor_id)
        payload = {
            "type": "message_action",
            "callback_id": "check_images",
            "message_ts": message.ts,
            "channel": {"id": channel.channel_id, "name": channel.name},
            "message": {"type": "message", "user": message.author, "ts": message.ts, "text": message.text}
            | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
            | ({"blocks": message.blocks} if message.blocks else {}),
            "response_url": f"{self._base_url}/response/{hook.url_id}",
        }
        return (await self._send_payload(payload)).status == 200  # noqa: PLR2004 - HTTP's OK

    async def submit_modal(self, modal: Modal) -> None:
        """The submit button of a modal; does what the bot answers: errors, update, push, clear, or closing it."""
        payload = {"type": "view_submission", "view": self._build_modal_payload(modal), "response_urls": []}
        answer = await self._send_payload(payload)
        if not answer.is_ok:
            modal.errors = {"": "We had some trouble connecting. Try again?"}
            self._workspace.mark_changed()
            return
        self._apply_response_action(modal, answer.parse_json())

    async def close_modal(self, modal: Modal) -> None:
        """The cancel button of a modal."""
        self._workspace.modals[modal.user_id].remove(modal)
        self._workspace.mark_changed()
        if modal.view.get("notify_on_close"):
            await self._send_payload(
                {"type": "view_closed", "view": self._build_modal_payload(modal), "is_cleared": False}
            )

    async def send_event(self, event: Json) -> bool:
        """An event; False where the bot did not take it. Where it is not installed it is told nothing."""
        if not self._workspace.is_installed:
            return True
        body = {
            "type": "event_callback",
            "event_id": create_id("Ev"),
            "event_time": int(self._workspace.now().timestamp()),
            "team_id": sample_workspace.TEAM_ID,
            "api_app_id": sample_workspace.APP_ID,
            "authorizations": [
                {"team_id": sample_workspace.TEAM_ID, "user_id": sample_workspace.BOT_USER_ID, "is_bot": True}
            ],
            "event": event,
        }
        return (await self._sender.send(json.dumps(body).encode(), "application/json")).is_ok

    def _apply_response_action(self, modal: Modal, response: Json) -> None:
        stack = self._workspace.modals.get(modal.user_id, [])
        match response.get("response_action"):
            case "errors":
                modal.errors = {str(key): str(value) for key, value in response.get("errors", {}).items()}
            case "update" | "push" as action:
                view = response.get("view", {})
                problems = validate.check_view(view)
                shown = view if not problems else _build_rejected_view(problems)
                if action == "update":
                    modal.view, modal.errors, modal.state = shown, {}, {}
                else:
                    stack.append(
                        Modal(create_id("V"), modal.user_id, shown, self._workspace.create_hash(), modal.root_id)
                    )
            case "clear":
                stack.clear()
            case _:
                stack.remove(modal)
        self._workspace.mark_changed()

    def _build_modal_payload(self, modal: Modal) -> Json:
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

    def find_home_payload(self, person: str) -> Json | None:
        """A person's Home as events bring it; None before the bot published one."""
        home = self._workspace.homes.get(person)
        return None if home is None else self._build_home_payload(home)

    def _build_home_payload(self, home: HomeView) -> Json:
        ids = {
            "id": home.view_id,
            "team_id": sample_workspace.TEAM_ID,
            "app_id": sample_workspace.APP_ID,
            "bot_id": sample_workspace.BOT_ID,
        }
        return {**home.view, **ids, "hash": home.hash, "state": {"values": {}}}

    def _show_command_response(self, channel: Channel, response: BotResponse, prompt: str) -> None:
        """A command's answer; a status other than 200 shows the person Slack's own words."""
        if not response.is_ok:
            code = "operation_timeout" if response.status == 0 else "dispatch_failed"
            text = f"/dlvm failed with the error “{code}”"
            self._workspace.post_message(
                channel, sample_workspace.SLACKBOT_ID, text, only_for=self._workspace.actor_id, prompt=prompt
            )
            return
        message = response.parse_json()
        if not message:
            return
        refusal = validate.find_rejection("response_url", message)
        if refusal is not None:
            text = f"Slack would refuse this answer: {refusal.error}: {'; '.join(refusal.messages)[:500]}"
            self._workspace.post_message(
                channel, sample_workspace.SLACKBOT_ID, text, only_for=self._workspace.actor_id, prompt=prompt
            )
            return
        only_for = "" if message.get("response_type") == "in_channel" else self._workspace.actor_id
        blocks = message.get("blocks") or []
        self._workspace.post_message(
            channel, sample_workspace.BOT_USER_ID, str(message["text"]), blocks=blocks, only_for=only_for, prompt=prompt
        )

    async def _send_payload(self, payload: Json, channel_id: str = "") -> BotResponse:
        if not self._workspace.is_installed:
            return BotResponse(0, b"")
        person = self._workspace.people[self._workspace.actor_id]
        whole = {
            "team": {"id": sample_workspace.TEAM_ID, "domain": sample_workspace.TEAM_DOMAIN},
            "user": {"id": person.user_id, "username": person.handle, "team_id": sample_workspace.TEAM_ID},
            "api_app_id": sample_workspace.APP_ID,
            "is_enterprise_install": False,
            "trigger_id": self._workspace.create_trigger(person.user_id, channel_id),
            **payload,
        }
        return await self._sender.send(urlencode({"payload": json.dumps(whole)}).encode())


def _build_rejected_view(problems: tuple[str, ...]) -> dict[str, Any]:
    said = "Slack would refuse this view: " + "; ".join(problems)[:500]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Refused"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": said}}],
    }
