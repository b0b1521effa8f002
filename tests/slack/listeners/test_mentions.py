"""Questions in threads and direct messages, the message shortcut, and the extraction of text."""

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands import model, parser
from bot.slack.client.sender import SlackSender
from bot.slack.listeners.mentions import extract_text
from storage.database import Database
from tests.slack.driver import Body
from tests.slack.fake_slack_server import (
    OK,
    Behaviour,
    FakeSlackServer,
    close_connection,
    reset_connection,
    respond_json,
)
from tests.slack.mention_driver import MentionDriver, build_mention_driver

FAMILY = "pytorch-2-7-cu128-ubuntu-2404-nvidia-570"


@pytest.fixture
def mentions(sqlite_database: Database) -> MentionDriver:
    return build_mention_driver(sqlite_database)


def test_question_is_answered_in_its_thread(mentions: MentionDriver) -> None:
    assert mentions.send_mention("<@UBOT> when does pytorch 2.7 end?") == 200
    assert mentions.send_mention("<@UBOT> and tf 2.15?", ts="2.5", thread_ts="1.5") == 200
    assert [reply[:4] for reply in mentions.clients.thread_replies] == [("T1", "C1", "1.5", "")] * 2
    assert "PyTorch 2.7 is deprecated" in mentions.list_texts()[0]
    assert "TensorFlow 2.15" in mentions.list_texts()[1]


def test_mention_accepts_commands(mentions: MentionDriver) -> None:
    mentions.send_mention("<@UBOT|dlvm>: subscribe pytorch-2.9")
    mentions.send_mention("<@UBOT> subscriptions")
    mentions.send_mention("<@UBOT>")
    mentions.send_mention("hello <@UBOT>, nice to have you")
    texts = mentions.list_texts()
    assert "pytorch-2.9" in texts[1]
    assert "dlvm commands" in texts[2]
    assert "dlvm doesn’t understand" in texts[3]


def test_mention_checks_several_names(mentions: MentionDriver) -> None:
    mentions.send_mention(f"<@UBOT> check ```--image-family={FAMILY}``` and ```tf 2.15``` please")
    assert "2 names found" in mentions.list_texts()[0]


def test_direct_message_needs_no_mention(mentions: MentionDriver) -> None:
    mentions.send_direct_message("dlvm, status pytorch-2.9")
    assert mentions.clients.thread_replies[0][:3] == ("T1", "D1", "1.5")
    assert "PyTorch 2.9 is supported" in mentions.list_texts()[0]


def test_repeated_event_is_answered_once(mentions: MentionDriver) -> None:
    event = {"type": "app_mention", "user": "U1", "text": "<@UBOT> list", "ts": "1.5", "channel": "C1"}
    for team in ("T1", "T1", "T2"):
        assert mentions.slack.send_event(event, "Ev7", team) == 200
    assert [reply[0] for reply in mentions.clients.thread_replies] == ["T1", "T2"]


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B9"},
        {"subtype": "message_changed", "message": {"text": "pytorch-2.7"}},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"user": "UBOT"},
        {"user": None},
        {"channel_type": "channel", "channel": "C1"},
        {"channel_type": "mpim", "channel": "G1"},
    ],
)
def test_bots_edits_and_channel_messages_are_ignored(mentions: MentionDriver, fields: Body) -> None:
    assert mentions.send_direct_message("status pytorch-2.9", **fields) == 200
    assert mentions.clients.thread_replies == []


def test_mention_in_a_direct_message_is_answered_once(mentions: MentionDriver) -> None:
    mentions.send_mention("<@UBOT> list", channel="D1")
    mentions.send_direct_message("<@UBOT> list")
    assert len(mentions.clients.thread_replies) == 1


def test_shortcut_checks_text_blocks_and_attachments(mentions: MentionDriver) -> None:
    code_block = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": f'family = "{FAMILY}"'}]}
    mentions.send_shortcut(
        {
            "text": "tf 2.15",
            "blocks": [{"type": "rich_text", "elements": [code_block]}],
            "attachments": [{"fallback": "a plan", "fields": [{"title": "image", "value": "pytorch-2-4-cpu"}]}],
            "thread_ts": "0.9",
        }
    )
    (reply,) = mentions.clients.thread_replies
    assert reply[:4] == ("T1", "C1", "0.9", "https://hooks/3")
    for name in (FAMILY, "tf 2.15", "pytorch-2-4-cpu"):
        assert name in reply[4]["text"]


def test_shortcut_says_if_a_message_names_no_images(mentions: MentionDriver) -> None:
    mentions.send_shortcut({"text": "lunch?"})
    assert "found in that text" in mentions.list_texts()[0]


def test_shortcut_error_goes_to_the_response_url(mentions: MentionDriver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    mentions.slack.driver.database.close()
    shortcut = {"type": "message_action", "callback_id": "check_images", "response_url": "https://h/9"}
    assert mentions.slack.send_payload(shortcut).status == 200
    ((url, message, replaced),) = mentions.clients.replies
    assert (url, replaced) == ("https://h/9", False)
    assert message["text"].startswith("Something went wrong")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("when does pytorch 2.7 end?", model.ShowStatus("pytorch 2.7")),
        ("pytorch-2.7", model.ShowStatus("pytorch-2.7")),
        ("upgrade path from tf 2.15, please", model.ShowSuccessor("tf 2.15")),
        ("list of what pytorch 2.7 needs", model.ShowStatus("pytorch 2.7")),
        ("list tensorflow all", model.ListVersions("tensorflow", show_all=True)),
        ("is pytorch 2.7 ok, or tf 2.15?", parser.CheckText("is pytorch 2.7 ok, or tf 2.15?")),
        ("when does dlc:pytorch-2.4 end?", model.ShowStatus("dlc:pytorch-2.4")),
        ("vertex:tf-2.15", model.ShowStatus("vertex:tf-2.15")),
        (
            "how long is x.dev/vertex-ai/training/tf-cpu.2-16.py310:latest good?",
            model.ShowStatus("x.dev/vertex-ai/training/tf-cpu.2-16.py310"),
        ),
        ("list dlc:", model.ListVersions("dlc:")),
        ("upcoming 30d", model.ShowUpcomingDates(30)),
        ("2.9", model.ShowStatus("2.9")),
        ("", model.ShowHelp()),
    ],
)
def test_sentence_is_parsed_as_a_command_or_by_its_names(text: str, command: object) -> None:
    assert parser.parse_sentence(text) == command


def test_extracted_text_joins_runs_and_limits_depth() -> None:
    elements = [{"type": "text", "text": "pytorch-"}, {"type": "text", "text": "2.7"}, {"type": "emoji", "name": "x"}]
    elements.append({"type": "link", "url": "https://x/tf-2-15-cpu", "text": "here"})
    section = {"type": "rich_text_section", "elements": elements}
    message: Body = {"blocks": [{"type": "rich_text", "elements": [section]}]}
    assert extract_text(message) == "pytorch-2.7here\nhttps://x/tf-2-15-cpu"
    nested: Body = {"text": "bottom"}
    for _ in range(60):
        nested = {"blocks": [nested]}
    assert extract_text(nested) == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "blocks", "elements", "attachments", "url"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine generates slowly
@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments"]), json_values))
def test_extract_text_accepts_any_message(message: Body) -> None:
    assert isinstance(extract_text(message), str)


def test_sender_posts_in_the_thread(sender: SlackSender, slack_server: FakeSlackServer) -> None:
    slack_server.behaviours = [OK]
    assert sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}).result(10)
    (request,) = slack_server.requests
    assert request.startswith(b"POST /api/chat.postMessage ")
    assert b"thread_ts" in request
    assert b"1.5" in request


@pytest.mark.parametrize("behaviour", [close_connection, reset_connection, respond_json(ok=False, error="fatal_error")])
def test_ambiguous_thread_reply_is_not_sent_again(
    sender: SlackSender, slack_server: FakeSlackServer, behaviour: Behaviour
) -> None:
    slack_server.behaviours = [behaviour, OK]
    url = f"{slack_server.url}response"
    assert not sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}, response_url=url).result(10)
    assert len(slack_server.requests) == 1


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "missing_scope"])
def test_refused_thread_reply_goes_to_the_response_url(
    sender: SlackSender, slack_server: FakeSlackServer, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack_server.behaviours = [respond_json(ok=False, error=code), OK]
    url = f"{slack_server.url}response"
    assert not sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}, response_url=url).result(10)
    assert slack_server.requests[1].startswith(b"POST /api/response ")
    assert b'"response_type":"ephemeral"' in slack_server.requests[1]
    assert code in caplog.text


def test_refused_thread_reply_is_logged(
    sender: SlackSender, slack_server: FakeSlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    slack_server.behaviours = [respond_json(ok=False, error="not_in_channel")]
    assert not sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}).result(10)
    assert not sender.reply_in_thread("T9", "C1", "1.5", {"text": "yes"}).result(10)
    assert len(slack_server.requests) == 1
    assert "not_in_channel" in caplog.text
    assert "not_authed" in caplog.text
