"""The guard in front of Slack's endpoint: what is malformed, oversized, unsigned or stale never reaches Bolt.

Each refusal is short and constant, and logged in one line without anything of the request in it. The rules of
signing: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 1024 * 1024
"""Bytes; Slack's own requests stay far below."""

MAX_CLOCK_SKEW = 300
"""Seconds that a timestamp may be off, either way."""

MAX_JSON_DEPTH = 64
"""Levels of nesting in JSON; Slack's views have about ten."""

_TIMESTAMP = re.compile(rb"[0-9]{1,11}")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")
_FORM = b"application/x-www-form-urlencoded"
_JSON = b"application/json"

logger = logging.getLogger(__name__)


class RejectedRequestError(Exception):
    """Why a request goes no further."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Guard:
    """An ASGI application in front of another one, which then gets the whole body in one piece."""

    def __init__(self, app: AsgiApp, signing_secret: str, clock: Callable[[], float]) -> None:
        self._app = app
        self._secret = signing_secret.encode()
        self._clock = clock
        self._signatures: dict[int, set[bytes]] = {}
        self._swept_at = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: let through whole, or refused."""
        try:
            body = await self._validate(scope, receive)
        except RejectedRequestError as refusal:
            logger.info("refused a request to Slack's endpoint: %s %s", refusal.status.value, refusal.reason)
            await _respond(send, refusal.status, refusal.reason)
            return
        if body is None:
            await _respond(send, HTTPStatus.OK, "")
            return
        await self._app(scope, _replay(body), send)

    async def _validate(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body of a good request; None for one that was here before."""
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        if scope["method"] != "POST":
            raise RejectedRequestError(HTTPStatus.METHOD_NOT_ALLOWED, "only POST")
        kind = _get_single_header(headers, b"content-type", HTTPStatus.BAD_REQUEST).partition(b";")[0].strip().lower()
        if kind not in {_FORM, _JSON}:
            raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "neither a form nor JSON")
        _check_length(headers)
        timestamp = _get_single_header(headers, b"x-slack-request-timestamp", HTTPStatus.UNAUTHORIZED)
        signature = _get_single_header(headers, b"x-slack-signature", HTTPStatus.UNAUTHORIZED)
        self._check_header_format(timestamp, signature)
        body = await _read_body(receive)
        self._check_signature(timestamp, signature, body)
        _check_body(kind, body)
        return None if self._is_repeat(timestamp, signature) else body

    def _check_header_format(self, timestamp: bytes, signature: bytes) -> None:
        if not _TIMESTAMP.fullmatch(timestamp) or abs(self._clock() - int(timestamp)) > MAX_CLOCK_SKEW:
            raise RejectedRequestError(HTTPStatus.UNAUTHORIZED, "stale or malformed timestamp")
        if not _SIGNATURE.fullmatch(signature):
            raise RejectedRequestError(HTTPStatus.UNAUTHORIZED, "malformed signature")

    def _check_signature(self, timestamp: bytes, signature: bytes, body: bytes) -> None:
        base = b"v0:" + timestamp + b":" + body
        expected = b"v0=" + hmac.digest(self._secret, base, "sha256").hex().encode()
        if not hmac.compare_digest(expected, signature):
            raise RejectedRequestError(HTTPStatus.UNAUTHORIZED, "wrong signature")

    def _is_repeat(self, timestamp: bytes, signature: bytes) -> bool:
        """Remembers a signed request as long as its timestamp is fresh: the same again has no effect."""
        self._forget_stale(int(self._clock()))
        digest = bytes.fromhex(signature[3:].decode())
        here = self._signatures.setdefault(int(timestamp), set())
        was_here = digest in here
        here.add(digest)
        return was_here

    def _forget_stale(self, now: int) -> None:
        """Once a second, so that what was remembered costs a request nothing."""
        if now != self._swept_at:
            self._swept_at = now
            for timestamp in [each for each in self._signatures if each < now - MAX_CLOCK_SKEW]:
                del self._signatures[timestamp]


def _get_single_header(headers: list[tuple[bytes, bytes]], name: bytes, status: HTTPStatus) -> bytes:
    """The value of a header that has to be there once."""
    found = [value for key, value in headers if key == name]
    if len(found) != 1:
        raise RejectedRequestError(status, f"{name.decode()} missing or repeated")
    return found[0]


def _check_length(headers: list[tuple[bytes, bytes]]) -> None:
    """Refuses an oversized body unread, where its length is named."""
    named = [value for key, value in headers if key == b"content-length"]
    if len(named) > 1 or (named and not _TIMESTAMP.fullmatch(named[0])):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "malformed length")
    if named and int(named[0]) > MAX_BODY_BYTES:
        raise RejectedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body too large")


async def _read_body(receive: Receive) -> bytes:
    """The body; stops reading where it grows too large, whatever length was named."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "body cut off")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MAX_BODY_BYTES:
            raise RejectedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body too large")
        if not message.get("more_body"):
            return b"".join(pieces)


def _check_body(kind: bytes, body: bytes) -> None:
    """Signed, and yet it has to be what Slack sends: UTF-8, an object, not nested without end."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "not UTF-8") from None
    if kind == _JSON:
        _check_json(text)
        return
    if not text.strip("&"):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "an empty form")
    if _might_have_payload(text):
        for payload in parse_qs(text, keep_blank_values=True, max_num_fields=None).get("payload", []):
            _check_json(payload)


def _might_have_payload(text: str) -> bool:
    """Whether a form has that field, or one whose name has to be decoded to know; a command has neither."""
    names = (field.partition("=")[0] for field in text.split("&"))
    return any(name == "payload" or "%" in name or "+" in name for name in names)


def _check_json(text: str) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "not JSON") from None
    if not isinstance(value, dict) or not _is_shallow(value):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "not a JSON object of sane depth")


def _is_shallow(value: object) -> bool:
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [child for parent in level for child in _list_children(parent)]
        if not level:
            return True
    return False


def _list_children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _replay(body: bytes) -> Receive:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _respond(send: Send, status: HTTPStatus, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
