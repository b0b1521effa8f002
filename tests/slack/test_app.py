"""The real Bolt dispatcher with signed requests: what people do, and what they get back."""

import json
import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest

from bot.sandbox.block_kit.validate import check_message, check_view
from storage import outbox, subscriptions
from storage.database import DatabaseError
from tests.slack.driver import SlackDriver


def test_a_command_is_answered_in_its_acknowledgement(slack: SlackDriver) -> None:
    answer = slack.command("status pytorch-2.7")
    assert answer["response_type"] == "ephemeral"
    assert "PyTorch 2.7 is deprecated" in answer["text"]
    assert check_message(answer) == ()


@pytest.mark.parametrize(
    "text", ["", "help", "nonsense <!channel>", "x" * 10_000, "\x00\u202e", "status " + "y " * 400]
)
def test_whatever_is_typed_is_answered(slack: SlackDriver, text: str) -> None:
    answer = slack.command(text)
    assert check_message(answer) == ()
    assert "<!" not in str(answer)


def test_a_workspace_that_is_not_ours_gets_nothing_of_ours(slack: SlackDriver) -> None:
    slack.command("subscribe pytorch-2.7")
    answer = slack.post(
        urlencode({"command": "/dlvm", "text": "subscriptions", "team_id": "T2", "channel_id": "C1", "user_id": "U1"})
    )
    assert "pytorch-2.7" not in (answer.body or "")


def test_the_same_command_again_changes_nothing_more(slack: SlackDriver) -> None:
    assert "Subscribed this channel" in slack.command("subscribe pytorch-2.7")["text"]
    assert "is already subscribed" in slack.command("subscribe pytorch-2.7")["text"]
    with slack.desk.database.read_only() as session:
        (only,) = subscriptions.list_for_channel(session, "T1", "C1")
    assert (only.target, only.created_by) == ("pytorch-2.7", "U1")


@pytest.mark.parametrize(
    ("action_id", "value", "part", "replace"),
    [
        ("status", "pytorch-2.7", "PyTorch 2.7 is deprecated", False),
        ("successor", "pytorch-2.3", "PyTorch 2.9", False),
        ("subscribe", "pytorch-2.7", "Subscribed this channel", False),
        ("unsubscribe", "pytorch-2.7", "isn’t subscribed", False),
        ("ask_0", "status tensorflow-2.9", "TensorFlow 2.9", True),
        ("ask_0", "history pytorch-2.9", "History of PyTorch 2.9", True),
        ("ask_1", "subscribe pytorch-2.9", "Subscribed this channel", True),
        ("subscriptions_next", "2", "no subscriptions", True),
        ("status", "<!channel> forged", "not a framework version", False),
        ("ask_0", "", "dlvm commands", True),
    ],
)
def test_a_button_is_answered_through_its_response_url(
    slack: SlackDriver, action_id: str, value: str, part: str, replace: bool
) -> None:
    answer = slack.press(action_id, value)
    assert (answer.status, answer.body) == (200, "")
    ((url, message, replaced),) = slack.clients.replies
    assert (url, replaced) == ("https://hooks/2", replace)
    assert part in message["text"]


def test_buttons_that_only_link_are_acknowledged(slack: SlackDriver) -> None:
    assert slack.press("something_else", "x").status == 200
    assert slack.clients.replies == []


def test_every_button_drawn_is_one_that_is_answered(slack: SlackDriver) -> None:
    drawn = [slack.command(text) for text in ("status pytorch-2.7", "status 2.9", "status pytorch-2.5", "settings")]
    slack.command("subscribe pytorch-2.7")
    drawn.append(slack.command("status pytorch-2.7"))
    buttons = [e for m in drawn for block in m["blocks"] for e in block.get("elements", []) if e["type"] == "button"]
    assert len(buttons) > 6
    for button in buttons:
        before = len(slack.clients.replies) + len(slack.clients.views)
        slack.press(button["action_id"], button["value"])
        assert len(slack.clients.replies) + len(slack.clients.views) == before + 1, button


def test_settings_are_changed_in_a_modal(slack: SlackDriver) -> None:
    slack.press("settings_open", "settings")
    (view,) = slack.clients.views
    assert view["private_metadata"] == "C1"
    saved = slack.submit_settings("asia/taipei", "18:30")
    assert saved["response_action"] == "update"
    assert check_view(saved["view"]) == ()
    assert "18:30" in slack.command("settings")["text"]


@pytest.mark.parametrize(
    ("zone", "hour", "fields"),
    [
        ("Mars", "09:00", {"zone"}),
        ("UTC", "25:00", {"hour"}),
        ("", "", {"zone", "hour"}),
        ("Mars", "noon", {"zone", "hour"}),
    ],
)
def test_what_a_modal_got_wrong_stands_under_its_field(
    slack: SlackDriver, zone: str, hour: str, fields: set[str]
) -> None:
    answer = slack.submit_settings(zone, hour)
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == fields


def test_a_forged_modal_changes_nothing(slack: SlackDriver) -> None:
    answer = slack.submit_settings("Asia/Taipei", "10:00", channel="../C1' OR 1=1")
    assert answer["response_action"] == "errors"
    assert "no longer valid" in answer["errors"]["zone"]


def test_events_are_acknowledged(slack: SlackDriver) -> None:
    event = {"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": {"type": "app_uninstalled"}}
    assert slack.post(json.dumps(event), "application/json").status == 200


def test_an_unsigned_request_runs_nothing(slack: SlackDriver) -> None:
    answer = slack.app.dispatch(BoltRequest(body="command=%2Fdlvm&text=subscribe+all", headers={}))
    assert answer.status == 401
    with slack.desk.database.read_only() as session:
        assert subscriptions.list_for_channel(session, "T1", "C1") == ()
        assert outbox.count_by_state(session) == {}


def failing(error: Exception) -> Any:
    def raises(*_: object, **__: object) -> None:
        raise error

    return raises


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeError("SELECT secret FROM /var/lib xoxb-1"), "Something went wrong inside dlvm"),
        (DatabaseError("/var/lib/dlvm.db is locked"), "could not use its database"),
    ],
)
def test_what_must_not_happen_is_an_apology_with_a_reference(
    slack: SlackDriver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    sentence: str,
) -> None:
    monkeypatch.setattr(slack.desk.dispatcher, "answer", failing(error))
    monkeypatch.setattr(slack.desk.dispatcher.settings, "change", failing(error))
    caplog.set_level(logging.ERROR)
    answers = [slack.command("status pytorch-2.7")["text"], slack.submit_settings("UTC", "09:00")["errors"]["zone"]]
    assert slack.press("status", "pytorch-2.7").status == 200
    answers.append(slack.clients.replies[0][1]["text"])
    for answer in answers:
        assert sentence in answer
        assert not any(inside in answer for inside in ("SELECT", "/var", "xoxb"))
        reference = answer.rpartition("reference")[2].strip(": ).")
        assert reference.rstrip(")") in caplog.text
