"""How much a person, and a workspace, may ask of the bot: two token buckets each request is taken from."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

from msgspec import Struct
from slack_bolt import Ack, App, BoltContext, BoltRequest, BoltResponse

from bot.slack.blocks import kit
from bot.slack.listeners.commands import Body, Responder
from bot.slack.listeners.middleware import CallbackMiddleware, Next

MAX_BUCKETS = 20_000
"""Buckets; the one unused for longest is forgotten, and would be the fullest."""

_PERSON_PAYLOADS = ("block_actions", "view_submission", "shortcut", "message_action")


class Allowance(Struct, frozen=True):
    """So many at once, and so many a minute for good."""

    burst: float
    per_minute: float


PERSON_ALLOWANCE = Allowance(burst=30, per_minute=60)
WORKSPACE_ALLOWANCE = Allowance(burst=300, per_minute=1_200)
_NOTICE_ALLOWANCE = Allowance(burst=1, per_minute=1)
"""How often somebody who writes too much is told in a thread, where others read it too."""


class _Bucket(NamedTuple):
    tokens: float
    updated_at: float


class RateLimiter:
    """Counts requests; bounded in memory, whoever asks."""

    def __init__(
        self,
        person: Allowance = PERSON_ALLOWANCE,
        workspace: Allowance = WORKSPACE_ALLOWANCE,
        max_buckets: int = MAX_BUCKETS,
    ) -> None:
        self._person = person
        self._workspace = workspace
        self._max_buckets = max_buckets
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, workspace_id: str, person_id: str, now: float) -> float:
        """Takes a request at a moment in seconds; 0 where it may be answered, else the seconds until one may.

        What is refused takes nothing, and one person's excess takes nothing of the workspace's.
        """
        keys = ((workspace_id, person_id), self._person), ((workspace_id, ""), self._workspace)
        with self._lock:
            filled = [(key, self._refill(key, allowance, now), allowance) for key, allowance in keys]
            wait = max((1 - bucket.tokens) / allowance.per_minute * 60 for _, bucket, allowance in filled)
            for key, bucket, _ in filled:
                self._buckets[key] = bucket if wait > 0 else bucket._replace(tokens=bucket.tokens - 1)
                self._buckets.move_to_end(key)
            while len(self._buckets) > self._max_buckets:
                self._buckets.popitem(last=False)
        return max(wait, 0.0)

    def _refill(self, key: tuple[str, str], allowance: Allowance, now: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            return _Bucket(allowance.burst, now)
        since = max(now - bucket.updated_at, 0.0)
        return _Bucket(
            min(allowance.burst, bucket.tokens + since * allowance.per_minute / 60), max(now, bucket.updated_at)
        )


class ThreadResponder(Responder, Protocol):
    """Answers buttons, and what was written."""

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: kit.Message, *, response_url: str = ""
    ) -> "Future[bool]":
        """Starts posting into a thread; a failure is logged, never raised."""
        ...


class RateLimitMiddleware:
    """Stands before every listener and answers those who ask too much."""

    def __init__(self, limiter: RateLimiter, responder: ThreadResponder, elapsed: Callable[[], float]) -> None:
        self._limiter = limiter
        self._notice_limiter = RateLimiter(_NOTICE_ALLOWANCE, WORKSPACE_ALLOWANCE)
        self._responder = responder
        self._elapsed = elapsed

    def register(self, app: App) -> None:
        """Before all listeners, whenever it is registered."""
        app.use(CallbackMiddleware(self.check))

    def check(self, request: BoltRequest, call_next: Next) -> BoltResponse:
        """Lets a request through, or answers that it is one too many; what Slack tells by itself always passes."""
        body, ack = request.body, request.context.ack
        workspace_id, person_id = _identify_sender(body, request.context)
        if not person_id:
            return call_next()
        wait = self._limiter.take(workspace_id, person_id, self._elapsed())
        if wait <= 0:
            return call_next()
        written = _find_message_event(body)
        return self._refuse(body, ack, wait) if written is None else self._refuse_in_thread(workspace_id, written, ack)

    def _refuse_in_thread(self, workspace_id: str, event: Body, ack: Ack) -> BoltResponse:
        """Says so in the thread once a minute; more would be the flood it is to prevent."""
        if self._notice_limiter.take(workspace_id, str(event["user"]), self._elapsed()) <= 0:
            text = "That was a lot at once, and nothing was done. Please ask again in a minute."
            thread_ts = str(event.get("thread_ts") or event["ts"])
            message = kit.message([kit.section(text)])
            self._responder.reply_in_thread(workspace_id, str(event["channel"]), thread_ts, message)
        return ack()

    def _refuse(self, body: Body, ack: Ack, wait: float) -> BoltResponse:
        seconds = max(1, round(wait))
        text = f"That was a lot at once, and nothing was done. Please try again in {seconds} s."
        if body.get("command"):
            return ack(response_type="ephemeral", text=text)
        if body.get("type") == "view_submission":
            first = next((b["block_id"] for b in body["view"].get("blocks", ()) if b.get("type") == "input"), "")
            return ack(**({"response_action": "errors", "errors": {first: text}} if first else _push_notice(text)))
        url = body.get("response_url")
        if isinstance(url, str):
            self._responder.reply(url, kit.message([kit.section(text)]), replace=False)
        return ack()


def _push_notice(text: str) -> Body:
    """A view that lies on the form, which stays as it was filled in."""
    view = {"type": "modal", "callback_id": "too_much", "title": kit.plain("A moment"), "blocks": [kit.section(text)]}
    return {"response_action": "push", "view": view}


def _find_message_event(body: Body) -> Body | None:
    """What a person wrote to the bot: a mention, or a direct message, which a mention in one is too."""
    event: Body = body.get("event") or {}
    is_direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
    if event.get("type") != ("message" if is_direct else "app_mention") or event.get("bot_id") or event.get("subtype"):
        return None
    return event if event.get("user") else None


def _identify_sender(body: Body, context: BoltContext) -> tuple[str, str]:
    """The workspace and person of what a person did; empty for what Slack tells by itself."""
    if body.get("type") == "event_callback":
        written = _find_message_event(body)
        return (str(context.team_id or ""), str(written["user"])) if written else ("", "")
    if body.get("command"):
        return str(body.get("team_id") or ""), str(body.get("user_id") or "")
    if body.get("type") not in _PERSON_PAYLOADS:
        return "", ""
    user: dict[str, Any] = body.get("user") or {}
    team: dict[str, Any] = body.get("team") or {}
    return str(team.get("id") or user.get("team_id") or ""), str(user.get("id") or "")
