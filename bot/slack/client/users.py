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

from bot.policy.permissions import Person, Standing
from bot.service.place import Place
from bot.slack.client.timeouts import USUAL, Patience

KEPT = 300.0
"""Seconds that what Slack said is taken as still true."""

MOST_KEPT = 5_000

logger = logging.getLogger(__name__)


class _Kept(Struct, frozen=True):
    said: Any
    until: float


class SlackPeople:
    """Asks Slack, with memory that is bounded in time and size; `elapsed` tells seconds that only grow."""

    def __init__(
        self,
        token_of: Callable[[str], str | None],
        base_url: str,
        elapsed: Callable[[], float],
        patience: Patience = USUAL,
    ) -> None:
        self._token_of = token_of
        self._base_url = base_url
        self._elapsed = elapsed
        self._patience = patience
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._askers = ThreadPoolExecutor(8, thread_name_prefix="slack-people")

    def close(self) -> None:
        """Ends the threads that ask."""
        self._askers.shutdown(wait=False, cancel_futures=True)

    def person(self, place: Place, groups: tuple[str, ...]) -> Person:
        """Who the person is, and which of the groups they are in; a group that Slack keeps to itself has nobody."""
        asked = [self._group(place.workspace_id, group) for group in groups]
        standing = self._start(("person", place.workspace_id, place.user_id), "users.info", user=place.user_id)
        wait([standing, *asked], timeout=self._patience.people)
        members = {g: _result(future).get("users") or () for g, future in zip(groups, asked, strict=True)}
        inside = frozenset(group for group, users in members.items() if place.user_id in users)
        return Person(place.user_id, _standing(_result(standing), place.workspace_id), inside)

    def members(self, workspace_id: str, group: str) -> tuple[str, ...]:
        """Who is in a user group."""
        asked = self._group(workspace_id, group)
        wait([asked], timeout=self._patience.people)
        return tuple(map(str, _result(asked).get("users") or ()))

    def creator(self, place: Place) -> str:
        """Who made the channel."""
        (channel,) = self._channels(place.workspace_id, [place.channel_id])
        return str(channel.get("creator") or "")

    def public(self, workspace_id: str, channel_ids: Sequence[str]) -> frozenset[str]:
        """Which of the channels Slack says are public."""
        found = zip(channel_ids, self._channels(workspace_id, channel_ids), strict=True)
        return frozenset(c for c, said in found if said.get("is_channel") and said.get("is_private") is False)

    def _channels(self, workspace_id: str, channel_ids: Sequence[str]) -> list[dict[str, Any]]:
        asked = [self._start(("channel", workspace_id, c), "conversations.info", channel=c) for c in channel_ids]
        wait(asked, timeout=self._patience.people)
        return [_result(future).get("channel") or {} for future in asked]

    def _group(self, workspace_id: str, group: str) -> "Future[dict[str, Any]]":
        return self._start(("group", workspace_id, group), "usergroups.users.list", usergroup=group)

    def _start(self, key: tuple[str, ...], method: str, **arguments: str) -> "Future[dict[str, Any]]":
        """What is remembered, or the question on its way."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept.until > self._elapsed():
            done: Future[dict[str, Any]] = Future()
            done.set_result(kept.said)
            return done
        return self._askers.submit(self._ask, key, method, arguments)

    def _ask(self, key: tuple[str, ...], method: str, arguments: dict[str, str]) -> dict[str, Any]:
        token = self._token_of(key[1])
        if token is None:
            return {}
        client = WebClient(token, base_url=self._base_url, timeout=self._patience.asking, retry_handlers=[])
        try:
            answer = client.api_call(method, params=arguments).data
        except (SlackApiError, SlackClientError, OSError, ValueError) as error:
            logger.info("Slack did not answer %s: %s", method, type(error).__name__)
            return {}
        said = answer if isinstance(answer, dict) else {}
        with self._lock:
            self._kept[key] = _Kept(said, self._elapsed() + KEPT)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return said


def _result(future: "Future[dict[str, Any]]") -> dict[str, Any]:
    """What was said by now; nothing is nothing said."""
    return future.result() if future.done() else {}


def _standing(said: dict[str, Any], workspace_id: str) -> Standing:
    """What users.info says of a person; nothing known is no member."""
    user = said.get("user")
    if not isinstance(user, dict):
        return Standing.UNSAID
    own = (user.get("enterprise_user") or {}).get("teams") or [user.get("team_id") or workspace_id]
    elsewhere = workspace_id not in own
    if user.get("is_stranger") or elsewhere:
        return Standing.STRANGER
    if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_bot") or user.get("deleted"):
        return Standing.GUEST
    return Standing.ADMIN if user.get("is_admin") or user.get("is_owner") else Standing.MEMBER
