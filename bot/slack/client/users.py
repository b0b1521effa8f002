"""Cached calls about people, user groups and channel creators."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.policy.permissions import Person, Role
from bot.service.place import Place
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts

CACHE_SECONDS = 300.0
"""Seconds that an answer stays in the cache."""

MAX_CACHED = 5_000

logger = logging.getLogger(__name__)


class UsersClient:
    """Asks Slack about people, and caches answers for a limited time.

    A call that isn't answered in time counts as unanswered; its answer is cached for the next request. `elapsed`
    returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        find_token: Callable[[str], str | None],
        base_url: str,
        elapsed: Callable[[], float],
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._find_token = find_token
        self._base_url = base_url
        self._elapsed = elapsed
        self._timeouts = timeouts
        self._cache: OrderedDict[tuple[str, ...], tuple[dict[str, Any], float]] = OrderedDict()
        """Each answer and the moment it expires, in seconds of the monotonic clock."""
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(8, thread_name_prefix="slack-users")

    def close(self) -> None:
        """Stop the threads that call Slack."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:
        """Return the person's role, and which of `groups` they are in as far as Slack shows the groups' members."""
        group_calls = [self._start_group_call(place.workspace_id, group) for group in groups]
        user_call = self._start_call(("person", place.workspace_id, place.user_id), "users.info", user=place.user_id)
        wait([user_call, *group_calls], timeout=self._timeouts.users)
        members = [_get_result(call).get("users") or () for call in group_calls]
        own_groups = frozenset(g for g, users in zip(groups, members, strict=True) if place.user_id in users)
        return Person(place.user_id, _parse_role(_get_result(user_call), place.workspace_id), own_groups)

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        """Return the IDs of the people in a user group. Empty if Slack doesn't answer in time."""
        call = self._start_group_call(workspace_id, group)
        wait([call], timeout=self._timeouts.users)
        return tuple(map(str, _get_result(call).get("users") or ()))

    def find_creator(self, place: Place) -> str:
        """Return the ID of the channel's creator. Empty if Slack doesn't answer in time."""
        (channel,) = self._fetch_channels(place.workspace_id, [place.channel_id])
        return str(channel.get("creator") or "")

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        """Return the IDs of the channels that Slack says are public."""
        channels = zip(channel_ids, self._fetch_channels(workspace_id, channel_ids), strict=True)
        return frozenset(
            channel_id
            for channel_id, channel in channels
            if channel.get("is_channel") and channel.get("is_private") is False
        )

    def _fetch_channels(self, workspace_id: str, channel_ids: Sequence[str]) -> list[dict[str, Any]]:
        calls = [self._start_call(("channel", workspace_id, c), "conversations.info", channel=c) for c in channel_ids]
        wait(calls, timeout=self._timeouts.users)
        return [_get_result(call).get("channel") or {} for call in calls]

    def _start_group_call(self, workspace_id: str, group: str) -> "Future[dict[str, Any]]":
        return self._start_call(("group", workspace_id, group), "usergroups.users.list", usergroup=group)

    def _start_call(self, key: tuple[str, ...], method: str, **arguments: str) -> "Future[dict[str, Any]]":
        with self._lock:
            answer, expires_at = self._cache.get(key, ({}, 0.0))
        if expires_at > self._elapsed():
            future: Future[dict[str, Any]] = Future()
            future.set_result(answer)
            return future
        return self._executor.submit(self._call, key, method, arguments)

    def _call(self, key: tuple[str, ...], method: str, arguments: dict[str, str]) -> dict[str, Any]:
        token = self._find_token(key[1])
        if token is None:
            return {}
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.user_call, retry_handlers=[])
        try:
            payload = client.api_call(method, params=arguments).data
        except (SlackApiError, SlackClientError, OSError, ValueError) as error:
            logger.info("No answer to %s: %s", method, type(error).__name__)
            return {}
        answer = payload if isinstance(payload, dict) else {}
        with self._lock:
            self._cache[key] = answer, self._elapsed() + CACHE_SECONDS
            self._cache.move_to_end(key)
            while len(self._cache) > MAX_CACHED:
                self._cache.popitem(last=False)
        return answer


def _get_result(future: "Future[dict[str, Any]]") -> dict[str, Any]:
    return future.result() if future.done() else {}


def _parse_role(answer: dict[str, Any], workspace_id: str) -> Role:
    user = answer.get("user")
    if not isinstance(user, dict):
        return Role.UNKNOWN
    workspace_ids = (user.get("enterprise_user") or {}).get("teams") or [user.get("team_id") or workspace_id]
    if user.get("is_stranger") or workspace_id not in workspace_ids:
        return Role.EXTERNAL
    if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_bot") or user.get("deleted"):
        return Role.GUEST
    return Role.ADMIN if user.get("is_admin") or user.get("is_owner") else Role.MEMBER
