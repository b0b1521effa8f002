"""Slack's requests to the bot, and the effects of its responses on the workspace."""

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
    """Send a person's actions to the bot's endpoint.

    Methods that return a bool return True if the bot acknowledged the request.
    """

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
        """Send `/dlvm text`, and show the answer in the channel."""
        person = self._workspace.actor_id
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
            "response_url": self._create_response_url(channel),
            "trigger_id": self._workspace.create_trigger(person, channel.channel_id),
        }
        response = await self._sender.send(urlencode(form).encode())
        self._show_command_response(channel, response, f"/dlvm {text}".strip())

    async def send_message_action(self, channel: Channel, message: Message, action: Json) -> bool:
        """Send a click on a button or menu of a message."""
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
            "response_url": self._create_response_url(channel, message.ts),
            "actions": [{"action_ts": self._workspace.create_ts(), **action}],
            "state": {"values": message.state},
        }
        return (await self._send_payload(payload, channel.channel_id)).is_ok

    async def send_view_action(self, view: Modal | HomeView, action: Json) -> bool:
        """Send a click on a button, menu or field of a modal or of Home."""
        payload = {
            "type": "block_actions",
            "container": {"type": "view", "view_id": view.view_id},
            "view": build_view_payload(view),
            "actions": [{"action_ts": self._workspace.create_ts(), **action}],
        }
        return (await self._send_payload(payload)).is_ok

    async def fetch_options(self, modal: Modal, block_id: str, action_id: str, search_text: str) -> list[Json]:
        """Return the bot's options for the search text of an external select, 100 at most."""
        payload = {
            "type": "block_suggestion",
            "container": {"type": "view", "view_id": modal.view_id},
            "view": build_view_payload(modal),
            "block_id": block_id,
            "action_id": action_id,
            "value": search_text,
        }
        return list((await self._send_payload(payload)).parse_json().get("options") or ())[:100]

    async def send_check_shortcut(self, channel: Channel, message: Message) -> bool:
        """Send the message shortcut that checks a message for images."""
        payload = {
            "type": "message_action",
            "callback_id": "check_images",
            "message_ts": message.ts,
            "channel": {"id": channel.channel_id, "name": channel.name},
            "message": {"type": "message", "user": message.author, "ts": message.ts, "text": message.text}
            | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
            | ({"blocks": message.blocks} if message.blocks else {}),
            "response_url": self._create_response_url(channel),
        }
        return (await self._send_payload(payload)).is_ok

    async def submit_modal(self, modal: Modal) -> None:
        """Submit a modal, and apply the response: errors, update, push or clear. Otherwise close it."""
        payload = {"type": "view_submission", "view": build_view_payload(modal), "response_urls": []}
        response = await self._send_payload(payload)
        if not response.is_ok:
            modal.errors = {"": "We had some trouble connecting. Try again?"}
            self._workspace.mark_changed()
            return
        self._apply_response_action(modal, response.parse_json())

    async def close_modal(self, modal: Modal) -> None:
        """Close a modal, and notify the bot if the view asks for that."""
        self._workspace.modals[modal.user_id].remove(modal)
        self._workspace.mark_changed()
        if modal.view.get("notify_on_close"):
            await self._send_payload({"type": "view_closed", "view": build_view_payload(modal), "is_cleared": False})

    async def send_event(self, event: Json) -> bool:
        """Send an event, unless the bot isn't installed."""
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
                if problems := validate.check_view(view):
                    view = _build_rejected_view(problems)
                if action == "update":
                    modal.view, modal.errors, modal.state = view, {}, {}
                else:
                    stack.append(
                        Modal(create_id("V"), modal.user_id, view, self._workspace.create_hash(), modal.root_id)
                    )
            case "clear":
                stack.clear()
            case _:
                stack.remove(modal)
        self._workspace.mark_changed()

    def _create_response_url(self, channel: Channel, message_ts: str = "") -> str:
        """Return the address of a new response URL, for a command or for an action on a message."""
        response_url = self._workspace.create_response_url(channel.channel_id, self._workspace.actor_id, message_ts)
        return f"{self._base_url}/response/{response_url.url_id}"

    def _show_command_response(self, channel: Channel, response: BotResponse, prompt: str) -> None:
        """Post the response to a command, or Slack's error message."""
        actor_id, message = self._workspace.actor_id, response.parse_json() if response.is_ok else {}
        error = "" if response.is_ok else "dispatch_failed" if response.status else "operation_timeout"
        rejection = validate.find_rejection("response_url", message) if message else None
        if rejection is not None:
            text = f"Slack would reject this answer: {rejection.error}: {'; '.join(rejection.messages)[:500]}"
        else:
            text = f"/dlvm failed with the error “{error}”"
        if error or rejection:
            self._workspace.post_message(channel, sample_workspace.SLACKBOT_ID, text, only_for=actor_id, prompt=prompt)
        elif message:
            self._workspace.post_response(channel, message, actor_id, prompt=prompt)

    async def _send_payload(self, payload: Json, channel_id: str = "") -> BotResponse:
        if not self._workspace.is_installed:
            return BotResponse(0, b"")
        person = self._workspace.people[self._workspace.actor_id]
        body = {
            "team": {"id": sample_workspace.TEAM_ID, "domain": sample_workspace.TEAM_DOMAIN},
            "user": {"id": person.user_id, "username": person.handle, "team_id": sample_workspace.TEAM_ID},
            "api_app_id": sample_workspace.APP_ID,
            "is_enterprise_install": False,
            "trigger_id": self._workspace.create_trigger(person.user_id, channel_id),
            **payload,
        }
        return await self._sender.send(urlencode({"payload": json.dumps(body)}).encode())


def build_view_payload(view: Modal | HomeView) -> Json:
    """Build a view as requests contain it."""
    payload = {
        **view.view,
        "id": view.view_id,
        "team_id": sample_workspace.TEAM_ID,
        "app_id": sample_workspace.APP_ID,
        "bot_id": sample_workspace.BOT_ID,
        "hash": view.hash,
        "state": {"values": {}},
    }
    if isinstance(view, Modal):
        payload |= {"root_view_id": view.root_id, "previous_view_id": view.previous_id or None}
        payload |= {"state": {"values": view.state}, "private_metadata": view.view.get("private_metadata", "")}
    return payload


def _build_rejected_view(problems: tuple[str, ...]) -> dict[str, Any]:
    text = "Slack would reject this view: " + "; ".join(problems)[:500]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Rejected"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": text}}],
    }
