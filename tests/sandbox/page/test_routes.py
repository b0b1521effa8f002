"""The page without JavaScript: forms that post, and what then stands in the channel."""

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
from bot.service.versions.lookup import VersionLookup
from storage.database import Database
from tests.sandbox.driver import SandboxDriver, run_sandbox


def test_the_page_opens_on_the_first_channel(sandbox: SandboxDriver) -> None:
    status, page = sandbox.get("/")
    assert status == 200
    for part in (
        "#ml-training",
        "Type a command, or click one",
        "Sandbox clock",
        "No reminder ahead",
        "nothing leaves",
    ):
        assert part in page
    assert sandbox.get("/c/C404")[0] == 200


def test_a_command_goes_the_whole_way_and_back(sandbox: SandboxDriver) -> None:
    assert "PyTorch 2.3 is no longer available" in sandbox.send("/dlvm status pytorch-2.3")
    status, page = sandbox.get("/c/C0TRAINING")
    assert status == 200
    assert "Only visible to you" in page
    assert "/dlvm status pytorch-2.3" in page


def test_subscribing_moving_the_clock_and_being_reminded(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    status, page = sandbox.get("/c/C0TRAINING")
    assert "Jump to the next reminder" in page
    delivered = []
    for _ in range(9):
        status, page = sandbox.post("/clock", move="next")
        assert status == 200
        delivered.append(sandbox.channel().messages[-1].text.partition("\n")[0])
    assert "No reminder ahead" in page
    assert len({m.ts for m in sandbox.channel().messages if not m.only_for}) == 9
    assert delivered[0] == "*PyTorch 2.7: 90 days left until the last day these images can be used*"
    assert delivered[-2:] == [
        "*PyTorch 2.7: today is the last day these images can be used*",
        "*PyTorch 2.7: the last day these images can be used was Tuesday, 1 day ago*",
    ]


def test_weeks_pass_by_way_of_every_reminder(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    for _ in range(22):
        sandbox.post("/clock", move="week")
    assert len([m for m in sandbox.channel().messages if not m.only_for]) == 9
    _, page = sandbox.post("/clock", move="day")
    assert "No reminder came on the way" in page
    assert "moved ahead" in page


def test_starting_over_brings_everything_back(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    sandbox.post("/clock", move="week")
    _, page = sandbox.post("/clock", move="reset")
    assert "Everything is as at first" in page
    assert sandbox.channel().messages == []
    assert "has no subscriptions" in sandbox.send("/dlvm subscriptions")
    sandbox.post("/clock", move="sideways")


def test_a_channel_without_the_bot_says_how_to_mend_that(sandbox: SandboxDriver) -> None:
    assert "`/invite @dlvm`" in sandbox.send("/dlvm subscribe pytorch-2.7", "C0PLATFORM")
    sandbox.send("/invite @dlvm", "C0PLATFORM")
    assert "`/invite @dlvm`" not in sandbox.send("/dlvm subscriptions", "C0PLATFORM")
    sandbox.send("/remove @dlvm", "C0PLATFORM")
    assert "can’t see the channel" in sandbox.send("/dlvm subscribe pytorch-2.9", "C0GPU")
    assert "archived" in sandbox.send("/dlvm subscribe pytorch-2.9", "C0OLD")


def test_a_reminder_that_can_not_be_posted_arrives_after_the_invitation(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7", "C0PLATFORM")
    sandbox.post("/clock", move="next")
    assert [m for m in sandbox.channel("C0PLATFORM").messages if not m.only_for] == []
    sandbox.send("/invite @dlvm", "C0PLATFORM")
    until = time.monotonic() + 30
    while time.monotonic() < until:  # the loop is woken, and tells by no event when it is done
        if any("90 days left" in message.text for message in sandbox.channel("C0PLATFORM").messages):
            return
        time.sleep(0.05)
    assert [m.text for m in sandbox.channel("C0PLATFORM").messages] == ["the reminder"]


def test_words_and_unknown_commands_are_just_that(sandbox: SandboxDriver) -> None:
    assert sandbox.send("hello <b>there</b>") == "hello <b>there</b>"
    assert "not a command" in sandbox.send("/weather")
    assert "archived" in sandbox.send("hello", "C0OLD")
    assert sandbox.send("   ") == sandbox.channel().messages[-1].text
    assert "&lt;b&gt;there" in sandbox.get("/c/C0TRAINING")[1]


def test_a_message_only_for_you_can_be_dismissed(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm help")
    (only,) = sandbox.channel().messages
    sandbox.post("/c/C0TRAINING/dismiss", ts=only.ts)
    assert sandbox.channel().messages == []


def test_what_is_not_there_is_not_pressed(sandbox: SandboxDriver) -> None:
    assert sandbox.post("/c/C0TRAINING/press", ts="9", act="{}")[0] == 200
    assert sandbox.post("/modal/V9", do="submit")[0] == 200


def test_it_answers_this_machine_and_its_own_page_alone(sandbox: SandboxDriver) -> None:
    assert sandbox.get("/", Host="evil.example")[0] == 403
    assert sandbox.post("/clock", {"Origin": "https://evil.example"}, move="reset")[0] == 403
    assert sandbox.post("/clock", {"Origin": sandbox.url}, move="day")[0] == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/static/sandbox.css", 200), ("/static/sandbox.js", 200), ("/static/x", 404)]
)
def test_it_serves_its_own_files(sandbox: SandboxDriver, path: str, status: int) -> None:
    assert sandbox.get(path)[0] == status


def test_a_bot_that_does_not_answer_shows_slacks_own_words(
    sandbox: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.server.application.endpoint, "_dispatch", _raises)
    assert "dispatch_failed" in sandbox.send("/dlvm help")


def _raises(_: object) -> None:
    raise RuntimeError("gone")


def test_a_restart_finds_the_workspace_again(sqlite_database: Database, tmp_path: Path) -> None:
    snapshot = tmp_path / "workspace.json"
    with run_sandbox(sqlite_database, snapshot) as first:
        first.send("/dlvm subscribe pytorch-2.7")
        first.post("/clock", move="week")
        before = first.server.workspace.now()
    again = Database(f"sqlite:///{sqlite_database.display_url}")
    with run_sandbox(again, snapshot) as second:
        assert "Subscribed this channel" in second.channel().messages[0].text
        assert second.server.workspace.now() >= before
    snapshot.write_text("{broken")
    third = Database(f"sqlite:///{sqlite_database.display_url}")
    with run_sandbox(third, snapshot) as last:
        assert last.channel().messages == []
        assert snapshot.with_name("workspace.json.unreadable").exists()


def test_a_modal_is_cancelled_pushed_and_cleared_as_the_bot_answers(sandbox: SandboxDriver) -> None:
    requests, workspace = _requests(sandbox), sandbox.server.workspace
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}
    client = sandbox.client()

    def opened() -> str:
        client.views_open(trigger_id=workspace.create_trigger("U0ANA"), view={**view, "notify_on_close": True})
        return workspace.modals["U0ANA"][-1].view_id

    sandbox.post(f"/modal/{opened()}", do="close")
    assert workspace.modals["U0ANA"] == []
    opened()
    (modal,) = workspace.modals["U0ANA"]
    requests._apply_response_action(
        modal, BotResponse(200, _json({"response_action": "push", "view": view})).parse_json()
    )
    assert len(workspace.modals["U0ANA"]) == 2
    requests._apply_response_action(modal, {"response_action": "update", "view": {"type": "modal"}})
    assert modal.view["title"]["text"] == "Refused"
    requests._apply_response_action(modal, {"response_action": "clear"})
    assert workspace.modals["U0ANA"] == []
    opened()
    requests._apply_response_action(workspace.modals["U0ANA"][0], BotResponse(200, b"not json").parse_json())
    assert workspace.modals["U0ANA"] == []


def test_events_reach_the_bot(sandbox: SandboxDriver) -> None:
    sending = _requests(sandbox).send_event({"type": "app_home_opened", "user": "U0ANA"})
    with ThreadPoolExecutor(1) as aside:  # the browser tests leave a loop running in this thread
        assert aside.submit(asyncio.run, sending).result()


def _json(fields: dict[str, object]) -> bytes:
    return json.dumps(fields).encode()


def _requests(sandbox: SandboxDriver) -> SlackRequests:
    house = sandbox.server.application
    secret = house.bolt_app._signing_secret
    return SlackRequests(sandbox.server.workspace, f"{sandbox.url}/slack/events", secret, core.now, sandbox.url)


def test_a_message_that_comes_while_the_page_is_drawn_is_on_it_or_a_later_revision(
    sandbox: SandboxDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def comes(*_: object) -> None:
        sandbox.server.workspace.post_message(sandbox.channel(), sample_workspace.DEFAULT_ACTOR, "just come")

    monkeypatch.setattr(VersionLookup, "find_next_reminder", comes)
    _, page = sandbox.get("/c/C0TRAINING")
    _, revision = sandbox.get("/revision")
    assert "just come" in page
    assert f'data-revision="{revision}"' in page
