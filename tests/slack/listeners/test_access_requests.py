"""Access requests, the import form and rate limits, on the real Bolt app."""

import json
from dataclasses import dataclass

import pytest

from bot import answers
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.slack.blocks.reminders import message
from bot.slack.listeners.rate_limit import Allowance, RateLimiter
from storage import subscriptions
from storage.database import Database
from tests.service.driver import Driver
from tests.service.permissions_driver import ADMIN, FakeUserDirectory, open_with_directory
from tests.slack.driver import NOW, Body, RecordingClients, SlackDriver, build_command_body, build_slack_driver


@dataclass
class FakeClock:
    """A monotonic clock that the test moves."""

    seconds: float = 0.0

    def elapsed(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def people() -> FakeUserDirectory:
    return FakeUserDirectory()


@pytest.fixture
def slack(sqlite_database: Database, people: FakeUserDirectory, clock: FakeClock) -> SlackDriver:
    limiter = RateLimiter(Allowance(6, 60), Allowance(100, 600))
    driver = open_with_directory(sqlite_database, people)
    return build_slack_driver(driver, RecordingClients(), limiter=limiter, elapsed=clock.elapsed)


def list_targets(driver: Driver) -> list[str]:
    with driver.database.read_only() as session:
        return [subscription.target for subscription in subscriptions.list_for_channel(session, "T1", "C1")]


def find_button(rendered: Body, action_id: str) -> Body:
    rows = [(*block.get("elements", ()), block.get("accessory", {})) for block in rendered["blocks"]]
    buttons = [element for row in rows for element in row if element.get("type") == "button"]
    return next(button for button in buttons if button["action_id"] == action_id)


def submit(slack: SlackDriver, view: Body, text: str = "") -> Body:
    state = {"values": {"document": {"document": {"value": text}}}}
    response = slack.send_payload({"type": "view_submission", "view": {**view, "id": "V1", "state": state}})
    assert response.status == 200
    answer = json.loads(response.body)
    assert "view" not in answer or check_view(answer["view"]) == ()
    return dict(answer)


@pytest.mark.parametrize("granted", [True, False])
def test_denied_change_is_requested_and_decided(slack: SlackDriver, granted: bool) -> None:
    slack.driver.run("permissions named <@UBEN>", NOW, ADMIN)
    denied = slack.command("subscribe pytorch-2.7")
    assert check_message(denied) == ()
    request = find_button(denied, "request")
    slack.press("request", request["value"])
    assert "I’ve asked <@UBEN>" in slack.clients.replies[-1][1]["text"]
    slack.driver.build_loop().tick(NOW)
    rendered = message.render(slack.driver.sender.personal[0])
    assert check_message(rendered) == ()
    action = find_button(rendered, "asking_allow" if granted else "asking_decline")
    slack.press(action["action_id"], action["value"])
    assert "Only named people can change subscriptions" in slack.clients.replies[-1][1]["text"], "the asker presses it"
    assert list_targets(slack.driver) == []
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
    assert list_targets(slack.driver) == (["pytorch-2.7"] if granted else [])


@pytest.mark.parametrize("value", ["", "status pytorch-2.7", "permissions anyone", "x" * 2000])
def test_forged_request_asks_nobody(slack: SlackDriver, value: str) -> None:
    assert slack.press("request", value).status == 200
    assert slack.clients.replies == []


@pytest.mark.parametrize("value", ["", "1", "x", "9" * 30, "-1", "١"])
def test_forged_decision_changes_nothing(slack: SlackDriver, value: str) -> None:
    slack.press("asking_allow", value)
    assert "This request no longer exists" in slack.clients.replies[-1][1]["text"]


def test_import_form_compares_and_applies_a_document(slack: SlackDriver) -> None:
    assert slack.post(build_command_body("import")).status == 200
    (form,) = slack.clients.views
    preview = submit(slack, form, "subscriptions: [pytorch-2.7]\nsettings: {hour: 10:30}")
    assert preview["response_action"] == "update"
    assert "pytorch-2.7" in str(preview["view"])
    assert list_targets(slack.driver) == []
    result = submit(slack, preview["view"])
    assert result["view"]["callback_id"] == "import_done"
    assert list_targets(slack.driver) == ["pytorch-2.7"]


def test_import_form_shows_errors_under_the_document(slack: SlackDriver, people: FakeUserDirectory) -> None:
    slack.post(build_command_body("import"))
    (form,) = slack.clients.views
    assert "Unknown key" in submit(slack, form, "subscription: []")["errors"]["document"]
    assert "too long" in submit(slack, form, "#" * 2_990 + "\nsettings: {}")["errors"]["document"]
    forged = form | {"private_metadata": "../C1"}
    assert "no longer valid" in submit(slack, forged, "settings: {}")["errors"]["document"]
    preview = submit(slack, form, "subscriptions: [pytorch-2.7]")
    people.roles["U1"] = people.roles["UGUEST"]
    assert "Guests" in str(submit(slack, preview["view"])["view"])
    assert list_targets(slack.driver) == []


@pytest.mark.parametrize("metadata", ["", "[]", "[1, 2]", '["C1"]', "{}", '["../C1", "subscriptions: [all]"]'])
def test_forged_import_confirmation_changes_nothing(slack: SlackDriver, metadata: str) -> None:
    view = {"type": "modal", "callback_id": "import_confirm", "private_metadata": metadata}
    assert submit(slack, view)["view"]["callback_id"] == "import_refused"
    assert list_targets(slack.driver) == []


def test_person_without_permission_gets_no_form(slack: SlackDriver, people: FakeUserDirectory) -> None:
    people.roles["U1"] = people.roles["UGUEST"]
    assert "Guests can view" in slack.command("import")["text"]
    assert slack.clients.views == []
    assert "Guests" in slack.submit_settings("UTC", "10:00")["errors"]["zone"]


def test_person_over_the_limit_does_not_affect_others(slack: SlackDriver, clock: FakeClock) -> None:
    texts = [slack.command("subscribe pytorch-2.7")["text"] for _ in range(8)]
    assert sum("Too many requests" in text for text in texts) == 2
    assert slack.press("status", "pytorch-2.7").status == 200
    assert "Too many requests" in slack.clients.replies[-1][1]["text"]
    refusal = slack.submit_settings("UTC", "10:00")
    assert (refusal["response_action"], check_view(refusal["view"])) == ("push", ())
    slack.submit_settings("UTC", "10:00")
    form = {"type": "modal", "callback_id": "import", "blocks": [{"type": "input", "block_id": "document"}]}
    assert "Too many requests" in submit(slack, form)["errors"]["document"]
    answer = json.loads(slack.post(build_command_body("status pytorch-2.7", user_id="U2")).body)
    assert "PyTorch 2.7" in answer["text"]
    assert slack.send_event({"type": "app_uninstalled"}) == 200
    clock.seconds = 1.0
    assert "PyTorch 2.7" in slack.command("status pytorch-2.7")["text"]


def send_mention(slack: SlackDriver, number: int, **fields: str) -> None:
    event = {"type": "app_mention", "user": "U1", "text": "<@UBOT> list", "ts": "1.5", "channel": "C1"}
    assert slack.send_event(event | fields, f"E{number}") == 200


def list_refusals(slack: SlackDriver) -> list[tuple[str, str, str]]:
    """Return the workspace, channel and thread of every refusal."""
    replies = slack.clients.thread_replies
    return [(team, channel, ts) for team, channel, ts, _, reply in replies if "Too many requests" in reply["text"]]


def test_messages_over_the_limit_are_refused_once_a_minute(slack: SlackDriver, clock: FakeClock) -> None:
    for number in range(6):
        send_mention(slack, number)
    assert list_refusals(slack) == []
    assert "Too many requests" in slack.command("status pytorch-2.7")["text"]
    send_mention(slack, 6, thread_ts="1.2")
    send_mention(slack, 7, type="message", channel="D1", channel_type="im")
    send_mention(slack, 8, user="U2")
    assert list_refusals(slack) == [("T1", "C1", "1.2")]
    clock.seconds = 61.0
    for number in range(7):
        send_mention(slack, 10 + number, type="message", channel="D1", channel_type="im")
    assert [channel_id for _, channel_id, _ in list_refusals(slack)] == ["C1", "D1"]


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B9"},
        {"subtype": "message_changed"},
        {"user": ""},
        {"channel": "D1"},
        {"type": "message", "channel_type": "channel"},
    ],
)
def test_events_without_a_question_do_not_count(slack: SlackDriver, fields: dict[str, str]) -> None:
    for number in range(9):
        send_mention(slack, number, **fields)
    assert "PyTorch 2.7" in slack.command("status pytorch-2.7")["text"]
    assert slack.clients.thread_replies == []


@pytest.mark.parametrize(
    "text", ["team create ml", "team", "team ml", "permissions", "audit", "audit 2", "export", "subscriptions all"]
)
def test_answers_are_valid_messages(slack: SlackDriver, text: str) -> None:
    slack.command("subscribe pytorch all")
    answer = slack.command(text)
    assert check_message(answer) == ()
    assert not isinstance(slack.driver.run(text, NOW), answers.Help)
