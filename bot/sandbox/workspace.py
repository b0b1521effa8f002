"""The state of the stand-in workspace, and what can happen to it."""

import secrets
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox import sample_workspace
from bot.sandbox.faults import MOST_CALLS, Call, Faults
from bot.sandbox.models import Channel, Home, Hook, Json, Message, Modal, Person, SlackError, Trigger
from bot.sandbox.signed_requests import LIMIT

HOOK_LIFE = timedelta(minutes=30)
MOST_MESSAGES = 1_000
"""Messages kept in a channel; the oldest are forgotten."""


class Workspace:
    """People, channels, messages and views; `changed` is called after each change.

    Messages are stamped by the workspace's clock. Triggers live in real time, however the clock is moved.
    """

    def __init__(
        self, now: Callable[[], datetime], real: Callable[[], datetime], trigger_life: timedelta = LIMIT
    ) -> None:
        self._now = now
        self._real = real
        self._trigger_life = trigger_life
        self.changed: Callable[[], None] = lambda: None
        self.revision = 0
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self.clear()

    def clear(self) -> None:
        """The workspace as everybody finds it at first; faults and calls stay."""
        self.people: dict[str, Person] = sample_workspace.people()
        self.channels: dict[str, Channel] = sample_workspace.channels()
        self.modals: dict[str, list[Modal]] = {}
        self.homes: dict[str, Home] = {}
        self.hooks: dict[str, Hook] = {}
        self.triggers: dict[str, Trigger] = {}
        self.acting = sample_workspace.YOU
        self.is_installed = True
        self.touch()

    def now(self) -> datetime:
        """The present instant on the workspace's clock."""
        return self._now()

    def touch(self) -> None:
        """Says that something changed."""
        self.revision += 1
        self.changed()

    def stamp(self) -> str:
        """A new ts: the present instant, made unique."""
        micros = round(self._now().timestamp() * 1_000_000)
        taken = {message.ts for channel in self.channels.values() for message in channel.messages[-100:]}
        while (stamp := f"{micros // 1_000_000}.{micros % 1_000_000:06d}") in taken:
            micros += 1
        return stamp

    def post(self, channel: Channel, author: str, text: str, **more: object) -> Message:
        """Adds a message; `more` are fields of Message."""
        message = Message(self.stamp(), author, text)
        for name, value in more.items():
            setattr(message, name, value)
        message.blocks = identified(message.blocks)
        channel.messages.append(message)
        del channel.messages[:-MOST_MESSAGES]
        channel.unread += 1
        self.touch()
        return message

    def notice(self, channel: Channel, author: str, text: str) -> Message:
        """Adds a line that says what somebody did."""
        return self.post(channel, author, text, is_notice=True)

    def find(self, channel: Channel, ts: str) -> Message | None:
        """The message with this ts."""
        return next((message for message in channel.messages if message.ts == ts), None)

    def remove(self, channel: Channel, message: Message) -> None:
        """Deletes a message."""
        channel.messages.remove(message)
        self.touch()

    def visible(self) -> dict[str, Channel]:
        """The channels that whoever acts may see, by id: those they are in; and the public ones, but for guests."""
        guest = self.people[self.acting].is_guest
        return {
            channel.channel_id: channel
            for channel in self.channels.values()
            if self.acting in channel.members or not (channel.is_private or guest)
        }

    def trigger(self, user_id: str, channel_id: str = "") -> str:
        """A new trigger_id."""
        trigger_id = f"{len(self.triggers) + 1}.{secrets.token_hex(8)}"
        self.triggers[trigger_id] = Trigger(user_id, self._real() + self._trigger_life, channel_id=channel_id)
        return trigger_id

    def pull(self, trigger_id: object) -> str:
        """Whom a trigger_id is for, once; raises SlackError with Slack's code."""
        trigger = self.triggers.get(str(trigger_id))
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._real() > trigger.ends_at:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user_id

    def hook(self, channel_id: str, user_id: str, message_ts: str = "") -> Hook:
        """What a new response_url stands for."""
        ends_at = (self._now() + HOOK_LIFE).timestamp()
        hook = Hook(secrets.token_hex(12), channel_id, user_id, ends_at, message_ts)
        self.hooks[hook.hook_id] = hook
        return hook

    def modal(self, view_id: str) -> Modal | None:
        """The open modal with this id."""
        return next((modal for stack in self.modals.values() for modal in stack if modal.view_id == view_id), None)

    def hash(self) -> str:
        """A new view hash."""
        return f"{int(self._now().timestamp())}.{secrets.token_hex(4)}"


def new_id(letter: str) -> str:
    """An id in Slack's form."""
    return f"{letter}{secrets.token_hex(5).upper()}"


def identified(blocks: list[Json]) -> list[Json]:
    """The blocks with an id each, and an action id for each element that can be acted on, as Slack gives them."""
    return [_identified(block, place) for place, block in enumerate(blocks)]


def _identified(block: Json, place: int) -> Json:
    known = {"block_id": f"b{place}.{secrets.token_hex(2)}", **block}
    for key in ("accessory", "element"):
        if key in known and known[key].get("type") != "image":
            known[key] = {"action_id": f"a{secrets.token_hex(2)}", **known[key]}
    if known.get("type") == "actions":
        known["elements"] = [
            {"action_id": f"a{n}.{secrets.token_hex(2)}", **one} for n, one in enumerate(known["elements"])
        ]
    return known
