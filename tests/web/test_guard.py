"""The guard: which requests never reach Bolt, and the response to each."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.web.guard import MAX_BODY_BYTES, Guard

SECRET = "a-signing-secret-of-slack"
NOW = 1_800_000_000
FORM = b"application/x-www-form-urlencoded"
JSON = b"application/json"
LOOP_THREAD = ThreadPoolExecutor(1)
"""A thread without a running event loop: the browser tests leave one in the main thread."""

Headers = list[tuple[bytes, bytes]]


class FakeBolt:
    """Records the bodies that reach it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"reached"})


def sign(body: bytes, kind: bytes = FORM, timestamp: int = NOW) -> Headers:
    base = b"v0:%d:%b" % (timestamp, body)
    signature = b"v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest().encode()
    return [
        (b"content-type", kind),
        (b"x-slack-request-timestamp", b"%d" % timestamp),
        (b"x-slack-signature", signature),
    ]


def send_request(guard: Guard, headers: Headers, *pieces: bytes, method: str = "POST") -> tuple[int, bytes]:
    messages = [
        {"type": "http.request", "body": piece, "more_body": n + 1 < len(pieces)} for n, piece in enumerate(pieces)
    ]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "headers": headers}
    LOOP_THREAD.submit(asyncio.run, guard(scope, receive, send)).result()
    return sent[0]["status"], sent[1]["body"]


@pytest.fixture
def bolt() -> FakeBolt:
    return FakeBolt()


@pytest.fixture
def guard(bolt: FakeBolt) -> Guard:
    return Guard(bolt, SECRET, lambda: NOW)


def test_a_signed_request_reaches_bolt_whole(guard: Guard, bolt: FakeBolt) -> None:
    body = b"command=%2Fdlvm&text=help"
    assert send_request(guard, sign(body), body[:5], body[5:]) == (200, b"reached")
    assert bolt.bodies == [body]


def test_a_repeated_request_has_no_effect(guard: Guard, bolt: FakeBolt) -> None:
    body = b"command=%2Fdlvm&text=subscribe"
    responses = [send_request(guard, sign(body), body) for _ in range(3)]
    assert responses == [(200, b"reached"), (200, b""), (200, b"")]
    assert len(bolt.bodies) == 1


def test_a_repeat_is_detected_while_its_timestamp_is_fresh(bolt: FakeBolt) -> None:
    moment = [NOW - 300.0]
    guard = Guard(bolt, SECRET, lambda: moment[0])
    body = b"text=help"
    send_request(guard, sign(body), body)
    moment[0] = NOW + 300.0
    assert send_request(guard, sign(body), body) == (200, b"")
    moment[0] = NOW + 301.0
    assert send_request(guard, sign(body), body)[0] == 401


def test_stale_signatures_are_dropped(bolt: FakeBolt) -> None:
    moment = [NOW]
    guard = Guard(bolt, SECRET, lambda: moment[0])
    for moment[0] in range(NOW, NOW + 1_000, 10):
        send_request(guard, sign(b"text=help", timestamp=moment[0]), b"text=help")
    assert min(guard._signatures) == moment[0] - 300


BODY = b"command=%2Fdlvm&text=help"


def without(name: bytes) -> Headers:
    return [pair for pair in sign(BODY) if pair[0] != name]


def replaced(name: bytes, value: bytes) -> Headers:
    return [(key, value if key == name else old) for key, old in sign(BODY)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (without(b"content-type"), 400),
        (replaced(b"content-type", b"text/plain"), 400),
        (without(b"x-slack-signature"), 401),
        (without(b"x-slack-request-timestamp"), 401),
        (sign(BODY)[1:2] + sign(BODY), 401),
        (sign(BODY)[2:3] + sign(BODY), 401),
        (replaced(b"x-slack-request-timestamp", b"abc"), 401),
        (replaced(b"x-slack-request-timestamp", b"nan"), 401),
        (replaced(b"x-slack-request-timestamp", b"1" * 5000), 401),
        (replaced(b"x-slack-request-timestamp", b"-1"), 401),
        (replaced(b"x-slack-request-timestamp", "١٢٣".encode()), 401),
        (replaced(b"x-slack-request-timestamp", b"%d" % (NOW + 1)), 401),
        (replaced(b"x-slack-signature", b"v0=" + b"0" * 64), 401),
        (replaced(b"x-slack-signature", b"v1=" + b"0" * 64), 401),
        (replaced(b"x-slack-signature", "v0=ü".encode()), 401),
        (replaced(b"x-slack-signature", b"v0=" + b"A" * 64), 401),
        (sign(BODY, timestamp=NOW - 301), 401),
        (sign(BODY, timestamp=NOW + 301), 401),
        ([*sign(BODY), (b"content-length", b"%d" % (MAX_BODY_BYTES + 1))], 413),
        ([*sign(BODY), (b"content-length", b"9" * 30)], 400),
        ([*sign(BODY), (b"content-length", b"ten")], 400),
        ([*sign(BODY), (b"content-length", b"1"), (b"content-length", b"2")], 400),
    ],
)
def test_unsigned_stale_and_malformed_headers_are_rejected(
    guard: Guard, bolt: FakeBolt, headers: Headers, status: int
) -> None:
    assert send_request(guard, headers, BODY)[0] == status
    assert bolt.bodies == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"text=\xff\xfe"),
        (FORM, b""),
        (FORM, b"payload=not+json"),
        (FORM, b"%70ayload=not+json"),
        (FORM, b"payload=%5B1%2C2%5D"),
        (FORM, b"payload=%7B%22cut%22%3A"),
        (JSON, b'{"cut":'),
        (JSON, b"[1, 2]"),
        (JSON, b"null"),
        (JSON, b"[" * 100_000),
        (JSON, b'{"a":' * 80 + b"1" + b"}" * 80),
        (JSON, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        (JSON, b"\xff"),
        (JSON, b""),
    ],
)
def test_malformed_bodies_are_rejected_even_if_signed(guard: Guard, bolt: FakeBolt, kind: bytes, body: bytes) -> None:
    assert send_request(guard, sign(body, kind), body)[0] == 400
    assert bolt.bodies == []


def test_only_post_is_allowed(guard: Guard) -> None:
    assert send_request(guard, sign(BODY), BODY, method="GET")[0] == 405


def test_a_body_of_unknown_length_is_rejected_past_a_mebibyte(guard: Guard, bolt: FakeBolt) -> None:
    pieces = [b"x" * 65_536] * 40
    assert send_request(guard, sign(b"".join(pieces)), *pieces)[0] == 413
    assert bolt.bodies == []


def test_an_incomplete_body_is_rejected(guard: Guard) -> None:
    assert send_request(guard, sign(BODY))[0] == 400


def test_a_rejection_is_logged_in_one_line_without_content(guard: Guard, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    evil = b"v0=evil\r\nINFO all is well"
    send_request(guard, replaced(b"x-slack-signature", evil), b"text=evil")
    assert "evil" not in caplog.text
    assert len(caplog.records) == 1


header = st.sampled_from(
    [b"content-type", b"content-length", b"x-slack-signature", b"x-slack-request-timestamp", b"host"]
)
value = st.one_of(st.binary(max_size=80), st.sampled_from([FORM, JSON, b"%d" % NOW, b"v0=" + b"a" * 64]))


@settings(max_examples=400)
@given(st.lists(st.tuples(header, value), max_size=8), st.binary(max_size=300))
def test_any_unsigned_request_is_rejected(headers: Headers, body: bytes) -> None:
    bolt = FakeBolt()
    status, _ = send_request(Guard(bolt, SECRET, lambda: NOW), headers, body)
    assert status in {400, 401, 405, 413}
    assert bolt.bodies == []


@settings(max_examples=200)
@given(
    st.recursive(st.none() | st.text(max_size=5), lambda values: st.lists(values) | st.dictionaries(st.text(), values))
)
def test_only_a_json_object_reaches_bolt(value: Any) -> None:
    body = json.dumps(value).encode()
    bolt = FakeBolt()
    status, _ = send_request(Guard(bolt, SECRET, lambda: NOW), sign(body, JSON), body)
    assert status == (200 if isinstance(value, dict) else 400)
