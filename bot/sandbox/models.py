"""What the stand-in workspace is made of; everything here survives as JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """A call that Slack refuses: its code, and what else the answer says."""

    def __init__(self, code: str, **extra_fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.extra_fields = extra_fields


@dataclass(slots=True)
class Person:
    """Somebody in the workspace, the bot included."""

    user_id: str
    handle: str
    name: str
    time_zone: str = "UTC"
    is_bot: bool = False
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class UserGroup:
    """Some of the people, mentioned together."""

    group_id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(slots=True)
class Message:
    """A message in a channel; an ephemeral one is there for one person and never in the history."""

    ts: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    edited_ts: str = ""
    metadata: Json | None = None
    only_for: str = ""
    prompt: str = ""
    """The command that an ephemeral message answers."""
    is_notice: bool = False
    """Somebody joined, left, archived: drawn small."""
    state: Json = field(default_factory=dict)
    """What was picked in its menus, as Slack's state values."""


@dataclass(slots=True)
class Channel:
    """A channel, or a direct message with the bot."""

    channel_id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    topic: str = ""
    messages: list[Message] = field(default_factory=list)
    unread: int = 0


@dataclass(slots=True)
class Modal:
    """A view open in front of somebody; what was typed in it, and what the bot objected to."""

    view_id: str
    user_id: str
    view: Json
    hash: str
    root_id: str
    previous_id: str = ""
    state: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    channel_id: str = ""
    """What the person looked at when it was opened."""
    search_terms: dict[str, str] = field(default_factory=dict)
    """What is searched for in menus that ask the bot, by block."""
    search_results: dict[str, list[Json]] = field(default_factory=dict)
    """What the bot offers there now."""
    known_options: dict[str, list[Json]] = field(default_factory=dict)
    """All it ever did: what was chosen stays so under another search."""


@dataclass(slots=True)
class HomeView:
    """A person's Home of the bot."""

    view_id: str
    view: Json
    hash: str


@dataclass(slots=True)
class ResponseUrl:
    """What a response_url stands for."""

    url_id: str
    channel_id: str
    user_id: str
    expires_at: float
    """Seconds since 1970 on the workspace's clock."""
    message_ts: str = ""
    """The message it may replace or delete; empty for a command."""
    use_count: int = 0


@dataclass(slots=True)
class Trigger:
    """What a trigger_id stands for: one view, within three real seconds."""

    user_id: str
    expires_at: datetime
    is_used: bool = False
    channel_id: str = ""
