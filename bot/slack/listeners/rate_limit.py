"""How much a person, and a workspace, may ask of the bot: two token buckets each request is taken from."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

from msgspec import Struct
from slack_bolt import Ack, App, BoltContext, BoltRequest, BoltResponse

from bot.slack.blocks import kit
from bot.slack.listeners.commands import Body, Replies
from bot.slack.listeners.middleware import Before, Next

MOST_KEPT = 20_000
"""Buckets; the one unused for longest is forgotten, and would be the fullest."""

_HUMAN = ("block_actions", "view_submission", "shortcut", "message_action")


class Allowance(Struct, frozen=True):
    """So many at once, and so many a minute for good."""

    at_once: float
    a_minute: float


PERSON = Allowance(at_once=30, a_minute=60)
WORKSPACE = Allowance(at_once=300, a_minute=1_200)
_SAID = Allowance(at_once=1, a_minute=1)
"""How often somebody who writes too much is told in a thread, where others read it too."""


class _Bucket(NamedTuple):
    left: float
    at: float


class Limits:
    """Counts requests; bounded in memory, whoever asks."""

    def __init__(
        self, person: Allowance = PERSON, workspace: Allowance = WORKSPACE, most_kept: int = MOST_KEPT
    ) -> None:
        self._person = person
        self._workspace = workspace
        self._most_kept = most_kept
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, workspace_id: str, person_id: str, at: float) -> float:
        """Takes a request at a moment in seconds; 0 where it may be answered, else the seconds until one may.

        What is refused takes nothing, and one person's excess takes nothing of the workspace's.
        """
        keys = ((workspace_id, person_id), self._person), ((workspace_id, ""), self._workspace)
        with self._lock:
            filled = [(key, self._filled(key, allowance, at), allowance) for key, allowance in keys]
            wait = max((1 - bucket.left) / allowance.a_minute * 60 for _, bucket, allowance in filled)
            for key, bucket, _ in filled:
                self._buckets[key] = bucket if wait > 0 else bucket._replace(left=bucket.left - 1)
                self._buckets.move_to_end(key)
            while len(self._buckets) > self._most_kept:
                self._buckets.popitem(last=False)
        return max(wait, 0.0)

    def _filled(self, key: tuple[str, str], allowance: Allowance, at: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            return _Bucket(allowance.at_once, at)
        since = max(at - bucket.at, 0.0)
        return _Bucket(min(allowance.at_once, bucket.left + since * allowance.a_minute / 60), max(at, bucket.at))


class Answering(Replies, Protocol):
    """Answers buttons, and what was written."""

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: kit.Message, *, response_url: str = ""
    ) -> "Future[bool]":
        """Starts posting into a thread; a failure is logged, never raised."""
        ...


class Limiting:
    """Stands before every listener and answers those who ask too much."""

    def __init__(self, limits: Limits, replies: Answering, elapsed: Callable[[], float]) -> None:
        self._limits = limits
        self._said = Limits(_SAID, WORKSPACE)
        self._replies = replies
        self._elapsed = elapsed

    def register(self, app: App) -> None:
        """Before all listeners, whenever it is registered."""
        app.use(Before(self.check))

    def check(self, request: BoltRequest, go_on: Next) -> BoltResponse:
        """Lets a request through, or answers that it is one too many; what Slack tells by itself always passes."""
        body, ack = request.body, request.context.ack
        workspace_id, person_id = _asker(body, request.context)
        if not person_id:
            return go_on()
        wait = self._limits.take(workspace_id, person_id, self._elapsed())
        if wait <= 0:
            return go_on()
        written = _written(body)
        return self._too_much(body, ack, wait) if written is None else self._wrote_too_much(workspace_id, written, ack)

    def _wrote_too_much(self, workspace_id: str, event: Body, ack: Ack) -> BoltResponse:
        """Says so in the thread once a minute; more would be the flood it is to prevent."""
        if self._said.take(workspace_id, str(event["user"]), self._elapsed()) <= 0:
            text = "That was a lot at once, and nothing was done. Please ask again in a minute."
            thread_ts = str(event.get("thread_ts") or event["ts"])
            message = kit.message([kit.section(text)])
            self._replies.reply_in_thread(workspace_id, str(event["channel"]), thread_ts, message)
        return ack()

    def _too_much(self, body: Body, ack: Ack, wait: float) -> BoltResponse:
        seconds = max(1, round(wait))
        text = f"That was a lot at once, and nothing was done. Please try again in {seconds} s."
        if body.get("command"):
            return ack(response_type="ephemeral", text=text)
        if body.get("type") == "view_submission":
            first = next((b["block_id"] for b in body["view"].get("blocks", ()) if b.get("type") == "input"), "")
            return ack(**({"response_action": "errors", "errors": {first: text}} if first else _beside(text)))
        url = body.get("response_url")
        if isinstance(url, str):
            self._replies.reply(url, kit.message([kit.section(text)]), replace=False)
        return ack()


def _beside(text: str) -> Body:
    """A view that lies on the form, which stays as it was filled in."""
    view = {"type": "modal", "callback_id": "too_much", "title": kit.plain("A moment"), "blocks": [kit.section(text)]}
    return {"response_action": "push", "view": view}


def _written(body: Body) -> Body | None:
    """What a person wrote to the bot: a mention, or a direct message, which a mention in one is too."""
    event: Body = body.get("event") or {}
    is_direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
    if event.get("type") != ("message" if is_direct else "app_mention") or event.get("bot_id") or event.get("subtype"):
        return None
    return event if event.get("user") else None


def _asker(body: Body, context: BoltContext) -> tuple[str, str]:
    """The workspace and person of what a person did; empty for what Slack tells by itself."""
    if body.get("type") == "event_callback":
        written = _written(body)
        return (str(context.team_id or ""), str(written["user"])) if written else ("", "")
    if body.get("command"):
        return str(body.get("team_id") or ""), str(body.get("user_id") or "")
    if body.get("type") not in _HUMAN:
        return "", ""
    user: dict[str, Any] = body.get("user") or {}
    team: dict[str, Any] = body.get("team") or {}
    return str(team.get("id") or user.get("team_id") or ""), str(user.get("id") or "")
