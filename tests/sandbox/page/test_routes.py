"""The page without JavaScript: forms, and the messages that they cause."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.bootstrap import core
from bot.sandbox import sample_workspace
from bot.sandbox.signed_requests import BotResponse
from bot.sandbox.slack_requests import SlackRequests
from bot.service.reminders.upcoming import UpcomingReminders
from storage.database import Database
from tests.sandbox.driver import SandboxDriver, run_sandbox


def test_the_page_opens_on_the_first_channel(sandbox: SandboxDriver) -> None:
    status, page = sandbox.get("/")
    assert status == 200
    for part in (
        "#ml-training",
        "Type a command, or click one",
        "Sandbox clock",
        "No upcoming reminder",
        "nothing leaves",
    ):
        assert part in page
    assert sandbox.get("/c/C404")[0] == 200


def test_a_command_is_answered_in_the_channel(sandbox: SandboxDriver) -> None:
    assert "PyTorch 2.3 is no longer available" in sandbox.send("/dlvm status pytorch-2.3")
    status, page = sandbox.get("/c/C0TRAINING")
    assert status == 200
    assert "Only visible to you" in page
    assert "/dlvm status pytorch-2.3" in page


def test_moving_the_clock_posts_every_reminder(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    status, page = sandbox.get("/c/C0TRAINING")
    assert "Jump to the next reminder" in page
    headlines = []
    for _ in range(9):
        status, page = sandbox.post("/clock", move="next")
        assert status == 200
        headlines.append(sandbox.channel().messages[-1].text.partition("\n")[0])
    assert "No upcoming reminder" in page
    assert len({m.ts for m in sandbox.channel().messages if not m.only_for}) == 9
    assert headlines[0] == "*PyTorch 2.7: 90 days left until the last day these images can be used*"
    assert headlines[-2:] == [
        "*PyTorch 2.7: today is the last day these images can be used*",
        "*PyTorch 2.7: the last day these images can be used was Tuesday, 1 day ago*",
    ]


def test_moving_by_weeks_posts_every_reminder(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    for _ in range(22):
        sandbox.post("/clock", move="week")
    assert len([m for m in sandbox.channel().messages if not m.only_for]) == 9
    _, page = sandbox.post("/clock", move="day")
    assert "No messages were posted." in page
    assert "ahead of real time" in page


def test_a_reset_restores_everything(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    sandbox.post("/clock", move="week")
    _, page = sandbox.post("/clock", move="reset")
    assert "database were reset" in page
    assert sandbox.channel().messages == []
    assert "has no subscriptions" in sandbox.send("/dlvm subscriptions")
    sandbox.post("/clock", move="sideways")


def test_a_channel_without_the_bot_gets_a_fix(sandbox: SandboxDriver) -> None:
    assert "`/invite @dlvm`" in sandbox.send("/dlvm subscribe pytorch-2.7", "C0PLATFORM")
    sandbox.send("/invite @dlvm", "C0PLATFORM")
    assert "`/invite @dlvm`" not in sandbox.send("/dlvm subscriptions", "C0PLATFORM")
    sandbox.send("/remove @dlvm", "C0PLATFORM")
    assert "can’t see the channel" in sandbox.send("/dlvm subscribe pytorch-2.9", "C0GPU")
    assert "archived" in sandbox.send("/dlvm subscribe pytorch-2.9", "C0OLD")


def test_a_held_reminder_arrives_after_the_invitation(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7", "C0PLATFORM")
    sandbox.post("/clock", move="next")
    assert [m for m in sandbox.channel("C0PLATFORM").messages if not m.only_for] == []
    sandbox.send("/invite @dlvm", "C0PLATFORM")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:  # the delivery loop has no event for this
        if any("90 days left" in message.text for message in sandbox.channel("C0PLATFORM").messages):
            return
        time.sleep(0.05)
    assert [m.text for m in sandbox.channel("C0PLATFORM").messages] == ["the reminder"]


def test_plain_messages_and_unknown_commands_are_shown(sandbox: SandboxDriver) -> None:
    assert sandbox.send("hello <b>there</b>") == "hello <b>there</b>"
    assert "isn’t a command" in sandbox.send("/weather")
    assert "archived" in sandbox.send("hello", "C0OLD")
    assert sandbox.send("   ") == sandbox.channel().messages[-1].text
    assert "&lt;b&gt;there" in sandbox.get("/c/C0TRAINING")[1]


def test_an_ephemeral_message_can_be_dismissed(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm help")
    (message,) = sandbox.channel().messages
    sandbox.post("/c/C0TRAINING/dismiss", ts=message.ts)
    assert sandbox.channel().messages == []


def test_actions_on_unknown_targets_do_nothing(sandbox: SandboxDriver) -> None:
    assert sandbox.post("/c/C0TRAINING/press", ts="9", act="{}")[0] == 200
    assert sandbox.post("/modal/V9", do="submit")[0] == 200


def test_other_hosts_and_origins_are_rejected(sandbox: SandboxDriver) -> None:
    assert sandbox.get("/", Host="evil.example")[0] == 403
    assert sandbox.post("/clock", {"Origin": "https://evil.example"}, move="reset")[0] == 403
    assert sandbox.post("/clock", {"Origin": sandbox.url}, move="day")[0] == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/static/sandbox.css", 200), ("/static/sandbox.js", 200), ("/static/x", 404)]
)
def test_static_files_are_served(sandbox: SandboxDriver, path: str, status: int) -> None:
    assert sandbox.get(path)[0] == status


def test_a_failing_bot_shows_the_error_of_slack(sandbox: SandboxDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.server.application.endpoint, "_dispatch", _fail)
    assert "dispatch_failed" in sandbox.send("/dlvm help")


def _fail(_: object) -> None:
    raise RuntimeError("gone")


def test_the_workspace_survives_a_restart(sqlite_database: Database, tmp_path: Path) -> None:
    snapshot_path = tmp_path / "workspace.json"
    with run_sandbox(sqlite_database, snapshot_path) as first:
        first.send("/dlvm subscribe pytorch-2.7")
        first.post("/clock", move="week")
        before = first.server.workspace.now()
    reopened = Database(f"sqlite:///{sqlite_database.display_url}")
    with run_sandbox(reopened, snapshot_path) as second:
        assert "Subscribed this channel" in second.channel().messages[0].text
        assert second.server.workspace.now() >= before
    snapshot_path.write_text("{broken")
    reopened = Database(f"sqlite:///{sqlite_database.display_url}")
    with run_sandbox(reopened, snapshot_path) as third:
        assert third.channel().messages == []
        assert snapshot_path.with_name("workspace.json.unreadable").exists()


def test_the_response_to_a_modal_is_applied(sandbox: SandboxDriver) -> None:
    slack_requests, workspace = _build_slack_requests(sandbox), sandbox.server.workspace
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}
    client = sandbox.client()

    def open_modal() -> str:
        client.views_open(trigger_id=workspace.create_trigger("U0ANA"), view={**view, "notify_on_close": True})
        return workspace.modals["U0ANA"][-1].view_id

    sandbox.post(f"/modal/{open_modal()}", do="close")
    assert workspace.modals["U0ANA"] == []
    open_modal()
    (modal,) = workspace.modals["U0ANA"]
    slack_requests._apply_response_action(
        modal, BotResponse(200, json.dumps({"response_action": "push", "view": view}).encode()).parse_json()
    )
    assert len(workspace.modals["U0ANA"]) == 2
    slack_requests._apply_response_action(modal, {"response_action": "update", "view": {"type": "modal"}})
    assert modal.view["title"]["text"] == "Rejected"
    slack_requests._apply_response_action(modal, {"response_action": "clear"})
    assert workspace.modals["U0ANA"] == []
    open_modal()
    slack_requests._apply_response_action(workspace.modals["U0ANA"][0], BotResponse(200, b"not json").parse_json())
    assert workspace.modals["U0ANA"] == []


def test_events_reach_the_bot(sandbox: SandboxDriver) -> None:
    sending = _build_slack_requests(sandbox).send_event({"type": "app_home_opened", "user": "U0ANA"})
    with ThreadPoolExecutor(1) as executor:  # playwright leaves an event loop running in this thread
        assert executor.submit(asyncio.run, sending).result()


def _build_slack_requests(sandbox: SandboxDriver) -> SlackRequests:
    secret = sandbox.server.application.bolt_app._signing_secret
    return SlackRequests(sandbox.server.workspace, f"{sandbox.url}/slack/events", secret, core.now, sandbox.url)


def test_the_page_contains_every_message_of_its_revision(
    sandbox: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post_while_rendering(*_: object) -> None:
        sandbox.server.workspace.post_message(sandbox.channel(), sample_workspace.DEFAULT_ACTOR, "just posted")

    monkeypatch.setattr(UpcomingReminders, "find_next_message_time", post_while_rendering)
    _, page = sandbox.get("/c/C0TRAINING")
    _, revision = sandbox.get("/revision")
    assert "just posted" in page
    assert f'data-revision="{revision}"' in page
