"""Who may change what, who changed what, and what could not be done."""

from datetime import date, datetime

from msgspec import Struct

from bot.policy.permissions import Refusal
from storage.facts import Change, Managing


class Mistaken(Struct, frozen=True):
    """Something was not understood or does not fit; nothing was changed."""

    sentence: str


class Denied(Struct, frozen=True):
    """The person may not change this; nothing was changed."""

    why: Refusal
    command: str = ""
    """The text after /dlvm that somebody else can be asked to allow; empty where nobody can be asked."""


class Permissions(Struct, frozen=True):
    """Who may change what the channels of a workspace watch."""

    managing: Managing
    managers: tuple[str, ...]
    changed: bool = False
    creator: str = ""
    """Who made this channel, where that matters and is known."""


class Audit(Struct, frozen=True):
    """A page of who changed what in a channel, newest first."""

    zone: str
    changes: tuple[Change, ...]
    page: int
    more: bool
    """Whether there are older ones."""


class Asked(Struct, frozen=True):
    """Somebody was asked to allow a change."""

    asked_of: str
    """Empty where nobody is known who may."""
    command: str
    again: bool = False
    """The same was asked before and is not answered yet."""


class Settled(Struct, frozen=True):
    """What became of an asking, for the person who answered it."""

    asked_by: str
    channel_id: str
    command: str
    granted: bool
    late: bool = False
    """It was answered before; this answer changed nothing."""


class AskingNote(Struct, frozen=True):
    """A person is asked to allow a change."""

    workspace_id: str
    channel_id: str
    """The person's id: posting there opens the direct message."""
    delivery_id: str
    asking_id: int
    asked_by: str
    about: str
    """The channel that would be changed."""
    command: str
    day: date


class GrantedNote(Struct, frozen=True):
    """A person hears what became of what they asked for."""

    workspace_id: str
    channel_id: str
    delivery_id: str
    answered_by: str
    about: str
    command: str
    granted: bool
    settled_at: datetime
