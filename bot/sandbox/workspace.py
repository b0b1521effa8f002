"""The state of the local workspace, and the operations on it."""

import secrets
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox import sample_workspace
from bot.sandbox.faults import MAX_CALLS, ApiCall, FaultQueue
from bot.sandbox.models import Channel, HomeView, Json, Message, Modal, Person, ResponseUrl, SlackError, Trigger
from bot.sandbox.signed_requests import RESPONSE_TIMEOUT

RESPONSE_URL_LIFETIME = timedelta(minutes=30)
MAX_MESSAGES = 1_000
"""Messages kept in a channel."""


class Workspace:
    """People, channels, messages and views. `on_change` is called after each change.

    Messages are stamped by the workspace's clock. Triggers expire in real time, even if the clock is moved.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        real_clock: Callable[[], datetime],
        trigger_lifetime: timedelta = RESPONSE_TIMEOUT,
    ) -> None:
        self.now = clock
        self._real_clock = real_clock
        self._trigger_lifetime = trigger_lifetime
        self.on_change: Callable[[], None] = lambda: None
        self.revision = 0
        self.faults = FaultQueue()
        self.calls: deque[ApiCall] = deque(maxlen=MAX_CALLS)
        self.reset()

    def reset(self) -> None:
        """Restore the initial workspace. Faults and recorded calls stay."""
        self.people: dict[str, Person] = sample_workspace.build_people()
        self.channels: dict[str, Channel] = sample_workspace.build_channels()
        self.modals: dict[str, list[Modal]] = {}
        self.homes: dict[str, HomeView] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.triggers: dict[str, Trigger] = {}
        self.actor_id = sample_workspace.DEFAULT_ACTOR
        self.is_installed = True
        self.mark_changed()

    def mark_changed(self) -> None:
        """Increment the revision and call `on_change`."""
        self.revision += 1
        self.on_change()

    def create_ts(self) -> str:
        """Return the current time as a unique message ts."""
        microseconds = round(self.now().timestamp() * 1_000_000)
        taken = {message.ts for channel in self.channels.values() for message in channel.messages[-100:]}
        while (ts := f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}") in taken:
            microseconds += 1
        return ts

    def post_message(self, channel: Channel, author: str, text: str, **fields: object) -> Message:
        """Add a message, with more fields of Message as keyword arguments."""
        message = Message(self.create_ts(), author, text)
        for name, value in fields.items():
            setattr(message, name, value)
        message.blocks = assign_ids(message.blocks)
        channel.messages.append(message)
        del channel.messages[:-MAX_MESSAGES]
        channel.unread += 1
        self.mark_changed()
        return message

    def post_response(self, channel: Channel, payload: Json, user_id: str, **fields: object) -> Message:
        """Post the bot's response to a command or an action, which only the person sees unless it is `in_channel`."""
        fields["only_for"] = "" if payload.get("response_type") == "in_channel" else user_id
        fields["blocks"] = payload.get("blocks") or []
        return self.post_message(channel, sample_workspace.BOT_USER_ID, str(payload["text"]), **fields)

    def post_notice(self, channel: Channel, author: str, text: str) -> Message:
        """Add a system message about something that the author did."""
        return self.post_message(channel, author, text, is_notice=True)

    def find_message(self, channel: Channel, ts: str) -> Message | None:
        """Return the message with this ts, if any."""
        return next((message for message in channel.messages if message.ts == ts), None)

    def remove_message(self, channel: Channel, message: Message) -> None:
        """Delete a message."""
        channel.messages.remove(message)
        self.mark_changed()

    def list_visible_channels(self) -> dict[str, Channel]:
        """Return the channels that the actor can see, by ID: their own, and unless a guest, the public ones."""
        is_guest = self.people[self.actor_id].is_guest
        return {
            channel.channel_id: channel
            for channel in self.channels.values()
            if self.actor_id in channel.members or not (channel.is_private or is_guest)
        }

    def create_trigger(self, user_id: str, channel_id: str = "") -> str:
        """Create a trigger and return its ID."""
        trigger_id = f"{len(self.triggers) + 1}.{secrets.token_hex(8)}"
        self.triggers[trigger_id] = Trigger(user_id, self._real_clock() + self._trigger_lifetime, channel_id=channel_id)
        return trigger_id

    def use_trigger(self, trigger_id: object) -> str:
        """Use up a trigger and return its user. Raise SlackError if it is unknown, used or expired."""
        trigger = self.triggers.get(str(trigger_id))
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_used:
            raise SlackError("exchanged_trigger_id")
        if self._real_clock() > trigger.expires_at:
            raise SlackError("expired_trigger_id")
        trigger.is_used = True
        return trigger.user_id

    def create_response_url(self, channel_id: str, user_id: str, message_ts: str = "") -> ResponseUrl:
        """Create a response URL for a command, or for an action on a message."""
        expires_at = (self.now() + RESPONSE_URL_LIFETIME).timestamp()
        response_url = ResponseUrl(secrets.token_hex(12), channel_id, user_id, expires_at, message_ts)
        self.response_urls[response_url.url_id] = response_url
        return response_url

    def find_modal(self, view_id: str) -> Modal | None:
        """Return the open modal with this ID, if any."""
        return next((modal for stack in self.modals.values() for modal in stack if modal.view_id == view_id), None)

    def create_hash(self) -> str:
        """Return a new view hash."""
        return f"{int(self.now().timestamp())}.{secrets.token_hex(4)}"


def create_id(prefix: str) -> str:
    """Return a new ID in Slack's format."""
    return f"{prefix}{secrets.token_hex(5).upper()}"


def assign_ids(blocks: list[Json]) -> list[Json]:
    """Return the blocks with missing block and action IDs filled in, as Slack does."""
    return [_assign_block_ids(block, index) for index, block in enumerate(blocks)]


def _assign_block_ids(block: Json, index: int) -> Json:
    block = {"block_id": f"b{index}.{secrets.token_hex(2)}", **block}
    for key in ("accessory", "element"):
        if key in block and block[key].get("type") != "image":
            block[key] = {"action_id": f"a{secrets.token_hex(2)}", **block[key]}
    if block.get("type") == "actions":
        block["elements"] = [
            {"action_id": f"a{number}.{secrets.token_hex(2)}", **element}
            for number, element in enumerate(block["elements"])
        ]
    return block
