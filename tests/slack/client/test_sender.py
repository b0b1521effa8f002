"""The sender against a fake Slack server: three outcomes, and never a retry of its own."""

import socket
import time
from datetime import date

import pytest

from bot.answers import ReminderMessage
from bot.policy.post_outcomes import Accepted, Ambiguous, Refused, Remedy
from bot.slack.client.sender import SlackSender
from tests.slack.fake_slack_server import (
    MESSAGE,
    OK,
    Behaviour,
    FakeSlackServer,
    close_connection,
    cut_response,
    reset_connection,
    respond,
    respond_json,
    send_message,
)


def test_accepted_message_has_its_timestamp(slack_server: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(slack_server, sender, OK) == Accepted("1.2")
    assert b"a-random-key" in slack_server.requests[0]
    assert b"unfurl_links" in slack_server.requests[0]


@pytest.mark.parametrize(
    "behaviour",
    [
        close_connection,
        reset_connection,
        cut_response,
        respond(b"<html>", content_type="text/html"),
        respond(b""),
        respond(b"[]"),
        respond(b"null"),
        respond(b"{not json"),
        respond(b"oops", "500 Internal Server Error", "text/html"),
        respond(b'{"ok":false,"error":"x"}', "503 Service Unavailable"),
        respond_json(channel="C1", ts="1.2"),
        respond_json(ok=True, channel="C2", ts="1.2"),
        respond_json(ok=True, channel="C1"),
        respond_json(ok=False),
        respond_json(ok=False, error="fatal_error"),
        respond_json(ok=False, error="internal_error"),
        respond_json(ok=False, error="service_unavailable"),
        respond_json(ok=False, error="request_timeout"),
    ],
)
def test_inconclusive_response_is_ambiguous_and_not_retried(
    slack_server: FakeSlackServer, sender: SlackSender, behaviour: Behaviour
) -> None:
    assert isinstance(send_message(slack_server, sender, behaviour, OK), Ambiguous)
    assert len(slack_server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1", 1.0), ("30", 30.0), ("0", 0.0), ("86400", 86400.0), ("abc", None), ("", None), ("-5", None), ("1.5", None)],
)
def test_rate_limit_response_has_its_retry_delay(
    slack_server: FakeSlackServer, sender: SlackSender, header: str, seconds: float | None
) -> None:
    extra = f"Retry-After: {header}\r\n" if header else ""
    rate_limited = respond(b"<html>slow down</html>", "429 Too Many Requests", "text/html", extra)
    assert send_message(slack_server, sender, rate_limited) == Refused("ratelimited", Remedy.RETRY, seconds)
    assert len(slack_server.requests) == 1


def test_refused_connection_is_retried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    sender = SlackSender({"T1": "xoxb-1"}.get, f"http://127.0.0.1:{port}/api/")
    refused = sender.send(MESSAGE).result(timeout=60)
    sender.close()
    assert isinstance(refused, Refused)
    assert refused.remedy is Remedy.RETRY


def test_message_requested_before_a_suspension_is_not_sent(slack_server: FakeSlackServer) -> None:
    sender = SlackSender({"T1": "xoxb-1"}.get, slack_server.url, timeout=0)
    sender._thread.loop.call_soon_threadsafe(time.sleep, 0.05)  # keeps the loop busy, as a suspended process would
    refused = sender.send(MESSAGE).result(timeout=60)
    sender.close()
    assert refused == Refused("TooLateError", Remedy.RETRY)
    assert slack_server.requests == []


def test_expired_request_body_is_not_sent(slack_server: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(slack_server, sender, OK) == Accepted("1.2")
    sender._get_client()._timeout = -1
    assert send_message(slack_server, sender, OK) == Refused("TooLateError", Remedy.RETRY)
    assert len(slack_server.requests) == 1


def test_token_can_end_in_a_newline(slack_server: FakeSlackServer) -> None:
    sender = SlackSender({"T1": "xoxb-1\n"}.get, slack_server.url)
    assert send_message(slack_server, sender, OK) == Accepted("1.2")
    sender.close()
    assert b"Authorization: Bearer xoxb-1\r\n" in slack_server.requests[0]


def test_redirect_is_ambiguous_and_not_followed(slack_server: FakeSlackServer, sender: SlackSender) -> None:
    elsewhere = respond(b"", "307 Temporary Redirect", "text/html", f"Location: {slack_server.url}elsewhere\r\n")
    assert isinstance(send_message(slack_server, sender, elsewhere, OK), Ambiguous)
    assert len(slack_server.requests) == 1


def test_proxy_of_the_environment_is_used(slack_server: FakeSlackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", slack_server.url)
    sender = SlackSender({"T1": "xoxb-1"}.get, "http://slack.invalid/api/")
    accepted = send_message(slack_server, sender, OK)
    sender.close()
    assert accepted == Accepted("1.2")
    assert slack_server.requests[0].startswith(b"POST http://slack.invalid/api/chat.postMessage ")


def test_workspace_without_a_token_is_not_called(slack_server: FakeSlackServer, sender: SlackSender) -> None:
    other = ReminderMessage("T9", "C1", "k", date(2027, 1, 13), "UTC", (), MESSAGE.source)
    assert sender.send(other).result(timeout=60) == Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
    assert slack_server.requests == []


@pytest.mark.parametrize(
    "behaviour", [close_connection, reset_connection, respond(b"no", "500 Internal Server Error"), respond(b"ok")]
)
def test_button_answer_is_never_retried(
    slack_server: FakeSlackServer, sender: SlackSender, behaviour: Behaviour
) -> None:
    slack_server.behaviours = [behaviour, behaviour]
    sender.reply(slack_server.url + "response", {"text": "hello"}, replace=True).result(timeout=60)
    assert len(slack_server.requests) == 1


def test_message_that_fail_to_render_is_refused(
    slack_server: FakeSlackServer, sender: SlackSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.blocks.reminders.message.render_reminder", _fail)
    assert send_message(slack_server, sender) == Refused("could not be rendered", Remedy.UNKNOWN)
    assert slack_server.requests == []


def test_unexpected_error_is_an_outcome(
    slack_server: FakeSlackServer, sender: SlackSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client.error_codes.classify", _fail)
    assert send_message(slack_server, sender, respond_json(ok=False, error="is_archived")) == Ambiguous(
        "ZeroDivisionError"
    )


def _fail(_: object) -> None:
    raise ZeroDivisionError
