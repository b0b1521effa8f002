"""Who may change what, who changed what, and what could not be done."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.policy.permissions import Refusal
from storage.facts import Change, Managing


@dataclass(frozen=True, slots=True)
class Mistaken:
    """Something was not understood or does not fit; nothing was changed."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The person may not change this; nothing was changed."""

    why: Refusal
    command: str = ""
    """The text after /dlvm that somebody else can be asked to allow; empty where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Who may change what the channels of a workspace watch."""

    managing: Managing
    managers: tuple[str, ...]
    changed: bool = False
    creator: str = ""
    """Who made this channel, where that matters and is known."""


@dataclass(frozen=True, slots=True)
class Audit:
    """A page of who changed what in a channel, newest first."""

    zone: str
    changes: tuple[Change, ...]
    page: int
    more: bool
    """Whether there are older ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody was asked to allow a change."""

    asked_of: str
    """Empty where nobody is known who may."""
    command: str
    again: bool = False
    """The same was asked before and is not answered yet."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an asking, for the person who answered it."""

    asked_by: str
    channel_id: str
    command: str
    granted: bool
    late: bool = False
    """It was answered before; this answer changed nothing."""


@dataclass(frozen=True, slots=True)
class AskingNote:
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


@dataclass(frozen=True, slots=True)
class GrantedNote:
    """A person hears what became of what they asked for."""

    workspace_id: str
    channel_id: str
    delivery_id: str
    answered_by: str
    about: str
    command: str
    granted: bool
    settled_at: datetime
