"""Read-only calls about channels: reachability, message history, memberships and user groups."""

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.answers import UNCHECKED, ChannelLook, ChannelReach, UserGroup
from bot.policy.post_outcomes import HistoryFound, HistoryLookup, HistoryUnavailable
from bot.service.place import Place
from bot.slack.client.identity import (
    TRANSPORT_ERRORS,
    TokenRefusedError,
    UnreachableError,
    fetch_identity,
    get_error_code,
    parse_scopes,
)
from bot.slack.client.sender import EVENT_TYPE
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts

CLOCK_TOLERANCE = 60
"""Seconds by which Slack's clock can differ from this machine's."""

MAX_HISTORY_PAGES = 5
"""Pages read of a channel's history, newest first."""

MAX_MEMBERSHIP_PAGES = 20
"""Pages read of a person's channels. Channels beyond them are ignored."""

_PERMANENT_ERRORS = frozenset(
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
"""Errors of conversations.history that a retry doesn't fix."""

_REACH_BY_ERROR = {"channel_not_found": ChannelReach.UNREACHABLE, "is_archived": ChannelReach.ARCHIVED}

logger = logging.getLogger(__name__)


class ConversationsClient:
    """Client for Slack's read-only methods. Timeouts are short because people wait for most answers."""

    def __init__(
        self,
        find_token: Callable[[str], str | None],
        base_url: str,
        timeout: int = 10,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._find_token = find_token
        self._base_url = base_url
        self._timeout = timeout
        self._timeouts = timeouts
        self._executor = ThreadPoolExecutor(4, thread_name_prefix="slack-conversations")

    def close(self) -> None:
        """Stop the threads that call Slack."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def is_token_valid(self, workspace_id: str) -> bool:
        """Return True if Slack accepts the workspace's token."""
        token = self._find_token(workspace_id)
        try:
            if token is None:
                return False
            identity = fetch_identity(token, self._base_url)
        except (TokenRefusedError, UnreachableError):
            return False
        return identity.is_org_wide or identity.workspace_id == workspace_id

    def find(self, place: Place, oldest: datetime) -> "Future[HistoryLookup]":
        """Start searching the channel's history for messages sent by dlvm since `oldest`. The future never raises."""
        return self._executor.submit(self._search_history, place, oldest)

    def _search_history(self, place: Place, oldest: datetime) -> HistoryLookup:
        token = self._find_token(place.workspace_id)
        if token is None:
            return HistoryUnavailable("no token", is_permanent=True)
        client = WebClient(token, base_url=self._base_url, timeout=self._timeout, retry_handlers=[])
        pages = _iterate_pages(
            client.conversations_history,
            MAX_HISTORY_PAGES,
            channel=place.channel_id,
            oldest=f"{oldest.timestamp() - CLOCK_TOLERANCE:.6f}",
            include_all_metadata=True,
            limit=200,
        )
        messages: dict[str, str] = {}
        try:
            for page in pages:
                messages |= _find_own_messages(page)
        except SlackApiError as error:
            code = get_error_code(error.response)
            reason = code or f"HTTP {error.response.status_code}"
            return HistoryUnavailable(reason, is_permanent=code in _PERMANENT_ERRORS)
        except TRANSPORT_ERRORS as error:
            return HistoryUnavailable(type(error).__name__, is_permanent=False)
        return HistoryFound(messages)

    def list_memberships(self, place: Place) -> Mapping[str, str] | None:
        """Return the names of the person's channels visible to the bot, by ID. None if Slack doesn't answer in time."""
        try:
            return self._executor.submit(self._fetch_memberships, place).result(self._timeouts.membership)
        except (SlackClientError, OSError, ValueError) as error:  # a TimeoutError is an OSError
            logger.info("Could not list a person's channels: %s", type(error).__name__)
            return None

    def _fetch_memberships(self, place: Place) -> Mapping[str, str] | None:
        token = self._find_token(place.workspace_id)
        if token is None or not place.user_id:
            return None
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.channel, retry_handlers=[])
        pages = _iterate_pages(
            client.users_conversations,
            MAX_MEMBERSHIP_PAGES,
            user=place.user_id,
            team_id=place.workspace_id,
            types="public_channel,private_channel",
            exclude_archived=False,
            limit=999,
        )
        return {
            str(channel["id"]): str(channel.get("name") or "")
            for page in pages
            for channel in page.get("channels") or ()
        }

    def look_up(self, place: Place) -> ChannelLook:
        """Return whether dlvm can post in the channel, and what Slack says about it (conversations.info)."""
        token = self._find_token(place.workspace_id)
        if token is None:
            return UNCHECKED
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.channel, retry_handlers=[])
        try:
            response = client.conversations_info(channel=place.channel_id)
        except SlackApiError as error:
            return ChannelLook(_REACH_BY_ERROR.get(get_error_code(error.response), ChannelReach.UNCHECKED))
        except TRANSPORT_ERRORS as error:
            logger.info("Could not look up a channel: %s", type(error).__name__)
            return UNCHECKED
        return _to_channel_look(response)

    def list_user_groups(self, workspace_id: str) -> tuple[UserGroup, ...]:
        """Return the workspace's user groups. Empty without the scope usergroups:read or an answer in time."""
        token = self._find_token(workspace_id)
        if token is None:
            return ()
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.channel, retry_handlers=[])
        try:
            groups = client.usergroups_list().get("usergroups") or ()
        except (SlackClientError, OSError, ValueError) as error:
            logger.info("Could not list the user groups of a workspace: %s", type(error).__name__)
            return ()
        return tuple(UserGroup(str(g["id"]), str(g.get("handle", "")), str(g.get("name", ""))) for g in groups)


def _iterate_pages(method: Callable[..., SlackResponse], max_pages: int, **arguments: Any) -> Iterator[SlackResponse]:  # noqa: ANN401 - arguments of the method
    cursor = ""
    for _ in range(max_pages):
        page = method(**arguments, cursor=cursor or None)
        yield page
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return


def _to_channel_look(response: SlackResponse) -> ChannelLook:
    channel = response.get("channel") or {}
    is_public = bool(channel.get("is_channel")) and not channel.get("is_private", True)
    can_post_uninvited = is_public and "chat:write.public" in parse_scopes(response)
    can_post = channel.get("is_member") or channel.get("is_im") or can_post_uninvited
    reach = ChannelReach.OK if can_post else ChannelReach.NEEDS_INVITE
    return ChannelLook(
        ChannelReach.ARCHIVED if channel.get("is_archived") else reach,
        is_public,
        name=str(channel.get("name") or ""),
        creator=str(channel.get("creator") or ""),
        is_shared=bool(channel.get("is_ext_shared")),
    )


def _find_own_messages(response: SlackResponse) -> dict[str, str]:
    """Return the timestamps of messages sent by dlvm, by the delivery ID in their metadata."""
    timestamps = {}
    for message in response.get("messages") or ():
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE and isinstance(payload.get("delivery_id"), str):
            timestamps[payload["delivery_id"]] = str(message.get("ts", ""))
    return timestamps
