"""The sandbox's Web API, called by Slack's own client."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.faults import Fault
from tests.sandbox.driver import SandboxDriver

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]
VIEW = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Hello"},
    "blocks": BLOCKS,
}


def get_error(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as raised:
        call(**arguments)
    return str(raised.value.response["error"])


def test_auth_test_identifies_the_bot(sandbox: SandboxDriver) -> None:
    response = sandbox.client().auth_test()
    assert (response["team_id"], response["bot_id"]) == ("T0SANDBOX", "B0DLVM")
    assert "chat:write" in response.headers["x-oauth-scopes"]
    assert sandbox.client().team_info()["team"]["name"] == "Acme ML"


def test_other_tokens_are_rejected(sandbox: SandboxDriver) -> None:
    assert get_error(sandbox.client("xoxb-other").auth_test) == "invalid_auth"
    with urllib.request.urlopen(f"{sandbox.url}/api/auth.test", data=b"") as response:
        assert json.load(response) == {"ok": False, "error": "not_authed"}


def test_the_public_api_uses_the_sandbox_clock(sandbox: SandboxDriver) -> None:
    with urllib.request.urlopen(f"{sandbox.url}/api/v1/products/dlvm/releases/base-cu129") as response:
        assert json.load(response)["result"]["isMaintained"]
    with urllib.request.urlopen(f"{sandbox.url}/api/v1") as response:
        assert json.load(response)["result"][0]["uri"] == f"{sandbox.url}/api/v1/products/"


def test_a_message_is_posted_found_updated_and_deleted(sandbox: SandboxDriver) -> None:
    client = sandbox.client()
    metadata = {"event_type": "e", "event_payload": {"key": "k"}}
    posted = client.chat_postMessage(channel="C0TRAINING", text="hello", blocks=BLOCKS, metadata=metadata)
    messages = client.conversations_history(channel="C0TRAINING", include_all_metadata=True)["messages"]
    assert [(m["ts"], m["metadata"]) for m in messages] == [(posted["ts"], metadata)]
    assert client.conversations_history(channel="C0TRAINING")["messages"][0]["metadata"] is None
    client.chat_update(channel="C0TRAINING", ts=posted["ts"], text="bye", blocks=BLOCKS)
    assert sandbox.channel().messages[0].text == "bye"
    client.chat_delete(channel="C0TRAINING", ts=posted["ts"])
    assert sandbox.channel().messages == []


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0PLATFORM", "not_in_channel"),
        ("C0OLD", "is_archived"),
        ("C0GPU", "channel_not_found"),
        ("C9", "channel_not_found"),
    ],
)
def test_posting_fails_in_unavailable_channels(sandbox: SandboxDriver, channel: str, error: str) -> None:
    assert get_error(sandbox.client().chat_postMessage, channel=channel, text="hello") == error


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"text": " "}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "y" * 3_001}}]},
            "invalid_blocks",
        ),
        ({"text": "x", "blocks": BLOCKS * 51}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "unheard_of"}]}, "invalid_blocks"),
        ({"text": "x", "icon_emoji": ":x:"}, "invalid_arguments"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level")  # slack_sdk warns about these texts
def test_invalid_messages_are_rejected(sandbox: SandboxDriver, arguments: dict[str, Any], error: str) -> None:
    assert get_error(sandbox.client().chat_postMessage, channel="C0TRAINING", **arguments) == error


def test_other_methods_return_results_and_errors(sandbox: SandboxDriver) -> None:
    client = sandbox.client()
    assert client.conversations_info(channel="C0PLATFORM")["channel"]["is_member"] is False
    assert {c["name"] for c in client.conversations_list()["channels"]} == {
        "ml-training", "ml-serving", "platform", "dlvm-operators", "old-project", "dlvm",
    }  # fmt: skip
    assert client.conversations_join(channel="C0PLATFORM")["channel"]["is_member"] is True
    assert get_error(client.conversations_join, channel="C0OLD") == "is_archived"
    assert client.conversations_open(users="U0ANA")["channel"]["id"] == "D0ANA"
    assert get_error(client.conversations_open, users="U9") == "user_not_found"
    assert client.users_info(user="U0CHEN")["user"]["tz"] == "Asia/Taipei"
    assert get_error(client.users_info, user="U9") == "user_not_found"
    assert len(client.users_conversations(user="U0GUEST")["channels"]) == 1
    assert get_error(client.conversations_history, channel="C0GPU") == "channel_not_found"
    assert get_error(client.chat_update, channel="C0TRAINING", ts="9", text="x") == "message_not_found"
    assert get_error(client.api_call, api_method="no.such") == "unknown_method"
    message = sandbox.server.workspace.post_message(sandbox.channel(), "U0BEN", "mine")
    assert get_error(client.chat_update, channel="C0TRAINING", ts=message.ts, text="x") == "cant_update_message"
    assert get_error(client.chat_delete, channel="C0TRAINING", ts=message.ts) == "cant_delete_message"


def test_an_ephemeral_message_is_not_in_the_history(sandbox: SandboxDriver) -> None:
    client = sandbox.client()
    client.chat_postEphemeral(channel="C0TRAINING", user="U0ANA", text="psst")
    assert client.conversations_history(channel="C0TRAINING")["messages"] == []
    assert get_error(client.chat_postEphemeral, channel="C0SERVING", user="U0GUEST", text="x") == "user_not_in_channel"


def test_views_need_a_valid_unused_trigger(sandbox: SandboxDriver) -> None:
    client, workspace = sandbox.client(), sandbox.server.workspace
    trigger = workspace.create_trigger("U0ANA")
    opened = client.views_open(trigger_id=trigger, view=VIEW)["view"]
    assert get_error(client.views_open, trigger_id=trigger, view=VIEW) == "exchanged_trigger_id"
    assert get_error(client.views_open, trigger_id="9", view=VIEW) == "invalid_trigger_id"
    assert get_error(client.views_open, trigger_id=trigger, view={"type": "modal"}) == "invalid_arguments"
    assert get_error(client.views_update, view_id=opened["id"], hash="old", view=VIEW) == "hash_conflict"
    assert get_error(client.views_update, view_id="V9", view=VIEW) == "not_found"
    client.views_update(view_id=opened["id"], hash=opened["hash"], view=VIEW)
    for _ in range(2):
        client.views_push(trigger_id=workspace.create_trigger("U0ANA"), view=VIEW)
    assert get_error(client.views_push, trigger_id=workspace.create_trigger("U0ANA"), view=VIEW) == "push_limit_reached"
    home = {"type": "home", "blocks": BLOCKS}
    first = client.views_publish(user_id="U0ANA", view=home)["view"]["id"]
    assert client.views_publish(user_id="U0ANA", view=home)["view"]["id"] == first
    assert get_error(client.views_publish, user_id="U9", view=home) == "user_not_found"


def test_faults_are_injected_and_calls_recorded(sandbox: SandboxDriver) -> None:
    client, faults = sandbox.client(), sandbox.server.workspace.faults
    faults.add(
        "chat.postMessage",
        Fault("is_archived"),
        Fault(status=429, retry_after=30, body="<html>"),
        Fault("fatal_error", after_effect=True),
    )
    assert get_error(client.chat_postMessage, channel="C0TRAINING", text="one") == "is_archived"
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel="C0TRAINING", text="two")
    assert (raised.value.response.status_code, raised.value.response.headers["retry-after"]) == (429, "30")
    assert get_error(client.chat_postMessage, channel="C0TRAINING", text="three") == "fatal_error"
    assert [m.text for m in sandbox.channel().messages] == ["three"]
    assert [call.method for call in sandbox.server.workspace.calls] == ["chat.postMessage"] * 3
    assert client.auth_test()["ok"]


def test_a_response_url_accepts_five_messages(sandbox: SandboxDriver) -> None:
    workspace = sandbox.server.workspace
    original = workspace.post_message(sandbox.channel(), "U0DLVM", "first", only_for="U0ANA")
    response_url = workspace.create_response_url("C0TRAINING", "U0ANA", original.ts)

    def respond(**payload: Any) -> int:
        request = urllib.request.Request(
            f"{sandbox.url}/response/{response_url.url_id}",
            json.dumps(payload).encode(),
            {"content-type": "application/json"},
        )
        return sandbox._open(request)[0]

    assert respond(text="replaced", replace_original=True) == 200
    assert original.text == "replaced"
    assert respond(text="beside") == 200
    assert respond(text="for all", response_type="in_channel") == 200
    assert [m.only_for for m in sandbox.channel().messages] == ["U0ANA", "U0ANA", ""]
    assert respond(text="") == 400
    assert respond(delete_original=True) == 200
    assert [m.text for m in sandbox.channel().messages] == ["beside", "for all"]
    assert respond(text="fifth") == 200
    assert respond(text="sixth") == 404
    assert sandbox._open(urllib.request.Request(f"{sandbox.url}/response/unknown", b"{}"))[0] == 404
    another = workspace.create_response_url("C0TRAINING", "U0ANA")
    assert sandbox._open(urllib.request.Request(f"{sandbox.url}/response/{another.url_id}", b"{cut"))[0] == 400
