"""The guard in front of Slack's endpoint. A malformed, oversized, unsigned or stale request never reaches Bolt.

A rejection is a short constant text. It is logged in one line that contains nothing from the request. The signature
follows https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hmac
import json
import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1024 * 1024
"""Slack's own requests are far smaller."""

MAX_CLOCK_SKEW = 300
"""Seconds by which a timestamp can differ from the clock, in either direction."""

MAX_JSON_DEPTH = 64
"""Levels of nesting. Slack's views have about ten."""

_NUMBER = re.compile(rb"[0-9]{1,11}")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")
_FORM = b"application/x-www-form-urlencoded"
_JSON = b"application/json"

logger = logging.getLogger(__name__)


class RejectedRequestError(Exception):
    """A request was rejected, with this status and reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Guard:
    """ASGI middleware that validates each request, and passes its whole body on in one message."""

    def __init__(self, app: ASGIApp, signing_secret: str, clock: Callable[[], float]) -> None:
        self._app = app
        self._secret = signing_secret.encode()
        self._clock = clock
        self._signatures: dict[int, set[bytes]] = {}
        self._swept_at = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or reject it. A repeated request gets an empty 200 response."""
        try:
            body = await self._validate(scope, receive)
        except RejectedRequestError as error:
            logger.info("rejected a request to Slack's endpoint: %s %s", error.status.value, error.reason)
            await PlainTextResponse(error.reason, error.status)(scope, receive, send)
            return
        app = PlainTextResponse() if body is None else self._app
        await app(scope, _replay(body or b""), send)

    async def _validate(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body, or None for a repeated request. Raises RejectedRequestError."""
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        if scope["method"] != "POST":
            raise RejectedRequestError(HTTPStatus.METHOD_NOT_ALLOWED, "only POST")
        content_type = _get_single_header(headers, b"content-type", HTTPStatus.BAD_REQUEST)
        media_type = content_type.partition(b";")[0].strip().lower()
        if media_type not in {_FORM, _JSON}:
            raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "neither a form nor JSON")
        _check_length(headers)
        timestamp = _get_single_header(headers, b"x-slack-request-timestamp", HTTPStatus.UNAUTHORIZED)
        signature = _get_single_header(headers, b"x-slack-signature", HTTPStatus.UNAUTHORIZED)
        self._check_header_format(timestamp, signature)
        body = await _read_body(receive)
        self._check_signature(timestamp, signature, body)
        _check_body(media_type, body)
        return None if self._is_repeat(timestamp, signature) else body

    def _check_header_format(self, timestamp: bytes, signature: bytes) -> None:
        if not _NUMBER.fullmatch(timestamp) or abs(self._clock() - int(timestamp)) > MAX_CLOCK_SKEW:
            raise RejectedRequestError(HTTPStatus.UNAUTHORIZED, "stale or malformed timestamp")
        if not _SIGNATURE.fullmatch(signature):
            raise RejectedRequestError(HTTPStatus.UNAUTHORIZED, "malformed signature")

    def _check_signature(self, timestamp: bytes, signature: bytes, body: bytes) -> None:
        base = b"v0:" + timestamp + b":" + body
        expected = b"v0=" + hmac.digest(self._secret, base, "sha256").hex().encode()
        if not hmac.compare_digest(expected, signature):
            raise RejectedRequestError(HTTPStatus.UNAUTHORIZED, "wrong signature")

    def _is_repeat(self, timestamp: bytes, signature: bytes) -> bool:
        """Return True if the signed request arrived before, and remember it while its timestamp is fresh."""
        self._forget_stale(int(self._clock()))
        digest = bytes.fromhex(signature[3:].decode())
        digests = self._signatures.setdefault(int(timestamp), set())
        is_repeat = digest in digests
        digests.add(digest)
        return is_repeat

    def _forget_stale(self, now: int) -> None:
        """Drop stale signatures, at most once a second so that requests stay cheap."""
        if now != self._swept_at:
            self._swept_at = now
            for timestamp in [stored for stored in self._signatures if stored < now - MAX_CLOCK_SKEW]:
                del self._signatures[timestamp]


def _get_single_header(headers: list[tuple[bytes, bytes]], name: bytes, status: HTTPStatus) -> bytes:
    """Return the header's value. Raises RejectedRequestError with the status if it is missing or repeated."""
    values = [value for key, value in headers if key == name]
    if len(values) != 1:
        raise RejectedRequestError(status, f"{name.decode()} missing or repeated")
    return values[0]


def _check_length(headers: list[tuple[bytes, bytes]]) -> None:
    """Reject an oversized body before it is read, if the request states its length."""
    lengths = [value for key, value in headers if key == b"content-length"]
    if len(lengths) > 1 or (lengths and not _NUMBER.fullmatch(lengths[0])):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "malformed length")
    if lengths and int(lengths[0]) > MAX_BODY_BYTES:
        raise RejectedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body too large")


async def _read_body(receive: Receive) -> bytes:
    """Return the body. Stop and reject it once it exceeds MAX_BODY_BYTES, whatever length was stated."""
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


def _check_body(media_type: bytes, body: bytes) -> None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "not UTF-8") from None
    if media_type == _JSON:
        _check_json(text)
        return
    if not text.strip("&"):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "an empty form")
    if _might_have_payload(text):
        for payload in parse_qs(text, keep_blank_values=True, max_num_fields=None).get("payload", []):
            _check_json(payload)


def _might_have_payload(text: str) -> bool:
    """Return True if the form has a payload field, or an encoded name that could be it. A slash command has neither."""
    names = (field.partition("=")[0] for field in text.split("&"))
    return any(name == "payload" or "%" in name or "+" in name for name in names)


def _check_json(text: str) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "not JSON") from None
    if not isinstance(value, dict) or not _is_shallow(value):
        raise RejectedRequestError(HTTPStatus.BAD_REQUEST, "not a JSON object, or nested too deeply")


def _is_shallow(value: object) -> bool:
    level = [value]  # breadth first, since a recursive check could exceed Python's recursion limit
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
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
