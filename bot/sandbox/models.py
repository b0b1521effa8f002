"""Parts of the local workspace. Everything but triggers is stored as JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """An error response of the Web API: its code, and more fields of the response."""

    def __init__(self, code: str, **extra_fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.extra_fields = extra_fields


@dataclass(slots=True)
class Person:
    """A user of the workspace. The bot is one too."""

    user_id: str
    handle: str
    name: str
    time_zone: str = "UTC"
    is_bot: bool = False
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A group of people that can be mentioned."""

    group_id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(slots=True)
class Message:
    """A message in a channel. An ephemeral one is shown to one person, and isn't in the history."""

    ts: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    edited_ts: str = ""
    metadata: Json | None = None
    only_for: str = ""
    """The person who sees an ephemeral message."""
    prompt: str = ""
    """The command that an ephemeral message answers."""
    is_notice: bool = False
    """True for system messages, such as that a person joined."""
    state: Json = field(default_factory=dict)
    """Selected options of its menus, as Slack's state values."""


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
    """An open modal: its view, a person's input, and the bot's validation errors."""

    view_id: str
    user_id: str
    view: Json
    hash: str
    root_id: str
    previous_id: str = ""
    state: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    channel_id: str = ""
    """The channel in which it was opened."""
    search_terms: dict[str, str] = field(default_factory=dict)
    """Search text of external selects, by block."""
    search_results: dict[str, list[Json]] = field(default_factory=dict)
    """Options for the current search text, by block."""
    known_options: dict[str, list[Json]] = field(default_factory=dict)
    """Options of every search so far, by block: a selected one stays selected during another search."""


@dataclass(slots=True)
class HomeView:
    """A person's view of the bot's Home tab."""

    view_id: str
    view: Json
    hash: str


@dataclass(slots=True)
class ResponseUrl:
    """A response_url, and its use so far."""

    url_id: str
    channel_id: str
    user_id: str
    expires_at: float
    """Unix time on the workspace's clock."""
    message_ts: str = ""
    """The message that it can replace or delete; empty for a command."""
    use_count: int = 0


@dataclass(slots=True)
class Trigger:
    """A trigger_id, which opens one view. It expires in real time."""

    user_id: str
    expires_at: datetime
    is_used: bool = False
    channel_id: str = ""
