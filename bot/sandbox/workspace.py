"""The state of the stand-in workspace, and what can happen to it."""

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
"""Messages kept in a channel; the oldest are forgotten."""


class Workspace:
    """People, channels, messages and views; `changed` is called after each change.

    Messages are stamped by the workspace's clock. Triggers live in real time, however the clock is moved.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        real_clock: Callable[[], datetime],
        trigger_lifetime: timedelta = RESPONSE_TIMEOUT,
    ) -> None:
        self._clock = clock
        self._real_clock = real_clock
        self._trigger_lifetime = trigger_lifetime
        self.on_change: Callable[[], None] = lambda: None
        self.revision = 0
        self.faults = FaultQueue()
        self.calls: deque[ApiCall] = deque(maxlen=MAX_CALLS)
        self.reset()

    def reset(self) -> None:
        """The workspace as everybody finds it at first; faults and calls stay."""
        self.people: dict[str, Person] = sample_workspace.build_people()
        self.channels: dict[str, Channel] = sample_workspace.build_channels()
        self.modals: dict[str, list[Modal]] = {}
        self.homes: dict[str, HomeView] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.triggers: dict[str, Trigger] = {}
        self.actor_id = sample_workspace.DEFAULT_ACTOR
        self.is_installed = True
        self.mark_changed()

    def now(self) -> datetime:
        """The present instant on the workspace's clock."""
        return self._clock()

    def mark_changed(self) -> None:
        """Says that something changed."""
        self.revision += 1
        self.on_change()

    def create_ts(self) -> str:
        """A new ts: the present instant, made unique."""
        micros = round(self._clock().timestamp() * 1_000_000)
        taken = {message.ts for channel in self.channels.values() for message in channel.messages[-100:]}
        while (stamp := f"{micros // 1_000_000}.{micros % 1_000_000:06d}") in taken:
            micros += 1
        return stamp

    def post_message(self, channel: Channel, author: str, text: str, **fields: object) -> Message:
        """Adds a message; `more` are fields of Message."""
        message = Message(self.create_ts(), author, text)
        for name, value in fields.items():
            setattr(message, name, value)
        message.blocks = assign_ids(message.blocks)
        channel.messages.append(message)
        del channel.messages[:-MAX_MESSAGES]
        channel.unread += 1
        self.mark_changed()
        return message

    def post_notice(self, channel: Channel, author: str, text: str) -> Message:
        """Adds a line that says what somebody did."""
        return self.post_message(channel, author, text, is_notice=True)

    def find_message(self, channel: Channel, ts: str) -> Message | None:
        """The message with this ts."""
        return next((message for message in channel.messages if message.ts == ts), None)

    def remove_message(self, channel: Channel, message: Message) -> None:
        """Deletes a message."""
        channel.messages.remove(message)
        self.mark_changed()

    def list_visible_channels(self) -> dict[str, Channel]:
        """The channels that whoever acts may see, by id: those they are in; and the public ones, but for guests."""
        guest = self.people[self.actor_id].is_guest
        return {
            channel.channel_id: channel
            for channel in self.channels.values()
            if self.actor_id in channel.members or not (channel.is_private or guest)
        }

    def create_trigger(self, user_id: str, channel_id: str = "") -> str:
        """A new trigger_id."""
        trigger_id = f"{len(self.triggers) + 1}.{secrets.token_hex(8)}"
        self.triggers[trigger_id] = Trigger(user_id, self._real_clock() + self._trigger_lifetime, channel_id=channel_id)
        return trigger_id

    def use_trigger(self, trigger_id: object) -> str:
        """Whom a trigger_id is for, once; raises SlackError with Slack's code."""
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
        """What a new response_url stands for."""
        ends_at = (self._clock() + RESPONSE_URL_LIFETIME).timestamp()
        hook = ResponseUrl(secrets.token_hex(12), channel_id, user_id, ends_at, message_ts)
        self.response_urls[hook.url_id] = hook
        return hook

    def find_modal(self, view_id: str) -> Modal | None:
        """The open modal with this id."""
        return next((modal for stack in self.modals.values() for modal in stack if modal.view_id == view_id), None)

    def create_hash(self) -> str:
        """A new view hash."""
        return f"{int(self._clock().timestamp())}.{secrets.token_hex(4)}"


def create_id(prefix: str) -> str:
    """An id in Slack's form."""
    return f"{prefix}{secrets.token_hex(5).upper()}"


def assign_ids(blocks: list[Json]) -> list[Json]:
    """The blocks with an id each, and an action id for each element that can be acted on, as Slack gives them."""
    return [_assign_block_ids(block, place) for place, block in enumerate(blocks)]


def _assign_block_ids(block: Json, place: int) -> Json:
    known = {"block_id": f"b{place}.{secrets.token_hex(2)}", **block}
    for key in ("accessory", "element"):
        if key in known and known[key].get("type") != "image":
            known[key] = {"action_id": f"a{secrets.token_hex(2)}", **known[key]}
    if known.get("type") == "actions":
        known["elements"] = [
            {"action_id": f"a{n}.{secrets.token_hex(2)}", **one} for n, one in enumerate(known["elements"])
        ]
    return known
