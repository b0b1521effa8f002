"""What never reaches Bolt, and with which answer."""

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
ASIDE = ThreadPoolExecutor(1)
"""A thread without a running loop: the browser tests leave one in theirs."""

Headers = list[tuple[bytes, bytes]]


class Inner:
    """Stands where Bolt is; counts what reaches it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"reached"})


def signed(body: bytes, kind: bytes = FORM, timestamp: int = NOW) -> Headers:
    base = b"v0:%d:%b" % (timestamp, body)
    signature = b"v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest().encode()
    return [
        (b"content-type", kind),
        (b"x-slack-request-timestamp", b"%d" % timestamp),
        (b"x-slack-signature", signature),
    ]


def ask(guard: Guard, headers: Headers, *pieces: bytes, method: str = "POST") -> tuple[int, bytes]:
    waiting = [
        {"type": "http.request", "body": piece, "more_body": n + 1 < len(pieces)} for n, piece in enumerate(pieces)
    ]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "headers": headers}
    ASIDE.submit(asyncio.run, guard(scope, receive, send)).result()
    return sent[0]["status"], sent[1]["body"]


@pytest.fixture
def inner() -> Inner:
    return Inner()


@pytest.fixture
def guard(inner: Inner) -> Guard:
    return Guard(inner, SECRET, lambda: NOW)


def test_a_signed_request_reaches_bolt_whole(guard: Guard, inner: Inner) -> None:
    body = b"command=%2Fdlvm&text=help"
    assert ask(guard, signed(body), body[:5], body[5:]) == (200, b"reached")
    assert inner.bodies == [body]


def test_the_same_request_again_has_no_effect(guard: Guard, inner: Inner) -> None:
    body = b"command=%2Fdlvm&text=subscribe"
    answers = [ask(guard, signed(body), body) for _ in range(3)]
    assert answers == [(200, b"reached"), (200, b""), (200, b"")]
    assert len(inner.bodies) == 1


def test_a_request_is_remembered_as_long_as_it_is_fresh(inner: Inner) -> None:
    moment = [NOW - 300.0]
    guard = Guard(inner, SECRET, lambda: moment[0])
    body = b"text=help"
    ask(guard, signed(body), body)
    moment[0] = NOW + 300.0
    assert ask(guard, signed(body), body) == (200, b"")
    moment[0] = NOW + 301.0
    assert ask(guard, signed(body), body)[0] == 401


def test_what_is_no_longer_fresh_takes_no_memory(inner: Inner) -> None:
    moment = [NOW]
    guard = Guard(inner, SECRET, lambda: moment[0])
    for moment[0] in range(NOW, NOW + 1_000, 10):
        ask(guard, signed(b"text=help", timestamp=moment[0]), b"text=help")
    assert min(guard._signatures) == moment[0] - 300


BODY = b"command=%2Fdlvm&text=help"


def without(name: bytes) -> Headers:
    return [pair for pair in signed(BODY) if pair[0] != name]


def changed(name: bytes, value: bytes) -> Headers:
    return [(key, value if key == name else old) for key, old in signed(BODY)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (without(b"content-type"), 400),
        (changed(b"content-type", b"text/plain"), 400),
        (without(b"x-slack-signature"), 401),
        (without(b"x-slack-request-timestamp"), 401),
        (signed(BODY)[1:2] + signed(BODY), 401),
        (signed(BODY)[2:3] + signed(BODY), 401),
        (changed(b"x-slack-request-timestamp", b"abc"), 401),
        (changed(b"x-slack-request-timestamp", b"nan"), 401),
        (changed(b"x-slack-request-timestamp", b"1" * 5000), 401),
        (changed(b"x-slack-request-timestamp", b"-1"), 401),
        (changed(b"x-slack-request-timestamp", "١٢٣".encode()), 401),
        (changed(b"x-slack-request-timestamp", b"%d" % (NOW + 1)), 401),
        (changed(b"x-slack-signature", b"v0=" + b"0" * 64), 401),
        (changed(b"x-slack-signature", b"v1=" + b"0" * 64), 401),
        (changed(b"x-slack-signature", "v0=ü".encode()), 401),
        (changed(b"x-slack-signature", b"v0=" + b"A" * 64), 401),
        (signed(BODY, timestamp=NOW - 301), 401),
        (signed(BODY, timestamp=NOW + 301), 401),
        ([*signed(BODY), (b"content-length", b"%d" % (MAX_BODY_BYTES + 1))], 413),
        ([*signed(BODY), (b"content-length", b"9" * 30)], 400),
        ([*signed(BODY), (b"content-length", b"ten")], 400),
        ([*signed(BODY), (b"content-length", b"1"), (b"content-length", b"2")], 400),
    ],
)
def test_unsigned_stale_and_malformed_headers_are_refused(
    guard: Guard, inner: Inner, headers: Headers, status: int
) -> None:
    assert ask(guard, headers, BODY)[0] == status
    assert inner.bodies == []


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
def test_signed_yet_broken_bodies_are_refused(guard: Guard, inner: Inner, kind: bytes, body: bytes) -> None:
    assert ask(guard, signed(body, kind), body)[0] == 400
    assert inner.bodies == []


def test_only_post(guard: Guard) -> None:
    assert ask(guard, signed(BODY), BODY, method="GET")[0] == 405


def test_a_body_without_a_length_is_cut_off_at_a_mebibyte(guard: Guard, inner: Inner) -> None:
    pieces = [b"x" * 65_536] * 40
    assert ask(guard, signed(b"".join(pieces)), *pieces)[0] == 413
    assert inner.bodies == []


def test_a_body_that_breaks_off_is_refused(guard: Guard) -> None:
    assert ask(guard, signed(BODY))[0] == 400


def test_refusals_are_logged_in_one_line_without_anything_of_the_sender(
    guard: Guard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    evil = b"v0=evil\r\nINFO all is well"
    ask(guard, changed(b"x-slack-signature", evil), b"text=evil")
    assert "evil" not in caplog.text
    assert len(caplog.records) == 1


header = st.sampled_from(
    [b"content-type", b"content-length", b"x-slack-signature", b"x-slack-request-timestamp", b"host"]
)
value = st.one_of(st.binary(max_size=80), st.sampled_from([FORM, JSON, b"%d" % NOW, b"v0=" + b"a" * 64]))


@settings(max_examples=400)
@given(st.lists(st.tuples(header, value), max_size=8), st.binary(max_size=300))
def test_whatever_comes_the_answer_is_one_of_six(headers: Headers, body: bytes) -> None:
    inner = Inner()
    status, _ = ask(Guard(inner, SECRET, lambda: NOW), headers, body)
    assert status in {400, 401, 405, 413}
    assert inner.bodies == []


@settings(max_examples=200)
@given(st.recursive(st.none() | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_signed_json_reaches_bolt_only_as_an_object(value: Any) -> None:
    body = json.dumps(value).encode()
    inner = Inner()
    status, _ = ask(Guard(inner, SECRET, lambda: NOW), signed(body, JSON), body)
    assert status == (200 if isinstance(value, dict) else 400)
