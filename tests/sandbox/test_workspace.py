"""The stand-in's people, channels and events, without a browser."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot import answers
from bot.sandbox import sample_workspace, threads
from bot.service.place import Place
from tests.sandbox.driver import SandboxDriver


@pytest.fixture
def events(sandbox: SandboxDriver, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the bot is told."""
    told: list[dict[str, Any]] = []
    app = sandbox.server.application.bolt_app

    def remember(body: dict[str, Any], next: Any) -> None:  # noqa: A002 - Bolt's word
        told.extend([body["event"]] if "event" in body else [])
        next()

    app.middleware(remember)
    return told


def test_a_channel_is_broken_and_mended_with_the_events_of_it(
    sandbox: SandboxDriver, events: list[dict[str, Any]]
) -> None:
    steps = ["remove", "remove", "invite", "invite", "archive", "archive", "unarchive", "unarchive", "nonsense"]
    for step in steps:
        sandbox.post("/c/C0TRAINING/manage", do=step)
    told = [event["type"] for event in events]
    assert told == ["channel_left", "member_joined_channel", "channel_archive", "channel_unarchive"]
    assert all(event["channel"] == "C0TRAINING" for event in events)
    sandbox.post("/c/D0ANA/manage", do="remove")
    sandbox.post("/c/C404/manage", do="remove")
    assert len(events) == 4
    sandbox.send("/invite @dlvm", "C0GPU")
    assert (events[-1]["type"], events[-1]["channel_type"], events[-1]["inviter"]) == (
        "member_joined_channel",
        "G",
        "U0ANA",
    )
    sandbox.post("/c/C0GPU/manage", do="archive")
    assert events[-1]["type"] == "group_archive"


def test_home_is_opened_by_whoever_acts(sandbox: SandboxDriver, events: list[dict[str, Any]]) -> None:
    sandbox.post("/person", person="U0BEN")
    _, page = sandbox.get("/home")
    assert "published no Home for Ben Okafor" in page
    _, page = sandbox.get("/home/open")
    assert "Get started" in page
    assert [(event["type"], event["user"], event["channel"]) for event in events] == [
        ("app_home_opened", "U0BEN", "D0BEN")
    ]
    sandbox.get("/home/open")
    assert events[-1]["view"]["callback_id"] == "home"


def test_what_is_done_is_done_by_whoever_acts(sandbox: SandboxDriver) -> None:
    sandbox.post("/person", person="U0BEN")
    sandbox.send("/dlvm subscribe pytorch-2.7")
    assert "by <@U0BEN>" in sandbox.send("/dlvm subscriptions")
    sandbox.post("/person", person="U404")
    sandbox.send("hello")
    assert sandbox.channel().messages[-1].author == "U0BEN"
    assert "gpu-budget" not in sandbox.get("/c/C0GPU")[1]


def test_the_bot_reads_whose_channels_are_whose(sandbox: SandboxDriver) -> None:
    reading = sandbox.server.application.slack.conversations
    found = reading.list_memberships(Place("T0SANDBOX", "", "U0ANA"))
    assert found == {
        "C0TRAINING": "ml-training",
        "C0SERVING": "ml-serving",
        "C0PLATFORM": "platform",
        "C0OPERATORS": "dlvm-operators",
        "C0OLD": "old-project",
    }
    assert reading.list_memberships(Place("T0SANDBOX", "", "U404")) is None
    assert reading.list_memberships(Place("T404", "", "U0ANA")) is None
    assert reading.list_memberships(Place("T0SANDBOX", "", "")) is None
    assert reading.look_up(Place("T0SANDBOX", "C0GPU", "U0ANA")).reach is answers.ChannelReach.UNREACHABLE


def test_somebodys_channels_come_page_by_page(sandbox: SandboxDriver) -> None:
    client, found = sandbox.client(), list[str]()
    cursor: str | None = None
    while cursor != "":
        answer = client.users_conversations(user="U0ANA", types="public_channel,im", limit=2, cursor=cursor)
        found += [channel["id"] for channel in answer["channels"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert found == ["C0TRAINING", "C0SERVING", "C0PLATFORM", "C0OPERATORS", "C0OLD", "D0ANA"]
    answer = client.users_conversations(user="U0ANA", exclude_archived=True, types="public_channel")
    assert len(answer["channels"]) == 4
    with pytest.raises(SlackApiError, match="user_not_found"):
        client.users_conversations(user="U404")


def test_a_view_that_changed_meanwhile_is_left_alone(sandbox: SandboxDriver) -> None:
    surfaces, workspace = sandbox.server.application.slack.views, sandbox.server.workspace
    sandbox.send("/dlvm subscribe")
    (modal,) = workspace.modals["U0ANA"]
    assert not surfaces.update("T0SANDBOX", modal.view_id, "old", modal.view)
    assert not surfaces.update("T0SANDBOX", "V404", modal.hash, modal.view)
    assert surfaces.update("T0SANDBOX", modal.view_id, modal.hash, modal.view)
    with pytest.raises(SlackApiError):
        surfaces.update("T0SANDBOX", modal.view_id, modal.hash, {"type": "modal"})


def test_a_form_that_is_gone_and_a_home_that_never_was_do_nothing(sandbox: SandboxDriver) -> None:
    assert sandbox.post("/modal/V404", do="submit")[0] == 200
    assert sandbox.post("/home/press", act="{}")[0] == 200


def test_names_in_a_command_are_those_that_are_there(sandbox: SandboxDriver) -> None:
    assert "<#C0SERVING>" in sandbox.send("/dlvm team create ml") + sandbox.send("/dlvm team ml add #ml-serving")
    assert "<!subteam^S0MLONCALL>" in sandbox.send("/dlvm team ml owner @ML-oncall")
    assert "<@U0BEN>" in sandbox.send("/dlvm permissions named @ben")
    assert "“#nowhere” is not a channel" in sandbox.send("/dlvm team ml add #nowhere")
    assert threads.escape_names("a@ben.example @ben, <@U0BEN|ben>", sample_workspace.build_people(), {}) == (
        "a@ben.example <@U0BEN|ben>, <@U0BEN|ben>"
    )


def test_the_bot_reads_user_groups_and_who_is_in_them(sandbox: SandboxDriver) -> None:
    slack = sandbox.server.application.slack
    assert [group.handle for group in slack.conversations.list_user_groups("T0SANDBOX")] == [
        "ml-oncall",
        "platform-team",
    ]
    assert slack.users.list_group_members("T0SANDBOX", "S0MLONCALL") == ("U0BEN", "U0CHEN")
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        sandbox.client().usergroups_users_list(usergroup="S404")


def test_uninstalled_the_bot_is_told_nothing_and_may_nothing(
    sandbox: SandboxDriver, events: list[dict[str, Any]]
) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    for step in ("reinstall", "uninstall", "uninstall", "nonsense"):
        sandbox.post("/installation", do=step)
    sandbox.post("/c/C0TRAINING/manage", do="remove")
    assert [event["type"] for event in events] == ["app_uninstalled"]
    assert "is not a valid command" in sandbox.send("/dlvm list")
    with pytest.raises(SlackApiError, match="account_inactive"):
        sandbox.client().auth_test()
    sandbox.post("/c/C0TRAINING/press", ts=sandbox.channel().messages[0].ts, act="{}")
    assert "did not answer in time" in sandbox.channel().messages[-1].text
    sandbox.post("/installation", do="reinstall")
    assert "pytorch-2.7" in sandbox.send("/dlvm subscriptions")
