"""What the bot asks Slack: who it is, and whether it can post in a channel."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.answers import ChannelReach, UserGroup
from bot.commands.dispatcher import UNCHECKED, ChannelLook
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
"""Seconds before the doubt began that a history is read from: Slack's clock is not ours."""

MAX_HISTORY_PAGES = 5
"""Of a history; our message is among the newest."""

MAX_MEMBERSHIP_PAGES = 20
"""Of somebody's channels; what is beyond them is not shown."""

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
"""Answers that asking again does not change."""

_REACH_BY_ERROR = {"channel_not_found": ChannelReach.UNREACHABLE, "is_archived": ChannelReach.ARCHIVED}

logger = logging.getLogger(__name__)


class ConversationsClient:
    """Asks Slack about channels, briefly: no answer in time is no answer."""

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
        self._executor = ThreadPoolExecutor(4, thread_name_prefix="slack-reading")

    def close(self) -> None:
        """Ends the threads that read histories."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def is_token_valid(self, workspace_id: str) -> bool:
        """Whether Slack accepts the workspace's token."""
        token = self._find_token(workspace_id)
        try:
            if token is None:
                return False
            identity = fetch_identity(token, self._base_url)
        except (TokenRefusedError, UnreachableError):
            return False
        return identity.is_org_wide or identity.workspace_id == workspace_id

    def find(self, place: Place, oldest: datetime) -> "Future[HistoryLookup]":
        """Starts reading the channel's history since a minute before an instant, for our messages by their ids."""
        return self._executor.submit(self._search_history, place, oldest)

    def _search_history(self, place: Place, oldest: datetime) -> HistoryLookup:
        token = self._find_token(place.workspace_id)
        if token is None:
            return HistoryUnavailable("no token", is_permanent=True)
        client = WebClient(token, base_url=self._base_url, timeout=self._timeout, retry_handlers=[])
        found: dict[str, str] = {}
        cursor = ""
        try:
            for _ in range(MAX_HISTORY_PAGES):
                answer = client.conversations_history(
                    channel=place.channel_id,
                    oldest=f"{oldest.timestamp() - CLOCK_TOLERANCE:.6f}",
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor or None,
                )
                found |= _find_own_messages(answer)
                cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
                if not cursor:
                    break
        except SlackApiError as error:
            code = get_error_code(error.response)
            return HistoryUnavailable(
                code or f"HTTP {error.response.status_code}", is_permanent=code in _PERMANENT_ERRORS
            )
        except TRANSPORT_ERRORS as error:
            return HistoryUnavailable(type(error).__name__, is_permanent=False)
        return HistoryFound(found)

    def list_memberships(self, place: Place) -> Mapping[str, str] | None:
        """The channels the person is in, with their names, as far as the bot may know; None where Slack can't say."""
        try:
            return self._executor.submit(self._fetch_memberships, place).result(self._timeouts.membership)
        except (SlackClientError, OSError, ValueError) as error:  # a TimeoutError is an OSError
            logger.info("Slack did not say in time which channels somebody is in: %s", type(error).__name__)
            return None

    def _fetch_memberships(self, place: Place) -> Mapping[str, str] | None:
        token = self._find_token(place.workspace_id)
        if token is None or not place.user_id:
            return None
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.channel, retry_handlers=[])
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(MAX_MEMBERSHIP_PAGES):
            answer = client.users_conversations(
                user=place.user_id,
                team_id=place.workspace_id,
                types="public_channel,private_channel",
                exclude_archived=False,
                limit=999,
                cursor=cursor or None,
            )
            found |= {str(each["id"]): str(each.get("name") or "") for each in answer.get("channels") or ()}
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return found

    def look_up(self, place: Place) -> ChannelLook:
        """Whether reminders can reach the channel, by conversations.info."""
        token = self._find_token(place.workspace_id)
        if token is None:
            return UNCHECKED
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.channel, retry_handlers=[])
        try:
            answer = client.conversations_info(channel=place.channel_id)
        except SlackApiError as error:
            return ChannelLook(_REACH_BY_ERROR.get(get_error_code(error.response), ChannelReach.UNCHECKED))
        except TRANSPORT_ERRORS as error:
            logger.info("Slack did not say in time whether a channel can be reached: %s", type(error).__name__)
            return UNCHECKED
        return _to_channel_look(answer)

    def list_user_groups(self, workspace_id: str) -> tuple[UserGroup, ...]:
        """The workspace's user groups, by usergroups.list; none where that scope was not granted, or not in time."""
        token = self._find_token(workspace_id)
        if token is None:
            return ()
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.channel, retry_handlers=[])
        try:
            found = client.usergroups_list().get("usergroups") or ()
        except (SlackClientError, OSError, ValueError) as error:
            logger.info("Slack did not name the user groups of a workspace: %s", type(error).__name__)
            return ()
        return tuple(UserGroup(str(g["id"]), str(g.get("handle", "")), str(g.get("name", ""))) for g in found)


def _to_channel_look(answer: SlackResponse) -> ChannelLook:
    channel = answer.get("channel") or {}
    is_public = bool(channel.get("is_channel")) and not channel.get("is_private", True)
    inside = channel.get("is_member") or channel.get("is_im")
    open_to_us = is_public and "chat:write.public" in parse_scopes(answer)
    reach = ChannelReach.OK if inside or open_to_us else ChannelReach.NEEDS_INVITE
    return ChannelLook(
        ChannelReach.ARCHIVED if channel.get("is_archived") else reach,
        is_public,
        name=str(channel.get("name") or ""),
        creator=str(channel.get("creator") or ""),
        is_shared=bool(channel.get("is_ext_shared")),
    )


def _find_own_messages(answer: SlackResponse) -> dict[str, str]:
    """The time stamps of our messages by the delivery ids in their metadata."""
    found = {}
    for message in answer.get("messages") or ():
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE and isinstance(payload.get("delivery_id"), str):
            found[payload["delivery_id"]] = str(message.get("ts", ""))
    return found
