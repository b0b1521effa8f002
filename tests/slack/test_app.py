"""The Bolt app: signed requests and their answers."""

import logging
from typing import Any

import pytest
from slack_bolt import BoltRequest

from bot.sandbox.block_kit.validate import check_message, check_view
from storage import outbox, subscriptions
from storage.database import DatabaseError
from tests.slack.driver import SlackDriver, build_command_body


def test_acknowledgement_answers_the_command(slack: SlackDriver) -> None:
    answer = slack.command("status pytorch-2.7")
    assert answer["response_type"] == "ephemeral"
    assert "PyTorch 2.7 is deprecated" in answer["text"]
    assert check_message(answer) == ()


@pytest.mark.parametrize(
    "text", ["", "help", "nonsense <!channel>", "x" * 10_000, "\x00\u202e", "status " + "y " * 400]
)
def test_command_answers_any_text(slack: SlackDriver, text: str) -> None:
    answer = slack.command(text)
    assert check_message(answer) == ()
    assert "<!" not in str(answer)


def test_uninstalled_workspace_sees_no_subscriptions(slack: SlackDriver) -> None:
    slack.command("subscribe pytorch-2.7")
    response = slack.post(build_command_body("subscriptions", team_id="T2"))
    assert "pytorch-2.7" not in (response.body or "")


def test_repeated_command_changes_nothing(slack: SlackDriver) -> None:
    assert "Subscribed this channel" in slack.command("subscribe pytorch-2.7")["text"]
    assert "is already subscribed" in slack.command("subscribe pytorch-2.7")["text"]
    with slack.driver.database.read_only() as session:
        (subscription,) = subscriptions.list_for_channel(session, "T1", "C1")
    assert (subscription.target, subscription.created_by) == ("pytorch-2.7", "U1")


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
        ("status", "<!channel> forged", "isn’t a framework version", False),
        ("ask_0", "", "dlvm commands", True),
    ],
)
def test_button_is_answered_through_its_response_url(
    slack: SlackDriver, action_id: str, value: str, part: str, replace: bool
) -> None:
    response = slack.press(action_id, value)
    assert (response.status, response.body) == (200, "")
    ((url, message, replaced),) = slack.clients.replies
    assert (url, replaced) == ("https://hooks/2", replace)
    assert part in message["text"]


def test_unknown_button_is_acknowledged(slack: SlackDriver) -> None:
    assert slack.press("something_else", "x").status == 200
    assert slack.clients.replies == []


def test_every_rendered_button_has_a_listener(slack: SlackDriver) -> None:
    messages = [slack.command(text) for text in ("status pytorch-2.7", "status 2.9", "status pytorch-2.5", "settings")]
    slack.command("subscribe pytorch-2.7")
    messages.append(slack.command("status pytorch-2.7"))
    elements = [e for message in messages for block in message["blocks"] for e in block.get("elements", [])]
    buttons = [element for element in elements if element["type"] == "button"]
    assert len(buttons) > 6
    for button in buttons:
        previous = len(slack.clients.replies) + len(slack.clients.views)
        slack.press(button["action_id"], button["value"])
        assert len(slack.clients.replies) + len(slack.clients.views) == previous + 1, button


def test_settings_form_changes_settings(slack: SlackDriver) -> None:
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
def test_settings_form_shows_errors_under_their_fields(
    slack: SlackDriver, zone: str, hour: str, fields: set[str]
) -> None:
    answer = slack.submit_settings(zone, hour)
    assert answer["response_action"] == "errors"
    assert set(answer["errors"]) == fields


def test_forged_settings_form_changes_nothing(slack: SlackDriver) -> None:
    answer = slack.submit_settings("Asia/Taipei", "10:00", channel="../C1' OR 1=1")
    assert answer["response_action"] == "errors"
    assert "no longer valid" in answer["errors"]["zone"]


def test_event_is_acknowledged(slack: SlackDriver) -> None:
    assert slack.send_event({"type": "app_uninstalled"}) == 200


def test_unsigned_request_is_rejected(slack: SlackDriver) -> None:
    response = slack.app.dispatch(BoltRequest(body="command=%2Fdlvm&text=subscribe+all", headers={}))
    assert response.status == 401
    with slack.driver.database.read_only() as session:
        assert subscriptions.list_for_channel(session, "T1", "C1") == ()
        assert outbox.count_by_state(session) == {}


def build_failing(error: Exception) -> Any:
    def raises(*_: object, **__: object) -> None:
        raise error

    return raises


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (RuntimeError("SELECT secret FROM /var/lib xoxb-1"), "Something went wrong"),
        (DatabaseError("/var/lib/dlvm.db is locked"), "can’t reach its database"),
    ],
)
def test_unexpected_error_is_an_apology_with_a_reference(
    slack: SlackDriver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    part: str,
) -> None:
    monkeypatch.setattr(slack.driver.use_cases.dispatcher, "dispatch", build_failing(error))
    monkeypatch.setattr(slack.driver.use_cases.settings, "change", build_failing(error))
    caplog.set_level(logging.ERROR)
    answers = [slack.command("status pytorch-2.7")["text"], slack.submit_settings("UTC", "09:00")["errors"]["zone"]]
    assert slack.press("status", "pytorch-2.7").status == 200
    answers.append(slack.clients.replies[0][1]["text"])
    for answer in answers:
        assert part in answer
        assert not any(secret in answer for secret in ("SELECT", "/var", "xoxb"))
        reference = answer.rpartition("reference")[2].strip(": ).")
        assert len(reference) == 8
        assert reference in caplog.text
