"""Safety: what people type and press can't mention others, reach other workspaces or forge log lines."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import logs
from bot.commands.dispatcher import Dispatcher
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.versions.image_check import ImageChecker
from bot.slack.blocks.render import render
from storage.database import Database, DatabaseError
from tests.service.driver import Driver, open_driver
from tests.slack.driver import NOW, Body, build_command_body
from tests.slack.mention_driver import MentionDriver, build_mention_driver

VERBS = (
    "",
    "status ",
    "successor ",
    "history ",
    "list ",
    "upcoming ",
    "preview ",
    "subscribe ",
    "unsubscribe ",
    "settings ",
)
OWN_MARKUP = re.compile(r"<#C1>|<@U1>|<https://[^<>|]+\|[^<>]+>|<!date\^\d+\^")
"""Mentions and links that dlvm builds itself: the current channel and person, and Google's pages."""

STRANGE_TEXTS = [
    "\u202epytorch-2.7\u202c",
    "pytorch\u200b-2.7",
    "\ufeffpytorch-2.7",
    "pytorch-2.7\x00",
    "pytorch\u2028-2.7",
    "ｐｙｔｏｒｃｈ-2.7",
    "рytorch-2.7",  # starts with a Cyrillic letter that looks like p
    "pytorch‑2.7",  # a non-breaking hyphen
    "👩\u200d💻 pytorch-2.7",
    "'; drop table channel; --",
    "%_\\%",
    "\x1b[31mred",
    "<script>alert(1)</script>",
    "`*_~> &lt;!channel&gt;",
    "{{7*7}} ${7*7} %s %n {0}",
    "a" * 5_000,
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory, migrated_file: Any) -> Driver:
    path = tmp_path_factory.mktemp("safety") / "dlvm.db"
    path.write_bytes(migrated_file.read_bytes())
    return open_driver(Database(f"sqlite:///{path}"))


def find_foreign_markup(message: str) -> list[str]:
    """Return mentions, channels and links that dlvm didn't build."""
    return re.findall(r"<[!@#][^>]{0,20}|<https?:[^>]{0,40}", OWN_MARKUP.sub("", message))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(VERBS), st.text(max_size=60), st.sampled_from(["<!channel>", "<@U9>", "<#C9|x>", "<https://e.x|y>"])
)
@example("settings mention ", "", "<!channel>")
@example("settings mention ", "<@U1>", "<!subteam^S1>")
@example("settings country ", "`", "<!here>")
def test_typed_text_never_becomes_a_mention_or_link(driver: Driver, verb: str, text: str, markup: str) -> None:
    for typed in (f"{verb}{text}{markup}", f"{verb}{markup}{text}"):
        if "mention" in typed and "<@U9>" in typed:
            continue  # this is how people set a mention
        message = json.dumps(render(driver.run(typed, NOW)), ensure_ascii=False)
        assert find_foreign_markup(message) == [], typed
        assert "&amp;lt;" not in message or "&lt;" in typed, "escaped twice"


@pytest.mark.parametrize("text", STRANGE_TEXTS)
def test_strange_characters_get_a_plain_answer(driver: Driver, text: str) -> None:
    for verb in VERBS:
        message = render(driver.run(f"{verb}{text}", NOW))
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", message["text"]), verb
        assert find_foreign_markup(json.dumps(message, ensure_ascii=False)) == []
        assert len(message["text"]) <= 4_000


@pytest.fixture
def mentions(sqlite_database: Database) -> MentionDriver:
    return build_mention_driver(sqlite_database)


def read_rows(database: Database, workspace_id: str) -> list[tuple[Any, ...]]:
    """Return every stored row of a workspace."""
    rows: list[tuple[Any, ...]] = []
    with database.read_only() as session:
        for table in ("subscription", "channel", "outbox"):
            query = sa.text(f"SELECT * FROM {table} WHERE workspace_id = :w")  # noqa: S608 - the names are constants
            rows += [tuple(row) for row in session.execute(query, {"w": workspace_id})]
    return rows


def build_press(action_id: str, value: str) -> Body:
    return {
        "type": "block_actions",
        "team": {"id": "T2"},
        "channel": {"id": "C1", "name": "x"},
        "container": {"type": "message", "channel_id": "C1", "message_ts": "1.2"},
        "response_url": "https://hooks/2",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
    }


FOREIGN_REQUESTS: list[Callable[[MentionDriver], object]] = [
    lambda a: a.slack.command("unsubscribe all", team="T2"),
    lambda a: a.slack.command("subscribe tf-2.17", team="T2"),
    lambda a: a.slack.command("settings zone Asia/Taipei hour 11:00 mention <@U9>", team="T2"),
    lambda a: a.slack.send_payload(build_press("unsubscribe", "pytorch-2.9")),
    lambda a: a.slack.send_payload(build_press("subscribe", "all")),
    lambda a: a.slack.send_payload(build_press("ask_0", "unsubscribe pytorch-2.9")),
    lambda a: a.slack.send_payload(build_press("settings_open", "C1")),
    lambda a: a.slack.send_payload(
        {
            "type": "view_submission",
            "team": {"id": "T2"},
            "view": {
                "type": "modal",
                "id": "V1",
                "callback_id": "settings",
                "private_metadata": "C1",
                "state": {"values": {"zone": {"zone": {"value": "Asia/Taipei"}}, "hour": {"hour": {"value": "11:00"}}}},
            },
        }
    ),
    lambda a: a.send_mention("<@UBOT> unsubscribe all", team="T2"),
    lambda a: a.slack.send_payload(
        {
            "type": "message_action",
            "team": {"id": "T2"},
            "callback_id": "check_images",
            "channel": {"id": "C1"},
            "message": {"ts": "1.5", "text": "pytorch-2.9"},
            "response_url": "https://hooks/3",
        }
    ),
]


@pytest.mark.parametrize("send", FOREIGN_REQUESTS)
def test_other_workspace_with_the_same_ids_changes_nothing(
    mentions: MentionDriver, send: Callable[[MentionDriver], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = mentions.clients
    mentions.slack.command("subscribe pytorch-2.9")
    mentions.slack.command("settings zone Europe/Madrid")
    rows = read_rows(mentions.slack.driver.database, "T1")
    monkeypatch.setattr(
        clients, "open", lambda workspace_id, _, view: clients.views.append({"in": workspace_id, **view})
    )
    send(mentions)
    assert read_rows(mentions.slack.driver.database, "T1") == rows
    thread_replies = [reply for reply in clients.thread_replies if reply[0] != "T1"]
    assert "Madrid" not in json.dumps([clients.views, thread_replies, clients.replies])
    assert all(view["in"] == "T2" for view in clients.views)
    assert "pytorch-2.9" in json.dumps(mentions.slack.command("subscriptions"))


@pytest.mark.parametrize("text", ["subscriptions", "settings", "upcoming", "preview", "status pytorch-2.9"])
def test_answers_never_show_another_workspaces_subscriptions(mentions: MentionDriver, text: str) -> None:
    answer = mentions.slack.command(text, team="T2")
    mentions.slack.command("subscribe pytorch-2.9")
    mentions.slack.command("settings zone Europe/Madrid mention <@U77>")
    assert mentions.slack.command(text, team="T2") == answer


SECRETS = "/srv/dlvm/bot/x.py SELECT * FROM outbox xoxb-1-secret"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(SECRETS),
        DatabaseError(SECRETS, SECRETS),
        sa.exc.OperationalError(SECRETS, {}, ValueError(SECRETS)),
    ],
)
def test_apology_contains_no_path_statement_or_token(
    mentions: MentionDriver, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Dispatcher, "dispatch", fail)
    monkeypatch.setattr(SettingsEditor, "change", fail)
    monkeypatch.setattr(ImageChecker, "check", fail)
    answers = [json.dumps(mentions.slack.command("list"))]
    for send in FOREIGN_REQUESTS[3:6] + FOREIGN_REQUESTS[7:]:
        response = send(mentions)
        answers.append(str(getattr(response, "body", response)))
    answers += [str(message) for _, message, _ in mentions.clients.replies]
    text = " ".join(answers)
    assert not re.search(r"xox|SELECT|\.py|/srv|Traceback|outbox", text)
    assert text.count("reference") >= 5


def test_typed_text_cannot_forge_a_log_line(
    mentions: MentionDriver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.configure("DEBUG")
    text = "list a\r\n2026-11-25T00:00:00 ERROR forged\x1b[31m xoxb-1-secret" + "y" * 100_000
    mentions.slack.post(build_command_body(text, channel_id="C1\nERROR"))
    mentions.send_mention(text)
    mentions.slack.send_payload({"type": "block_actions\nERROR forged", "actions": []})
    lines = capsys.readouterr().err.splitlines()
    assert all(len(line) <= logs.MAX_LINE_LENGTH for line in lines)
    assert not any(line.startswith(("ERROR", "2026-11-25T00:00:00 ERROR forged")) for line in lines)
    assert not any("\x1b" in line or "xoxb-1-secret" in line for line in lines)
