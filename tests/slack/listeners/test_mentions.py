"""Asking in threads and direct messages, and the shortcut in a message's menu."""

import json
import logging
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import model, sentences
from bot.sandbox.block_kit.validate import check_message
from bot.service.versions.image_check import ImageChecker
from bot.service.versions.snapshot import SnapshotCache
from bot.slack import app as slack_app
from bot.slack.client.sender import SlackSender
from bot.slack.listeners import mentions
from bot.slack.listeners.mentions import MentionListeners
from storage.database import Database
from storage.facts import Schedule, Workspace
from tests.service.driver import open_driver
from tests.slack.driver import NOW, SECRET, Body, RecordingClients, SlackDriver
from tests.slack.fake_slack_server import (
    OK,
    Behaviour,
    FakeSlackServer,
    close_connection,
    reset_connection,
    respond_json,
)

FAMILY = "pytorch-2-7-cu128-ubuntu-2404-nvidia-570"


@dataclass
class RecordingThreads(RecordingClients):
    """Keeps what was to be posted into threads; refuses what Slack would refuse."""

    thread_posts: list[tuple[str, str, str, str, Body]] = field(default_factory=list)

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: Body, *, response_url: str = ""
    ) -> "Future[bool]":
        assert check_message(message) == ()
        self.thread_posts.append((workspace_id, channel_id, thread_ts, response_url, message))
        done: Future[bool] = Future()
        done.set_result(True)
        return done

    def list_texts(self) -> list[str]:
        return [message["text"] for *_, message in self.thread_posts]


@dataclass
class MentionDriver:
    """Somebody who asks outside of the command."""

    slack: SlackDriver
    responses: RecordingThreads
    event_count: int = 0

    def send_event(self, event: Body, *, team: str = "T1", event_id: str = "") -> int:
        self.event_count += 1
        body = {
            "type": "event_callback",
            "team_id": team,
            "event_id": event_id or f"Ev{self.event_count}",
            "event": event,
        }
        return self.slack.post(json.dumps(body), "application/json").status

    def send_mention(self, text: str, team: str = "T1", **more: Any) -> int:
        said = {"type": "app_mention", "user": "U1", "text": text, "ts": "1.5", "channel": "C1"}
        return self.send_event(said | more, team=team)

    def send_direct_message(self, text: str, **more: Any) -> int:
        said = {"type": "message", "channel_type": "im", "user": "U1", "text": text, "ts": "1.5", "channel": "D1"}
        return self.send_event(said | more)

    def send_shortcut(self, message: Body, **more: Any) -> int:
        payload = {
            "type": "message_action",
            "callback_id": "check_images",
            "channel": {"id": "C1", "name": "x"},
            "message": {"ts": "1.5", **message},
            "response_url": "https://hooks/3",
        }
        return self.slack.send_payload(payload | more).status


@pytest.fixture
def asking(sqlite_database: Database) -> MentionDriver:
    desk, recorded = open_driver(sqlite_database), RecordingThreads()
    checking = ImageChecker(sqlite_database, SnapshotCache(), Schedule())
    app = slack_app.build(
        [MentionListeners(sqlite_database, desk.dispatcher, checking, recorded, lambda: NOW)],
        recorded,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        find_workspace={t: Workspace(t, "Acme", "B1", "UBOT") for t in ("T1", "T2")}.get,
        find_token={"T1": "xoxb-1", "T2": "xoxb-2"}.get,
    )
    return MentionDriver(SlackDriver(app, desk, recorded), recorded)


def test_a_question_is_answered_in_its_thread(asking: MentionDriver) -> None:
    assert asking.send_mention("<@UBOT> when does pytorch 2.7 end?") == 200
    assert asking.send_mention("<@UBOT> and tf 2.15?", ts="2.5", thread_ts="1.5") == 200
    assert [posted[:4] for posted in asking.responses.thread_posts] == [("T1", "C1", "1.5", "")] * 2
    assert "PyTorch 2.7 is deprecated" in asking.responses.list_texts()[0]
    assert "TensorFlow 2.15" in asking.responses.list_texts()[1]


def test_the_commands_words_work_without_the_slash(asking: MentionDriver) -> None:
    asking.send_mention("<@UBOT|dlvm>: subscribe pytorch-2.9")
    asking.send_mention("<@UBOT> subscriptions")
    asking.send_mention("<@UBOT>")
    asking.send_mention("hello <@UBOT>, nice to have you")
    texts = asking.responses.list_texts()
    assert "pytorch-2.9" in texts[1]
    assert "dlvm commands" in texts[2]
    assert "is not something dlvm understands" in texts[3]


def test_several_names_are_checked_at_once(asking: MentionDriver) -> None:
    asking.send_mention(f"<@UBOT> check ```--image-family={FAMILY}``` and ```tf 2.15``` please")
    assert "2 names found" in asking.responses.list_texts()[0]


def test_a_direct_message_needs_no_mention(asking: MentionDriver) -> None:
    asking.send_direct_message("dlvm, status pytorch-2.9")
    assert asking.responses.thread_posts[0][:3] == ("T1", "D1", "1.5")
    assert "PyTorch 2.9 is supported" in asking.responses.list_texts()[0]


def test_the_same_event_again_is_not_answered_again(asking: MentionDriver) -> None:
    said = {"type": "app_mention", "user": "U1", "text": "<@UBOT> list", "ts": "1.5", "channel": "C1"}
    for team in ("T1", "T1", "T2"):
        assert asking.send_event(said, team=team, event_id="Ev7") == 200
    assert [posted[0] for posted in asking.responses.thread_posts] == ["T1", "T2"]


@pytest.mark.parametrize(
    "more",
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
def test_bots_edits_and_other_channels_are_left_alone(asking: MentionDriver, more: Body) -> None:
    assert asking.send_direct_message("status pytorch-2.9", **more) == 200
    assert asking.responses.thread_posts == []


def test_a_mention_in_a_direct_message_is_answered_once(asking: MentionDriver) -> None:
    asking.send_mention("<@UBOT> list", channel="D1")
    asking.send_direct_message("<@UBOT> list")
    assert len(asking.responses.thread_posts) == 1


def test_the_shortcut_reads_text_blocks_and_attachments(asking: MentionDriver) -> None:
    fence = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": f'family = "{FAMILY}"'}]}
    asking.send_shortcut(
        {
            "text": "tf 2.15",
            "blocks": [{"type": "rich_text", "elements": [fence]}],
            "attachments": [{"fallback": "a plan", "fields": [{"title": "image", "value": "pytorch-2-4-cpu"}]}],
            "thread_ts": "0.9",
        }
    )
    (posted,) = asking.responses.thread_posts
    assert posted[:4] == ("T1", "C1", "0.9", "https://hooks/3")
    for name in (FAMILY, "tf 2.15", "pytorch-2-4-cpu"):
        assert name in posted[4]["text"]


def test_the_shortcut_on_a_message_without_names_says_so(asking: MentionDriver) -> None:
    asking.send_shortcut({"text": "lunch?"})
    assert "found in that text" in asking.responses.list_texts()[0]


def test_what_fails_inside_is_told_through_the_response_url(
    asking: MentionDriver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    asking.slack.desk.database.close()
    assert (
        asking.slack.send_payload(
            {"type": "message_action", "callback_id": "check_images", "response_url": "https://h/9"}
        ).status
        == 200
    )
    ((url, message, replaced),) = asking.responses.replies
    assert (url, replaced) == ("https://h/9", False)
    assert message["text"].startswith("Something went wrong inside dlvm")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("when does pytorch 2.7 end?", model.ShowStatus("pytorch 2.7")),
        ("pytorch-2.7", model.ShowStatus("pytorch-2.7")),
        ("upgrade path from tf 2.15, please", model.ShowSuccessor("tf 2.15")),
        ("list of what pytorch 2.7 needs", model.ShowStatus("pytorch 2.7")),
        ("list tensorflow all", model.ListVersions("tensorflow", show_all=True)),
        ("is pytorch 2.7 ok, or tf 2.15?", sentences.CheckText("is pytorch 2.7 ok, or tf 2.15?")),
        ("when does dlc:pytorch-2.4 end?", model.ShowStatus("dlc:pytorch-2.4")),
        ("vertex:tf-2.15", model.ShowStatus("vertex:tf-2.15")),
        (
            "how long is x.dev/vertex-ai/training/tf-cpu.2-16.py310:latest good?",
            model.ShowStatus("x.dev/vertex-ai/training/tf-cpu.2-16.py310"),
        ),
        ("list dlc:", model.ListVersions("dlc:")),
        ("upcoming 30d", model.ShowUpcoming(30)),
        ("2.9", model.ShowStatus("2.9")),
        ("", model.ShowHelp()),
    ],
)
def test_a_sentence_is_read_as_a_command_or_by_its_names(text: str, command: object) -> None:
    assert sentences.parse(text) == command


def test_a_run_of_styled_pieces_is_one_text_and_depth_is_bounded() -> None:
    pieces = [{"type": "text", "text": "pytorch-"}, {"type": "text", "text": "2.7"}, {"type": "emoji", "name": "x"}]
    pieces.append({"type": "link", "url": "https://x/tf-2-15-cpu", "text": "here"})
    message: Body = {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": pieces}]}]}
    assert mentions.extract_text(message) == "pytorch-2.7here\nhttps://x/tf-2-15-cpu"
    deep: Body = {"text": "bottom"}
    for _ in range(60):
        deep = {"blocks": [deep]}
    assert mentions.extract_text(deep) == ""


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


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments"]), json_values))
def test_any_message_is_read_without_trouble(message: Body) -> None:
    assert isinstance(mentions.extract_text(message), str)


def test_the_sender_posts_into_the_thread(sender: SlackSender, misbehaving: FakeSlackServer) -> None:
    misbehaving.behaviours = [OK]
    assert sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}).result(10)
    (request,) = misbehaving.requests
    assert request.startswith(b"POST /api/chat.postMessage ")
    assert b"thread_ts" in request
    assert b"1.5" in request


@pytest.mark.parametrize("behaviour", [close_connection, reset_connection, respond_json(ok=False, error="fatal_error")])
def test_an_answer_that_may_stand_in_the_thread_is_not_sent_again(
    sender: SlackSender, misbehaving: FakeSlackServer, behaviour: Behaviour
) -> None:
    misbehaving.behaviours = [behaviour, OK]
    url = f"{misbehaving.url}response"
    assert not sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}, response_url=url).result(10)
    assert len(misbehaving.requests) == 1


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "missing_scope"])
def test_where_the_bot_may_not_post_the_response_url_answers(
    sender: SlackSender, misbehaving: FakeSlackServer, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    misbehaving.behaviours = [respond_json(ok=False, error=code), OK]
    url = f"{misbehaving.url}response"
    assert not sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}, response_url=url).result(10)
    assert misbehaving.requests[1].startswith(b"POST /api/response ")
    assert b'"response_type":"ephemeral"' in misbehaving.requests[1]
    assert code in caplog.text


def test_a_refused_answer_to_a_mention_is_logged(
    sender: SlackSender, misbehaving: FakeSlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    misbehaving.behaviours = [respond_json(ok=False, error="not_in_channel")]
    assert not sender.reply_in_thread("T1", "C1", "1.5", {"text": "yes"}).result(10)
    assert not sender.reply_in_thread("T9", "C1", "1.5", {"text": "yes"}).result(10)
    assert len(misbehaving.requests) == 1
    assert "not_in_channel" in caplog.text
    assert "not_authed" in caplog.text
