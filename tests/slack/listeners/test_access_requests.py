"""Denials, requests, imports and limits through the real Bolt dispatcher."""

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest

from bot import answers
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.service.access.requests import AccessRequests as Requests
from bot.slack import app as slack_app
from bot.slack.blocks.reminders import message as messages
from bot.slack.listeners.access_requests import AccessRequestListeners
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.import_form import ImportFormListeners
from bot.slack.listeners.rate_limit import Allowance, RateLimiter, RateLimitMiddleware
from storage import subscriptions
from storage.database import Database
from storage.facts import Workspace
from tests.service.driver import Driver
from tests.service.permissions_driver import ADMIN, FakeUserDirectory, open_with_directory
from tests.slack.driver import NOW, SECRET, Body, RecordingClients, SlackDriver


@dataclass
class Hand:
    """A clock of seconds that the test moves."""

    seconds: float = 0.0
    limits: RateLimiter = field(default_factory=lambda: RateLimiter(Allowance(6, 60), Allowance(100, 600)))

    def elapsed(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def people() -> FakeUserDirectory:
    return FakeUserDirectory()


@pytest.fixture
def slack(sqlite_database: Database, people: FakeUserDirectory, hand: Hand) -> SlackDriver:
    desk, recorder = open_with_directory(sqlite_database, people), RecordingClients()
    conversation = desk.dispatcher
    app = slack_app.build(
        [
            RateLimitMiddleware(hand.limits, recorder, hand.elapsed),
            ImportFormListeners(conversation, recorder, lambda: NOW),  # type: ignore[arg-type] # the recorder's open() is all of it
            CommandListeners(conversation, recorder, recorder, lambda _: True, lambda: NOW),  # type: ignore[arg-type] # the same
            AccessRequestListeners(
                Requests(desk.database, conversation.permissions), conversation, recorder, lambda: NOW
            ),
        ],
        recorder,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        find_workspace={"T1": Workspace("T1", "Acme", "B1", "UBOT")}.get,
        find_token={"T1": "xoxb-1"}.get,
    )
    return SlackDriver(app, desk, recorder)


def watched(desk: Driver) -> list[str]:
    with desk.database.read_only() as session:
        return [each.target for each in subscriptions.list_for_channel(session, "T1", "C1")]


def button(message: Body, action_id: str) -> Body:
    blocks = message["blocks"]
    every = [e for b in blocks for e in (*b.get("elements", ()), b.get("accessory", {})) if e.get("type") == "button"]
    return next(e for e in every if e["action_id"] == action_id)


def submit(slack: SlackDriver, view: Body, text: str = "") -> Body:
    state = {"values": {"document": {"document": {"value": text}}}}
    sent = {**view, "id": "V1", "state": state}
    answer = slack.send_payload({"type": "view_submission", "view": sent})
    assert answer.status == 200
    found = json.loads(answer.body)
    assert "view" not in found or check_view(found["view"]) == ()
    return dict(found)


@pytest.mark.parametrize("granted", [True, False])
def test_a_denied_change_is_requested_and_answered(slack: SlackDriver, granted: bool) -> None:
    slack.desk.run("permissions named <@UBEN>", NOW, ADMIN)
    denied = slack.command("subscribe pytorch-2.7")
    assert check_message(denied) == ()
    request = button(denied, "request")
    slack.press("request", request["value"])
    assert "I’ve asked <@UBEN>" in slack.clients.replies[-1][1]["text"]
    slack.desk.build_loop().tick(NOW)
    drawn = messages.render(slack.desk.sender.personal[0])
    assert check_message(drawn) == ()
    action = button(drawn, "asking_allow" if granted else "asking_decline")
    slack.press(action["action_id"], action["value"])
    assert "Only named people can change subscriptions" in slack.clients.replies[-1][1]["text"], "the asker presses it"
    assert watched(slack.desk) == []
    press = {"type": "button", "action_id": action["action_id"], "block_id": "b", "value": action["value"]}
    slack.send_payload(
        {
            "type": "block_actions",
            "user": {"id": "UBEN", "team_id": "T1"},
            "channel": {"id": "D1", "name": "directmessage"},
            "container": {"type": "message", "channel_id": "D1", "message_ts": "1.2"},
            "response_url": "https://hooks/3",
            "actions": [press],
        }
    )
    assert f"You {'allowed' if granted else 'declined'}" in slack.clients.replies[-1][1]["text"]
    assert watched(slack.desk) == (["pytorch-2.7"] if granted else [])


@pytest.mark.parametrize("value", ["", "status pytorch-2.7", "permissions anyone", "x" * 2000])
def test_a_forged_request_asks_nobody(slack: SlackDriver, value: str) -> None:
    assert slack.press("request", value).status == 200
    assert slack.clients.replies == []


@pytest.mark.parametrize("value", ["", "1", "x", "9" * 30, "-1", "١"])
def test_a_forged_answer_changes_nothing(slack: SlackDriver, value: str) -> None:
    slack.press("asking_allow", value)
    assert "does not know this request" in slack.clients.replies[-1][1]["text"]


def test_a_document_is_pasted_compared_and_applied(slack: SlackDriver) -> None:
    assert slack.post(urlencode(_typed("import"))).status == 200
    (form,) = slack.clients.views
    shown = submit(slack, form, "subscriptions: [pytorch-2.7]\nsettings: {hour: 10:30}")
    assert shown["response_action"] == "update"
    assert "pytorch-2.7" in str(shown["view"])
    assert watched(slack.desk) == []
    done = submit(slack, shown["view"])
    assert done["view"]["callback_id"] == "import_done"
    assert watched(slack.desk) == ["pytorch-2.7"]


def test_what_is_wrong_with_a_document_stands_under_it(slack: SlackDriver, people: FakeUserDirectory) -> None:
    slack.post(urlencode(_typed("import")))
    (form,) = slack.clients.views
    assert "not a key" in submit(slack, form, "subscription: []")["errors"]["document"]
    assert "too long" in submit(slack, form, "#" * 2_990 + "\nsettings: {}")["errors"]["document"]
    assert (
        "no longer valid" in submit(slack, form | {"private_metadata": "../C1"}, "settings: {}")["errors"]["document"]
    )
    shown = submit(slack, form, "subscriptions: [pytorch-2.7]")
    people.roles["U1"] = people.roles["UGUEST"]
    assert "Guests" in str(submit(slack, shown["view"])["view"])
    assert watched(slack.desk) == []


@pytest.mark.parametrize("metadata", ["", "[]", "[1, 2]", '["C1"]', "{}", '["../C1", "subscriptions: [all]"]'])
def test_a_forged_confirmation_changes_nothing(slack: SlackDriver, metadata: str) -> None:
    view = {"type": "modal", "callback_id": "import_confirm", "private_metadata": metadata}
    assert submit(slack, view)["view"]["callback_id"] == "import_refused"
    assert watched(slack.desk) == []


def test_who_may_not_change_gets_no_form_and_saves_no_settings(slack: SlackDriver, people: FakeUserDirectory) -> None:
    people.roles["U1"] = people.roles["UGUEST"]
    assert "Guests can view" in slack.command("import")["text"]
    assert slack.clients.views == []
    assert "Guests" in slack.submit_settings("UTC", "10:00")["errors"]["zone"]


def test_over_the_limit_is_answered_politely_and_others_are_not_affected(slack: SlackDriver, hand: Hand) -> None:
    texts = [slack.command("subscribe pytorch-2.7")["text"] for _ in range(8)]
    assert sum("a lot at once" in text for text in texts) == 2
    assert slack.press("status", "pytorch-2.7").status == 200
    assert "a lot at once" in slack.clients.replies[-1][1]["text"]
    refused = slack.submit_settings("UTC", "10:00")
    assert (refused["response_action"], check_view(refused["view"])) == ("push", ())
    slack.submit_settings("UTC", "10:00")
    form = {"type": "modal", "callback_id": "import", "blocks": [{"type": "input", "block_id": "document"}]}
    assert "a lot at once" in submit(slack, form)["errors"]["document"]
    other = json.loads(slack.post(urlencode(_typed("status pytorch-2.7") | {"user_id": "U2"})).body)
    assert "PyTorch 2.7" in other["text"]
    event = {"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": {"type": "app_uninstalled"}}
    assert slack.post(json.dumps(event), "application/json").status == 200
    hand.seconds = 1.0
    assert "PyTorch 2.7" in slack.command("status pytorch-2.7")["text"]


def write(slack: SlackDriver, number: int, **more: str) -> None:
    said = {"type": "app_mention", "user": "U1", "text": "<@UBOT> list", "ts": "1.5", "channel": "C1"} | more
    event = {"type": "event_callback", "team_id": "T1", "event_id": f"E{number}", "event": said}
    assert slack.post(json.dumps(event), "application/json").status == 200


def test_what_is_written_counts_as_what_is_typed_and_is_refused_once_a_minute(slack: SlackDriver, hand: Hand) -> None:
    for number in range(6):
        write(slack, number)
    assert slack.clients.thread_replies == []
    assert "a lot at once" in slack.command("status pytorch-2.7")["text"]
    write(slack, 6, thread_ts="1.2")
    write(slack, 7, type="message", channel="D1", channel_type="im")
    write(slack, 8, user="U2")
    ((workspace_id, channel_id, thread_ts, message),) = slack.clients.thread_replies
    assert (workspace_id, channel_id, thread_ts) == ("T1", "C1", "1.2")
    assert "a lot at once" in message["text"]
    hand.seconds = 61.0
    for number in range(7):
        write(slack, 10 + number, type="message", channel="D1", channel_type="im")
    assert [thread[1] for thread in slack.clients.thread_replies] == ["C1", "D1"]


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B9"},
        {"subtype": "message_changed"},
        {"user": ""},
        {"channel": "D1"},
        {"type": "message", "channel_type": "channel"},
    ],
)
def test_what_nobody_asked_the_bot_takes_nothing(slack: SlackDriver, more: dict[str, str]) -> None:
    for number in range(9):
        write(slack, number, **more)
    assert "PyTorch 2.7" in slack.command("status pytorch-2.7")["text"]
    assert slack.clients.thread_replies == []


@pytest.mark.parametrize(
    "text", ["team create ml", "team", "team ml", "permissions", "audit", "audit 2", "export", "subscriptions all"]
)
def test_each_answer_is_one_that_slack_takes(slack: SlackDriver, text: str) -> None:
    slack.command("subscribe pytorch all")
    answer = slack.command(text)
    assert check_message(answer) == ()
    assert not isinstance(slack.desk.run(text, NOW), answers.Help)


def _typed(text: str) -> dict[str, str]:
    form = {"command": "/dlvm", "text": text, "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    return form | {"response_url": "https://hooks/1", "trigger_id": "trigger"}
