"""Shared parts of the listeners: parsing the sender and place of a request, and answering it."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from bot import answers
from bot.answers import ChannelLook, ChannelReach
from bot.service.place import Place
from bot.slack.blocks import kit
from bot.slack.blocks.render import render_plain_text

Body = dict[str, Any]

CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{1,30}")
"""Channel IDs accepted from a form, which could be forged."""

_MESSAGE_TS = re.compile(r"\d{1,12}\.\d{1,8}")


class Responder(Protocol):
    """Answers buttons and messages. Futures never raise; failures are logged."""

    def reply(self, response_url: str, message: kit.Message, *, replace: bool) -> "Future[None]":
        """Start answering through a response URL."""
        ...

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: kit.Message, *, response_url: str = ""
    ) -> "Future[bool]":
        """Start posting a reply in a thread. If Slack refuses it, answer through the response URL if there is one."""
        ...


class ChannelAccess(Struct, frozen=True):
    """Checks whether a person can see and change a channel named in a form."""

    look_up: Callable[[Place], ChannelLook]
    list_memberships: Callable[[Place], Mapping[str, str] | None]
    check_permission: Callable[[Place, datetime], answers.PermissionDenied | None]
    """Returns why the person can't change a channel, or None if they can."""

    def can_access(self, place: Place, look: ChannelLook | None = None) -> bool:
        """Return True unless the channel is private, visible to the bot, and Slack doesn't list the person as a member.

        A direct message has one person, who is the only one to receive a form for it. Slack is asked if `look` is None.
        """
        if place.channel_id.startswith("D"):
            return True
        look = look or self.look_up(place)
        if look.is_public or look.reach in {ChannelReach.UNREACHABLE, ChannelReach.UNCHECKED}:
            return True
        names = self.list_memberships(place)
        return names is not None and place.channel_id in names

    def explain_denial(self, place: Place, now: datetime) -> str:
        """Return why the person can't change the channel. Empty if they can."""
        denied = self.check_permission(place, now)
        return render_plain_text(denied) if denied else ""


def parse_place(body: Body, channel_id: str | None = None) -> Place:
    """Return where a request comes from and who sent it. `channel_id`, if given, replaces the payload's channel."""
    event: Body | None = body.get("event")
    if event is not None:
        channel, user_id = event.get("channel"), event["user"]
    elif "command" in body:
        channel, user_id = body["channel_id"], body["user_id"]
    else:
        container = body.get("channel") or body.get("container") or {}
        channel, user_id = container.get("id") or container.get("channel_id"), body["user"]["id"]
    return Place(parse_workspace_id(body), str(channel or "") if channel_id is None else channel_id, str(user_id))


def parse_workspace_id(body: Body) -> str:
    """Return the workspace of a command, an interaction or an event; empty if Slack names none.

    An event or a form belongs to the workspace that installed the app, which isn't always the one that acted: the two
    can differ in channels shared between organisations. If the app is installed for an organisation, `team` can be
    null; a form then names the workspace itself, a button the one of its user.
    """
    if "event" in body:
        authorization = (body.get("authorizations") or [{}])[0]
        return str(authorization.get("team_id") or body.get("team_id") or "")
    if "command" in body:
        return str(body.get("team_id") or "")
    view, team, user = body.get("view") or {}, body.get("team") or {}, body.get("user") or {}
    return str(view.get("app_installed_team_id") or team.get("id") or user.get("team_id") or "")


def parse_message_ts(body: Body) -> str:
    """Return the timestamp of the message that a button is in. Empty if there is none."""
    return check_message_ts(str((body.get("container") or {}).get("message_ts") or ""))


def check_message_ts(text: str) -> str:
    """Return the text if it is a message's timestamp, else an empty string."""
    return text if _MESSAGE_TS.fullmatch(text) else ""


def get_field(view: Body, name: str) -> Body:
    """Return what was entered into a field of a modal. Empty if there is no such field."""
    return dict(view["state"]["values"].get(name, {}).get(name) or {})


def find_first_input(body: Body) -> str:
    """Return the ID of a modal's first input block: Slack shows errors only under these. Empty if there is none."""
    blocks = body.get("view", {}).get("blocks") or ()
    return next((str(block["block_id"]) for block in blocks if block.get("type") == "input"), "")
