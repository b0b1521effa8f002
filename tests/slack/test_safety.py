"""What people may write and press does nothing to others: no ping, no other workspace's rows, no forged log line."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import logs
from bot.service.versions.image_check import ImageChecker
from bot.service.versions.snapshot import SnapshotCache
from bot.slack import app as slack_app
from bot.slack.blocks.render import render
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.mentions import MentionListeners
from storage.database import Database, DatabaseError
from storage.facts import Schedule, Workspace
from tests.service.driver import Driver, open_driver
from tests.slack.driver import NOW, SECRET, Body, SlackDriver
from tests.slack.listeners.test_mentions import MentionDriver, RecordingThreads

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
OURS = re.compile(r"<#C1>|<@U1>|<https://[^<>|]+\|[^<>]+>|<!date\^\d+\^")
"""What we build ourselves: the channel and person at hand, and links to Google's pages."""

STRANGE = [
    "\u202epytorch-2.7\u202c",
    "pytorch\u200b-2.7",
    "\ufeffpytorch-2.7",
    "pytorch-2.7\x00",
    "pytorch\u2028-2.7",
    "ｐｙｔｏｒｃｈ-2.7",
    "рytorch-2.7",  # a Cyrillic letter that looks like p
    "pytorch‑2.7",  # a hyphen that does not break
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
def asked(tmp_path_factory: pytest.TempPathFactory, migrated_file: Any) -> Driver:
    path = tmp_path_factory.mktemp("safety") / "dlvm.db"
    path.write_bytes(migrated_file.read_bytes())
    return open_driver(Database(f"sqlite:///{path}"))


def signs(drawn: str) -> list[str]:
    """Mentions, channels and links that nobody of ours built."""
    return re.findall(r"<[!@#][^>]{0,20}|<https?:[^>]{0,40}", OURS.sub("", drawn))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(VERBS), st.text(max_size=60), st.sampled_from(["<!channel>", "<@U9>", "<#C9|x>", "<https://e.x|y>"])
)
@example("settings mention ", "", "<!channel>")
@example("settings mention ", "<@U1>", "<!subteam^S1>")
@example("settings country ", "`", "<!here>")
def test_whatever_people_write_pings_and_links_nobody(asked: Driver, verb: str, text: str, sign: str) -> None:
    for written in (f"{verb}{text}{sign}", f"{verb}{sign}{text}"):
        if "mention" in written and "<@U9>" in written:
            continue  # that is how a mention is asked for
        drawn = json.dumps(render(asked.run(written, NOW)), ensure_ascii=False)
        assert signs(drawn) == [], written
        assert "&amp;lt;" not in drawn or "&lt;" in written, "escaped twice"


@pytest.mark.parametrize("text", STRANGE)
def test_strange_characters_get_a_plain_answer(asked: Driver, text: str) -> None:
    for verb in VERBS:
        message = render(asked.run(f"{verb}{text}", NOW))
        drawn = json.dumps(message, ensure_ascii=False)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", message["text"]), verb
        assert signs(drawn) == []
        assert len(message["text"]) <= 4_000


@pytest.fixture
def two(sqlite_database: Database) -> MentionDriver:
    """A bot in two workspaces, with everything that listens there."""
    desk, recorded = open_driver(sqlite_database), RecordingThreads()
    checking = ImageChecker(sqlite_database, SnapshotCache(), Schedule())
    app = slack_app.build(
        [
            CommandListeners(desk.dispatcher, recorded, recorded, lambda _: True, lambda: NOW),  # type: ignore[arg-type] # the recorder's open() is all of it
            MentionListeners(sqlite_database, desk.dispatcher, checking, recorded, lambda: NOW),
        ],
        recorded,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        find_workspace={t: Workspace(t, t, "B1", "UBOT") for t in ("T1", "T2")}.get,
        find_token={"T1": "xoxb-1", "T2": "xoxb-2"}.get,
    )
    return MentionDriver(SlackDriver(app, desk, recorded), recorded)


def rows(database: Database, workspace_id: str) -> list[tuple[Any, ...]]:
    """Everything stored of a workspace."""
    found: list[tuple[Any, ...]] = []
    with database.read_only() as session:
        for table in ("subscription", "channel", "outbox"):
            query = sa.text(f"SELECT * FROM {table} WHERE workspace_id = :w")  # noqa: S608 - names of ours
            found += [tuple(row) for row in session.execute(query, {"w": workspace_id})]
    return found


def pressed(action_id: str, value: str) -> Body:
    return {
        "type": "block_actions",
        "team": {"id": "T2"},
        "channel": {"id": "C1", "name": "x"},
        "container": {"type": "message", "channel_id": "C1", "message_ts": "1.2"},
        "response_url": "https://hooks/2",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
    }


FOREIGN: list[Callable[[MentionDriver], object]] = [
    lambda a: a.slack.command("unsubscribe all", team="T2"),
    lambda a: a.slack.command("subscribe tf-2.17", team="T2"),
    lambda a: a.slack.command("settings zone Asia/Taipei hour 11:00 mention <@U9>", team="T2"),
    lambda a: a.slack.send_payload(pressed("unsubscribe", "pytorch-2.9")),
    lambda a: a.slack.send_payload(pressed("subscribe", "all")),
    lambda a: a.slack.send_payload(pressed("ask_0", "unsubscribe pytorch-2.9")),
    lambda a: a.slack.send_payload(pressed("settings_open", "C1")),
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


@pytest.mark.parametrize("number", range(len(FOREIGN)))
def test_another_workspace_with_the_same_ids_changes_and_sees_nothing(
    two: MentionDriver, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.slack.command("subscribe pytorch-2.9")
    two.slack.command("settings zone Europe/Madrid")
    before = rows(two.slack.desk.database, "T1")
    monkeypatch.setattr(
        two.slack.clients,
        "open",
        lambda workspace_id, _, view: two.responses.views.append({"in": workspace_id, **view}),
    )
    FOREIGN[number](two)
    assert rows(two.slack.desk.database, "T1") == before
    shown = json.dumps(
        [two.responses.views, [p for p in two.responses.thread_posts if p[0] != "T1"], two.responses.replies]
    )
    assert "Madrid" not in shown
    assert all(view["in"] == "T2" for view in two.responses.views)
    assert "pytorch-2.9" in json.dumps(two.slack.command("subscriptions"))


@pytest.mark.parametrize("text", ["subscriptions", "settings", "upcoming", "preview", "status pytorch-2.9"])
def test_no_question_shows_what_another_workspace_watches(two: MentionDriver, text: str) -> None:
    before = two.slack.command(text, team="T2")
    two.slack.command("subscribe pytorch-2.9")
    two.slack.command("settings zone Europe/Madrid mention <@U77>")
    assert two.slack.command(text, team="T2") == before


SECRETS = "/srv/dlvm/bot/x.py SELECT * FROM outbox xoxb-1-secret"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(SECRETS),
        DatabaseError(SECRETS, SECRETS),
        sa.exc.OperationalError(SECRETS, {}, ValueError(SECRETS)),
    ],
)
def test_an_apology_holds_no_path_statement_or_token(
    two: MentionDriver, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    def fails(*_: object, **__: object) -> None:
        raise error

    for each in (two.slack.desk.dispatcher, two.slack.desk.dispatcher.settings):
        monkeypatch.setattr(type(each), "answer" if each is two.slack.desk.dispatcher else "change", fails)
    monkeypatch.setattr("bot.service.versions.image_check.ImageChecker.check", fails)
    said = [json.dumps(two.slack.command("list"))]
    for act in FOREIGN[3:6] + FOREIGN[7:]:
        answer: Any = act(two)
        said.append(str(getattr(answer, "body", answer)))
    said += [str(message) for _, message, _ in two.responses.replies]
    shown = " ".join(said)
    assert not re.search(r"xox|SELECT|\.py|/srv|Traceback|outbox", shown)
    assert shown.count("reference") >= 5


def test_what_people_write_forges_no_line_in_the_log(
    two: MentionDriver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.configure("DEBUG")
    text = "list a\r\n2026-11-25T00:00:00 ERROR forged\x1b[31m xoxb-1-secret" + "y" * 100_000
    form = {"command": "/dlvm", "text": text, "team_id": "T1", "channel_id": "C1\nERROR", "user_id": "U1"}
    two.slack.post(urlencode(form | {"response_url": "https://hooks/1", "trigger_id": "t"}))
    two.send_mention(text)
    two.slack.send_payload({"type": "block_actions\nERROR forged", "actions": []})
    lines = capsys.readouterr().err.splitlines()
    assert all(len(line) <= logs.MAX_LINE_LENGTH for line in lines)
    assert not any(line.startswith(("ERROR", "2026-11-25T00:00:00 ERROR forged")) for line in lines)
    assert not any("\x1b" in line or "xoxb-1-secret" in line for line in lines)
