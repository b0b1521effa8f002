"""Posting to a Slack that records first and then misbehaves: three outcomes, and never a second post by itself."""

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


def test_an_accepted_message_has_its_ts(misbehaving: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(misbehaving, sender, OK) == Accepted("1.2")
    assert b"a-random-key" in misbehaving.requests[0]
    assert b"unfurl_links" in misbehaving.requests[0]


@pytest.mark.parametrize(
    "behaviour",
    [
        close_connection,
        reset_connection,
        cut_response,
        respond(b"<html>", kind="text/html"),
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
def test_what_proves_nothing_is_ambiguous_and_posts_once(
    misbehaving: FakeSlackServer, sender: SlackSender, behaviour: Behaviour
) -> None:
    assert isinstance(send_message(misbehaving, sender, behaviour, OK), Ambiguous)
    assert len(misbehaving.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1", 1.0), ("30", 30.0), ("0", 0.0), ("86400", 86400.0), ("abc", None), ("", None), ("-5", None), ("1.5", None)],
)
def test_too_many_requests_names_its_wait(
    misbehaving: FakeSlackServer, sender: SlackSender, header: str, seconds: float | None
) -> None:
    extra = f"Retry-After: {header}\r\n" if header else ""
    limited = respond(b"<html>slow down</html>", "429 Too Many Requests", "text/html", extra)
    assert send_message(misbehaving, sender, limited) == Refused("ratelimited", Remedy.RETRY, seconds)
    assert len(misbehaving.requests) == 1


def test_nothing_sent_is_refused_and_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    sender = SlackSender({"T1": "xoxb-1"}.get, f"http://127.0.0.1:{port}/api/")
    refused = sender.send(MESSAGE).result(timeout=60)
    sender.close()
    assert isinstance(refused, Refused)
    assert refused.remedy is Remedy.RETRY


def test_what_was_asked_for_before_the_process_slept_is_not_sent_after_it(misbehaving: FakeSlackServer) -> None:
    sender = SlackSender({"T1": "xoxb-1"}.get, misbehaving.url, timeout=0)
    sender._thread.loop.call_soon_threadsafe(time.sleep, 0.05)  # what the loop had in hand when everything stopped
    refused = sender.send(MESSAGE).result(timeout=60)
    sender.close()
    assert refused == Refused("TooLateError", Remedy.RETRY)
    assert misbehaving.requests == []


def test_what_is_late_when_it_would_be_written_is_not_sent(misbehaving: FakeSlackServer, sender: SlackSender) -> None:
    assert send_message(misbehaving, sender, OK) == Accepted("1.2")
    sender._get_client()._timeout = -1
    assert send_message(misbehaving, sender, OK) == Refused("TooLateError", Remedy.RETRY)
    assert len(misbehaving.requests) == 1


def test_a_token_may_end_like_the_line_of_a_file(misbehaving: FakeSlackServer) -> None:
    sender = SlackSender({"T1": "xoxb-1\n"}.get, misbehaving.url)
    assert send_message(misbehaving, sender, OK) == Accepted("1.2")
    sender.close()
    assert b"Authorization: Bearer xoxb-1\r\n" in misbehaving.requests[0]


def test_a_redirect_is_not_followed_and_proves_nothing(misbehaving: FakeSlackServer, sender: SlackSender) -> None:
    elsewhere = respond(b"", "307 Temporary Redirect", "text/html", f"Location: {misbehaving.url}elsewhere\r\n")
    assert isinstance(send_message(misbehaving, sender, elsewhere, OK), Ambiguous)
    assert len(misbehaving.requests) == 1


def test_the_proxy_of_the_environment_is_used(misbehaving: FakeSlackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", misbehaving.url)
    sender = SlackSender({"T1": "xoxb-1"}.get, "http://slack.invalid/api/")
    accepted = send_message(misbehaving, sender, OK)
    sender.close()
    assert accepted == Accepted("1.2")
    assert misbehaving.requests[0].startswith(b"POST http://slack.invalid/api/chat.postMessage ")


def test_a_workspace_without_a_token_is_not_called(misbehaving: FakeSlackServer, sender: SlackSender) -> None:
    other = ReminderMessage("T9", "C1", "k", date(2027, 1, 13), "UTC", (), MESSAGE.source)
    assert sender.send(other).result(timeout=60) == Refused("not_authed", Remedy.SUSPEND_WORKSPACE)
    assert misbehaving.requests == []


@pytest.mark.parametrize(
    "behaviour", [close_connection, reset_connection, respond(b"no", "500 Internal Server Error"), respond(b"ok")]
)
def test_an_answer_to_a_button_goes_out_once_whatever_happens(
    misbehaving: FakeSlackServer, sender: SlackSender, behaviour: Behaviour
) -> None:
    misbehaving.behaviours = [behaviour, behaviour]
    sender.reply(misbehaving.url + "response", {"text": "hello"}, replace=True).result(timeout=60)
    assert len(misbehaving.requests) == 1


def test_what_can_not_be_drawn_is_certainly_not_sent(
    misbehaving: FakeSlackServer, sender: SlackSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.blocks.reminders.message.render_reminder", _fails)
    assert send_message(misbehaving, sender) == Refused("could not be drawn", Remedy.UNKNOWN)
    assert misbehaving.requests == []


def test_what_nobody_foresaw_is_an_outcome_too(
    misbehaving: FakeSlackServer, sender: SlackSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client.error_codes.classify", _fails)
    assert send_message(misbehaving, sender, respond_json(ok=False, error="is_archived")) == Ambiguous(
        "ZeroDivisionError"
    )


def _fails(_: object) -> None:
    raise ZeroDivisionError
