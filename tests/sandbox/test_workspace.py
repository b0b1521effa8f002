"""People, channels, views and events of the local workspace."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot import answers
from bot.sandbox import sample_workspace, threads
from bot.service.place import Place
from tests.sandbox.driver import SandboxDriver


@pytest.fixture
def events(sandbox: SandboxDriver, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Record the events that the bot receives."""
    received: list[dict[str, Any]] = []
    app = sandbox.server.application.bolt_app

    def record(body: dict[str, Any], next: Any) -> None:  # noqa: A002 - Bolt passes it by this name
        received.extend([body["event"]] if "event" in body else [])
        next()

    app.middleware(record)
    return received


def test_changing_a_channel_sends_its_events(sandbox: SandboxDriver, events: list[dict[str, Any]]) -> None:
    steps = ["remove", "remove", "invite", "invite", "archive", "archive", "unarchive", "unarchive", "nonsense"]
    for step in steps:
        sandbox.post("/c/C0TRAINING/manage", do=step)
    assert [event["type"] for event in events] == [
        "channel_left",
        "member_joined_channel",
        "channel_archive",
        "channel_unarchive",
    ]
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


def test_home_is_opened_as_the_actor(sandbox: SandboxDriver, events: list[dict[str, Any]]) -> None:
    sandbox.post("/person", person="U0BEN")
    _, page = sandbox.get("/home")
    assert "hasn’t published a Home tab for Ben Okafor" in page
    _, page = sandbox.get("/home/open")
    assert "Get started" in page
    assert [(event["type"], event["user"], event["channel"]) for event in events] == [
        ("app_home_opened", "U0BEN", "D0BEN")
    ]
    sandbox.get("/home/open")
    assert events[-1]["view"]["callback_id"] == "home"


def test_actions_are_attributed_to_the_actor(sandbox: SandboxDriver) -> None:
    sandbox.post("/person", person="U0BEN")
    sandbox.send("/dlvm subscribe pytorch-2.7")
    assert "by <@U0BEN>" in sandbox.send("/dlvm subscriptions")
    sandbox.post("/person", person="U404")
    sandbox.send("hello")
    assert sandbox.channel().messages[-1].author == "U0BEN"
    assert "gpu-budget" not in sandbox.get("/c/C0GPU")[1]


def test_the_bot_lists_the_channels_of_a_person(sandbox: SandboxDriver) -> None:
    conversations = sandbox.server.application.slack.conversations
    assert conversations.list_memberships(Place("T0SANDBOX", "", "U0ANA")) == {
        "C0TRAINING": "ml-training",
        "C0SERVING": "ml-serving",
        "C0PLATFORM": "platform",
        "C0OPERATORS": "dlvm-operators",
        "C0OLD": "old-project",
    }
    assert conversations.list_memberships(Place("T0SANDBOX", "", "U404")) is None
    assert conversations.list_memberships(Place("T404", "", "U0ANA")) is None
    assert conversations.list_memberships(Place("T0SANDBOX", "", "")) is None
    assert conversations.look_up(Place("T0SANDBOX", "C0GPU", "U0ANA")).reach is answers.ChannelReach.UNREACHABLE


def test_the_channels_of_a_person_are_paginated(sandbox: SandboxDriver) -> None:
    client, channel_ids = sandbox.client(), list[str]()
    cursor: str | None = None
    while cursor != "":
        response = client.users_conversations(user="U0ANA", types="public_channel,im", limit=2, cursor=cursor)
        channel_ids += [channel["id"] for channel in response["channels"]]
        cursor = response["response_metadata"]["next_cursor"]
    assert channel_ids == ["C0TRAINING", "C0SERVING", "C0PLATFORM", "C0OPERATORS", "C0OLD", "D0ANA"]
    response = client.users_conversations(user="U0ANA", exclude_archived=True, types="public_channel")
    assert len(response["channels"]) == 4
    with pytest.raises(SlackApiError, match="user_not_found"):
        client.users_conversations(user="U404")


def test_a_changed_or_closed_view_is_not_updated(sandbox: SandboxDriver) -> None:
    views, workspace = sandbox.server.application.slack.views, sandbox.server.workspace
    sandbox.send("/dlvm subscribe")
    (modal,) = workspace.modals["U0ANA"]
    assert not views.update("T0SANDBOX", modal.view_id, "old", modal.view)
    assert not views.update("T0SANDBOX", "V404", modal.hash, modal.view)
    assert views.update("T0SANDBOX", modal.view_id, modal.hash, modal.view)
    with pytest.raises(SlackApiError):
        views.update("T0SANDBOX", modal.view_id, modal.hash, {"type": "modal"})


def test_a_missing_form_or_home_does_nothing(sandbox: SandboxDriver) -> None:
    assert sandbox.post("/modal/V404", do="submit")[0] == 200
    assert sandbox.post("/home/press", act="{}")[0] == 200


def test_known_names_in_a_command_become_ids(sandbox: SandboxDriver) -> None:
    assert "<#C0SERVING>" in sandbox.send("/dlvm team create ml") + sandbox.send("/dlvm team ml add #ml-serving")
    assert "<!subteam^S0MLONCALL>" in sandbox.send("/dlvm team ml owner @ML-oncall")
    assert "<@U0BEN>" in sandbox.send("/dlvm permissions named @ben")
    assert "“#nowhere” isn’t a channel" in sandbox.send("/dlvm team ml add #nowhere")
    assert threads.escape_names("a@ben.example @ben, <@U0BEN|ben>", sample_workspace.build_people(), {}) == (
        "a@ben.example <@U0BEN|ben>, <@U0BEN|ben>"
    )


def test_the_bot_lists_user_groups_and_their_members(sandbox: SandboxDriver) -> None:
    slack = sandbox.server.application.slack
    assert [group.handle for group in slack.conversations.list_user_groups("T0SANDBOX")] == [
        "ml-oncall",
        "platform-team",
    ]
    assert slack.users.list_group_members("T0SANDBOX", "S0MLONCALL") == ("U0BEN", "U0CHEN")
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        sandbox.client().usergroups_users_list(usergroup="S404")


def test_an_uninstalled_bot_gets_no_events_and_has_no_access(
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
    assert "didn’t answer in time" in sandbox.channel().messages[-1].text
    sandbox.post("/installation", do="reinstall")
    assert "pytorch-2.7" in sandbox.send("/dlvm subscriptions")
