"""What the bot asks Slack: who it is, and whether it can post in a channel."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.answers import Group, Reach
from bot.policy.sending import NotShown, Shown, Sighting
from bot.service.place import Place
from bot.slack.conversation import UNSEEN, Seen
from bot.slack.delivery import EVENT_TYPE

PATIENCE = 1
"""Seconds; a person waits for the answer, and Slack gives three in all."""

EARLIER = 60
"""Seconds before the doubt began that a history is read from: Slack's clock is not ours."""

MOST_PAGES = 5
"""Of a history; our message is among the newest."""

_NO_HISTORY = frozenset(
    {
        "missing_scope",
        "not_allowed_token_type",
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "no_permission",
        "access_denied",
        "method_not_supported_for_channel_type",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "not_authed",
    }
)
"""Answers that asking again does not change."""

_CLOSED = {"channel_not_found": Reach.UNREACHABLE, "is_archived": Reach.ARCHIVED}

_NO_ANSWER = (SlackClientError, HTTPException, OSError, ValueError)
"""What a call raises where no answer of Slack's came: out of reach, cut short, or not Slack's."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token belongs to."""

    workspace_id: str
    workspace_name: str
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    is_org_wide: bool = False
    """Whether the token is good for all workspaces of an organisation that let the bot in."""


class UnreachableError(Exception):
    """Slack could not be asked, or its answer was not Slack's; the sentence says which."""


class TokenRefusedError(Exception):
    """Slack does not accept the token; the code is Slack's."""


def who_am_i(token: str, base_url: str) -> Identity:
    """The workspace and bot of a token; raises TokenRefusedError or UnreachableError."""
    client = WebClient(token, base_url=base_url, timeout=10)
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = _code(error.response)
        if code:
            raise TokenRefusedError(code) from error
        raise UnreachableError(f"Slack answered HTTP {error.response.status_code}.") from error
    except _NO_ANSWER as error:
        raise UnreachableError(f"Slack could not be reached at {base_url} ({type(error).__name__}).") from error
    return Identity(
        workspace_id=str(answer["team_id"]),
        workspace_name=str(answer.get("team", "")),
        bot_id=str(answer.get("bot_id") or ""),
        bot_user_id=str(answer.get("user_id") or ""),
        scopes=_scopes(answer),
        is_org_wide=bool(answer.get("is_enterprise_install")),
    )


class Reading:
    """Asks Slack about channels, briefly: no answer in time is no answer."""

    def __init__(self, token_of: Callable[[str], str | None], base_url: str, timeout: int = 10) -> None:
        self._token_of = token_of
        self._base_url = base_url
        self._timeout = timeout
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="slack-reading")

    def close(self) -> None:
        """Ends the threads that read histories."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    def works(self, workspace_id: str) -> bool:
        """Whether Slack accepts the workspace's token."""
        token = self._token_of(workspace_id)
        try:
            if token is None:
                return False
            identity = who_am_i(token, self._base_url)
        except (TokenRefusedError, UnreachableError):
            return False
        return identity.is_org_wide or identity.workspace_id == workspace_id

    def find(self, place: Place, oldest: datetime) -> "Future[Sighting]":
        """Starts reading the channel's history since a minute before an instant, for our messages by their ids."""
        return self._readers.submit(self._find, place, oldest)

    def _find(self, place: Place, oldest: datetime) -> Sighting:
        token = self._token_of(place.workspace_id)
        if token is None:
            return NotShown("no token", for_good=True)
        client = WebClient(token, base_url=self._base_url, timeout=self._timeout, retry_handlers=[])
        found: dict[str, str] = {}
        cursor = ""
        try:
            for _ in range(MOST_PAGES):
                answer = client.conversations_history(
                    channel=place.channel_id,
                    oldest=f"{oldest.timestamp() - EARLIER:.6f}",
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor or None,
                )
                found |= _ours(answer)
                cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
                if not cursor:
                    break
        except SlackApiError as error:
            code = _code(error.response)
            return NotShown(code or f"HTTP {error.response.status_code}", for_good=code in _NO_HISTORY)
        except _NO_ANSWER as error:
            return NotShown(type(error).__name__, for_good=False)
        return Shown(found)

    def look(self, place: Place) -> Seen:
        """Whether reminders can reach the channel, by conversations.info."""
        token = self._token_of(place.workspace_id)
        if token is None:
            return UNSEEN
        client = WebClient(token, base_url=self._base_url, timeout=PATIENCE, retry_handlers=[])
        try:
            answer = client.conversations_info(channel=place.channel_id)
        except SlackApiError as error:
            return Seen(_CLOSED.get(_code(error.response), Reach.UNCHECKED))
        except _NO_ANSWER as error:
            logger.info("Slack did not say in time whether a channel can be reached: %s", type(error).__name__)
            return UNSEEN
        return _seen(answer)

    def groups(self, workspace_id: str) -> tuple[Group, ...]:
        """The workspace's user groups, by usergroups.list; none where that scope was not granted, or not in time."""
        token = self._token_of(workspace_id)
        if token is None:
            return ()
        client = WebClient(token, base_url=self._base_url, timeout=PATIENCE, retry_handlers=[])
        try:
            found = client.usergroups_list().get("usergroups") or ()
        except (SlackClientError, OSError, ValueError) as error:
            logger.info("Slack did not name the user groups of a workspace: %s", type(error).__name__)
            return ()
        return tuple(Group(str(g["id"]), str(g.get("handle", "")), str(g.get("name", ""))) for g in found)


def _code(answer: SlackResponse) -> str:
    """Slack's error code; empty where the answer was not Slack's."""
    said = answer.data if isinstance(answer.data, dict) else {}
    return str(said.get("error", "")) if answer.status_code == 200 else ""  # noqa: PLR2004 - HTTP's OK


def _seen(answer: SlackResponse) -> Seen:
    channel = answer.get("channel") or {}
    is_public = bool(channel.get("is_channel")) and not channel.get("is_private", True)
    inside = channel.get("is_member") or channel.get("is_im")
    open_to_us = is_public and "chat:write.public" in _scopes(answer)
    reach = Reach.OK if inside or open_to_us else Reach.NEEDS_INVITE
    return Seen(
        Reach.ARCHIVED if channel.get("is_archived") else reach,
        is_public,
        name=str(channel.get("name") or ""),
        creator=str(channel.get("creator") or ""),
        is_shared=bool(channel.get("is_ext_shared")),
    )


def _scopes(answer: SlackResponse) -> tuple[str, ...]:
    """The granted scopes, which every answer names in a header."""
    headers = {key.lower(): value for key, value in answer.headers.items()}
    named = headers.get("x-oauth-scopes", "")
    text = ",".join(named) if isinstance(named, list) else str(named)
    return tuple(scope.strip() for scope in text.split(",") if scope.strip())


def _ours(answer: SlackResponse) -> dict[str, str]:
    """The time stamps of our messages by the delivery ids in their metadata."""
    found = {}
    for message in answer.get("messages") or ():
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE and isinstance(payload.get("delivery_id"), str):
            found[payload["delivery_id"]] = str(message.get("ts", ""))
    return found
