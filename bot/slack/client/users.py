"""What Slack says of people, user groups and channels' makers: briefly, and from memory where it can."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from msgspec import Struct
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.policy.permissions import Person, Role
from bot.service.place import Place
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts

CACHE_SECONDS = 300.0
"""Seconds that what Slack said is taken as still true."""

MAX_CACHED = 5_000

logger = logging.getLogger(__name__)


class _CachedAnswer(Struct, frozen=True):
    answer: Any
    expires_at: float


class UsersClient:
    """Asks Slack, with memory that is bounded in time and size; `elapsed` tells seconds that only grow."""

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
        self._cache: OrderedDict[tuple[str, ...], _CachedAnswer] = OrderedDict()
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(8, thread_name_prefix="slack-people")

    def close(self) -> None:
        """Ends the threads that ask."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def find_person(self, place: Place, groups: tuple[str, ...]) -> Person:
        """Who the person is, and which of the groups they are in; a group that Slack keeps to itself has nobody."""
        asked = [self._start_group_call(place.workspace_id, group) for group in groups]
        standing = self._start_call(("person", place.workspace_id, place.user_id), "users.info", user=place.user_id)
        wait([standing, *asked], timeout=self._timeouts.users)
        members = {g: _get_result(future).get("users") or () for g, future in zip(groups, asked, strict=True)}
        inside = frozenset(group for group, users in members.items() if place.user_id in users)
        return Person(place.user_id, _parse_standing(_get_result(standing), place.workspace_id), inside)

    def list_group_members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        """Who is in a user group."""
        asked = self._start_group_call(workspace_id, group)
        wait([asked], timeout=self._timeouts.users)
        return tuple(map(str, _get_result(asked).get("users") or ()))

    def find_creator(self, place: Place) -> str:
        """Who made the channel."""
        (channel,) = self._fetch_channels(place.workspace_id, [place.channel_id])
        return str(channel.get("creator") or "")

    def filter_public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        """Which of the channels Slack says are public."""
        found = zip(channel_ids, self._fetch_channels(workspace_id, channel_ids), strict=True)
        return frozenset(c for c, said in found if said.get("is_channel") and said.get("is_private") is False)

    def _fetch_channels(self, workspace_id: str, channel_ids: Sequence[str]) -> list[dict[str, Any]]:
        asked = [self._start_call(("channel", workspace_id, c), "conversations.info", channel=c) for c in channel_ids]
        wait(asked, timeout=self._timeouts.users)
        return [_get_result(future).get("channel") or {} for future in asked]

    def _start_group_call(self, workspace_id: str, group: str) -> "Future[dict[str, Any]]":
        return self._start_call(("group", workspace_id, group), "usergroups.users.list", usergroup=group)

    def _start_call(self, key: tuple[str, ...], method: str, **arguments: str) -> "Future[dict[str, Any]]":
        """What is remembered, or the question on its way."""
        with self._lock:
            kept = self._cache.get(key)
        if kept is not None and kept.expires_at > self._elapsed():
            done: Future[dict[str, Any]] = Future()
            done.set_result(kept.answer)
            return done
        return self._executor.submit(self._call, key, method, arguments)

    def _call(self, key: tuple[str, ...], method: str, arguments: dict[str, str]) -> dict[str, Any]:
        token = self._find_token(key[1])
        if token is None:
            return {}
        client = WebClient(token, base_url=self._base_url, timeout=self._timeouts.user_call, retry_handlers=[])
        try:
            answer = client.api_call(method, params=arguments).data
        except (SlackApiError, SlackClientError, OSError, ValueError) as error:
            logger.info("Slack did not answer %s: %s", method, type(error).__name__)
            return {}
        said = answer if isinstance(answer, dict) else {}
        with self._lock:
            self._cache[key] = _CachedAnswer(said, self._elapsed() + CACHE_SECONDS)
            self._cache.move_to_end(key)
            while len(self._cache) > MAX_CACHED:
                self._cache.popitem(last=False)
        return said


def _get_result(future: "Future[dict[str, Any]]") -> dict[str, Any]:
    """What was said by now; nothing is nothing said."""
    return future.result() if future.done() else {}


def _parse_standing(answer: dict[str, Any], workspace_id: str) -> Role:
    """What users.info says of a person; nothing known is no member."""
    user = answer.get("user")
    if not isinstance(user, dict):
        return Role.UNKNOWN
    own = (user.get("enterprise_user") or {}).get("teams") or [user.get("team_id") or workspace_id]
    elsewhere = workspace_id not in own
    if user.get("is_stranger") or elsewhere:
        return Role.EXTERNAL
    if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_bot") or user.get("deleted"):
        return Role.GUEST
    return Role.ADMIN if user.get("is_admin") or user.get("is_owner") else Role.MEMBER
