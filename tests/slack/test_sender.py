"""Posting to a Slack that records first and then misbehaves: three outcomes, and never a second post by itself."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from bot.answers import ReminderMessage, Source
from bot.policy.sending import Accepted, Ambiguous, Outcome, Refused, Remedy
from bot.slack.delivery import SlackSender
from storage.facts import Health

Behaviour = Callable[[socket.socket], None]


class MisbehavingSlack:
    """Reads a request whole, keeps it, then does what it was told to do next."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.behaviours: list[Behaviour] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/api/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                while request := _read(connection):
                    self.requests.append(request)
                    behaviour = self.behaviours.pop(0) if self.behaviours else answers(b"{}")
                    behaviour(connection)
                    if getattr(behaviour, "ends", True):
                        break


def _read(connection: socket.socket) -> bytes:
    held = b""
    while b"\r\n\r\n" not in held:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        held += piece
    head, _, body = held.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def answers(body: bytes, status: str = "200 OK", kind: str = "application/json", extra: str = "") -> Behaviour:
    def behave(connection: socket.socket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}"
        head += "Connection: close\r\n\r\n"
        connection.sendall(head.encode() + body)

    return behave


def says(**fields: object) -> Behaviour:
    return answers(json.dumps(fields).encode())


def closes(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cuts(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"ok":')


OK = says(ok=True, channel="C1", ts="1.2")
MESSAGE = ReminderMessage(
    "T1", "C1", "a-random-key", date(2027, 1, 13), "UTC", (), Source("https://x/", date(2026, 4, 10))
)


@pytest.fixture
def slack() -> Iterator[MisbehavingSlack]:
    server = MisbehavingSlack()
    yield server
    server.close()


@pytest.fixture
def sender(slack: MisbehavingSlack) -> Iterator[SlackSender]:
    made = SlackSender({"T1": "xoxb-1"}.get, slack.url)
    yield made
    made.close()


def outcome(slack: MisbehavingSlack, sender: SlackSender, *behaviours: Behaviour) -> Outcome:
    slack.behaviours = list(behaviours)
    return sender.send(MESSAGE).result(timeout=30)


def test_an_accepted_message_has_its_ts(slack: MisbehavingSlack, sender: SlackSender) -> None:
    assert outcome(slack, sender, OK) == Accepted("1.2")
    assert b"a-random-key" in slack.requests[0]
    assert b"unfurl_links" in slack.requests[0]


@pytest.mark.parametrize(
    "behaviour",
    [
        closes,
        resets,
        cuts,
        answers(b"<html>", kind="text/html"),
        answers(b""),
        answers(b"[]"),
        answers(b"null"),
        answers(b"{not json"),
        answers(b"oops", "500 Internal Server Error", "text/html"),
        answers(b'{"ok":false,"error":"x"}', "503 Service Unavailable"),
        says(channel="C1", ts="1.2"),
        says(ok=True, channel="C2", ts="1.2"),
        says(ok=True, channel="C1"),
        says(ok=False),
        says(ok=False, error="fatal_error"),
        says(ok=False, error="internal_error"),
        says(ok=False, error="service_unavailable"),
        says(ok=False, error="request_timeout"),
    ],
)
def test_what_proves_nothing_is_ambiguous_and_posts_once(
    slack: MisbehavingSlack, sender: SlackSender, behaviour: Behaviour
) -> None:
    assert isinstance(outcome(slack, sender, behaviour, OK), Ambiguous)
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1", 1.0), ("30", 30.0), ("0", 0.0), ("86400", 86400.0), ("abc", None), ("", None), ("-5", None), ("1.5", None)],
)
def test_too_many_requests_names_its_wait(
    slack: MisbehavingSlack, sender: SlackSender, header: str, seconds: float | None
) -> None:
    extra = f"Retry-After: {header}\r\n" if header else ""
    limited = answers(b"<html>slow down</html>", "429 Too Many Requests", "text/html", extra)
    assert outcome(slack, sender, limited) == Refused("ratelimited", Remedy.RETRY, seconds)
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    ("code", "remedy", "health"),
    [
        ("ratelimited", Remedy.RETRY, Health.UNREACHABLE),
        ("is_archived", Remedy.PAUSE_CHANNEL, Health.ARCHIVED),
        ("channel_not_found", Remedy.PAUSE_CHANNEL, Health.UNREACHABLE),
        ("not_in_channel", Remedy.PAUSE_CHANNEL, Health.NEEDS_INVITE),
        ("restricted_action", Remedy.PAUSE_CHANNEL, Health.BLOCKED_BY_POLICY),
        ("access_denied", Remedy.PAUSE_CHANNEL, Health.BLOCKED_BY_POLICY),
        ("token_revoked", Remedy.SUSPEND_WORKSPACE, Health.UNREACHABLE),
        ("account_inactive", Remedy.SUSPEND_WORKSPACE, Health.UNREACHABLE),
        ("missing_scope", Remedy.SUSPEND_WORKSPACE, Health.UNREACHABLE),
        ("invalid_arguments", Remedy.OUR_BUG, Health.UNREACHABLE),
        ("message_not_found", Remedy.GONE, Health.UNREACHABLE),
        ("never_heard_of", Remedy.RETRY, Health.UNREACHABLE),
    ],
)
def test_each_code_leads_to_its_remedy(
    slack: MisbehavingSlack, sender: SlackSender, code: str, remedy: Remedy, health: Health
) -> None:
    found = outcome(slack, sender, says(ok=False, error=code))
    assert isinstance(found, Refused)
    assert (found.error, found.remedy, found.health) == (code, remedy, health)


def test_blocks_that_slack_refuses_go_out_as_plain_text_once(slack: MisbehavingSlack, sender: SlackSender) -> None:
    assert outcome(slack, sender, says(ok=False, error="invalid_blocks"), OK) == Accepted("1.2")
    assert b"blocks" in slack.requests[0]
    assert b"blocks" not in slack.requests[1]


def test_metadata_that_slack_refuses_is_left_out(slack: MisbehavingSlack, sender: SlackSender) -> None:
    assert outcome(slack, sender, says(ok=False, error="metadata_too_large"), OK) == Accepted("1.2")
    assert b"metadata" not in slack.requests[1]


def test_nothing_sent_is_refused_and_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    sender = SlackSender({"T1": "xoxb-1"}.get, f"http://127.0.0.1:{port}/api/")
    refused = sender.send(MESSAGE).result(timeout=30)
    sender.close()
    assert isinstance(refused, Refused)
    assert refused.remedy is Remedy.RETRY


def test_a_workspace_without_a_token_is_not_called(slack: MisbehavingSlack, sender: SlackSender) -> None:
    other = ReminderMessage("T9", "C1", "k", date(2027, 1, 13), "UTC", (), MESSAGE.source)
    assert sender.send(other).result(timeout=30) == Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
    assert slack.requests == []


@pytest.mark.parametrize("behaviour", [closes, resets, answers(b"no", "500 Internal Server Error"), answers(b"ok")])
def test_an_answer_to_a_button_goes_out_once_whatever_happens(
    slack: MisbehavingSlack, sender: SlackSender, behaviour: Behaviour
) -> None:
    slack.behaviours = [behaviour, behaviour]
    sender.reply(slack.url + "response", {"text": "hello"}, replace=True).result(timeout=30)
    assert len(slack.requests) == 1


def test_what_nobody_foresaw_is_an_outcome_too(
    slack: MisbehavingSlack, sender: SlackSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.slack.blocks.messages.reminder", fails)
    assert outcome(slack, sender) == Ambiguous("ZeroDivisionError")
    assert slack.requests == []
