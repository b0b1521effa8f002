"""Rate limits for each person and each workspace, by token buckets."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct
from slack_bolt import Ack, BoltContext, BoltRequest, BoltResponse

from bot.slack.blocks import kit
from bot.slack.listeners.requests import Body, Responder, find_first_input, parse_workspace_id

MAX_BUCKETS = 20_000
"""Buckets kept in memory. The least recently used is dropped first: it would be the fullest."""

_PERSON_PAYLOADS = ("block_actions", "view_submission", "shortcut", "message_action")


class Allowance(Struct, frozen=True):
    """The requests allowed in a burst, and per minute in the long run."""

    burst: float
    per_minute: float


PERSON_ALLOWANCE = Allowance(burst=30, per_minute=60)
WORKSPACE_ALLOWANCE = Allowance(burst=300, per_minute=1_200)
_NOTICE_ALLOWANCE = Allowance(burst=1, per_minute=1)
"""How often a refusal is posted in a person's threads. Others read them too."""


class _Bucket(NamedTuple):
    tokens: float
    updated_at: float


class RateLimiter:
    """Counts requests in token buckets, in bounded memory."""

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
        """Take a token for a request. Return 0 if it is allowed, or the seconds until the next one will be.

        A refused request takes no token, neither from the person nor from the workspace. `now` is in seconds of a
        monotonic clock.
        """
        limits = ((workspace_id, person_id), self._person), ((workspace_id, ""), self._workspace)
        with self._lock:
            buckets = [(key, self._refill(key, allowance, now), allowance) for key, allowance in limits]
            wait = max((1 - bucket.tokens) / allowance.per_minute * 60 for _, bucket, allowance in buckets)
            for key, bucket, _ in buckets:
                self._buckets[key] = bucket if wait > 0 else bucket._replace(tokens=bucket.tokens - 1)
                self._buckets.move_to_end(key)
            while len(self._buckets) > self._max_buckets:
                self._buckets.popitem(last=False)
        return max(wait, 0.0)

    def _refill(self, key: tuple[str, str], allowance: Allowance, now: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            return _Bucket(allowance.burst, now)
        elapsed = max(now - bucket.updated_at, 0.0)
        tokens = min(allowance.burst, bucket.tokens + elapsed * allowance.per_minute / 60)
        return _Bucket(tokens, max(now, bucket.updated_at))


class RateLimitMiddleware:
    """Middleware that answers people who send too many requests before a listener runs."""

    def __init__(self, limiter: RateLimiter, responder: Responder, elapsed: Callable[[], float]) -> None:
        self._limiter = limiter
        self._notice_limiter = RateLimiter(_NOTICE_ALLOWANCE, WORKSPACE_ALLOWANCE)
        self._responder = responder
        self._elapsed = elapsed

    def check(self, request: BoltRequest, call_next: Callable[[], BoltResponse]) -> BoltResponse:
        """Pass a request on, or refuse it. Requests without a person behind them always pass."""
        body, ack = request.body, request.context.ack
        workspace_id, person_id = _identify_sender(body, request.context)
        if not person_id:
            return call_next()
        wait = self._limiter.take(workspace_id, person_id, self._elapsed())
        if wait <= 0:
            return call_next()
        event = _find_message_event(body)
        return self._refuse(body, ack, wait) if event is None else self._refuse_in_thread(workspace_id, event, ack)

    def _refuse_in_thread(self, workspace_id: str, event: Body, ack: Ack) -> BoltResponse:
        """Refuse a message, and say so in its thread at most once a minute."""
        if self._notice_limiter.take(workspace_id, str(event["user"]), self._elapsed()) <= 0:
            text = "Too many requests at once, so nothing was done. Please ask again in a minute."
            thread_ts = str(event.get("thread_ts") or event["ts"])
            message = kit.message([kit.section(text)])
            self._responder.reply_in_thread(workspace_id, str(event["channel"]), thread_ts, message)
        return ack()

    def _refuse(self, body: Body, ack: Ack, wait: float) -> BoltResponse:
        seconds = max(1, round(wait))
        text = f"Too many requests at once, so nothing was done. Please try again in {seconds} s."
        if body.get("command"):
            return ack(response_type="ephemeral", text=text)
        if body.get("type") == "view_submission":
            first_input = find_first_input(body)
            errors = {"response_action": "errors", "errors": {first_input: text}}
            return ack(**(errors if first_input else _push_notice(text)))
        response_url = body.get("response_url")
        if isinstance(response_url, str):
            self._responder.reply(response_url, kit.message([kit.section(text)]), replace=False)
        return ack()


def _push_notice(text: str) -> Body:
    """Return a response that shows the text above the form, which keeps what was entered."""
    view = {
        "type": "modal",
        "callback_id": "too_much",
        "title": kit.plain("Please wait"),
        "blocks": [kit.section(text)],
    }
    return {"response_action": "push", "view": view}


def _find_message_event(body: Body) -> Body | None:
    """Return the event if it is a mention in a channel or a direct message, sent by a person."""
    event: Body = body.get("event") or {}
    is_direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
    if event.get("type") != ("message" if is_direct else "app_mention") or event.get("bot_id") or event.get("subtype"):
        return None
    return event if event.get("user") else None


def _identify_sender(body: Body, context: BoltContext) -> tuple[str, str]:
    """Return the workspace and person behind a request. Both are empty if no person sent it."""
    is_person = "command" in body or body.get("type") in _PERSON_PAYLOADS or _find_message_event(body)
    return (parse_workspace_id(body), context.user_id or "") if is_person else ("", "")
