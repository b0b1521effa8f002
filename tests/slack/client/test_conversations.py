"""The conversations client and token identities, against a fake Slack server."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.answers import UNCHECKED, ChannelLook, ChannelReach
from bot.policy.post_outcomes import HistoryFound, HistoryUnavailable
from bot.service.place import Place
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.identity import TokenRefusedError, UnreachableError, fetch_identity
from bot.slack.client.sender import EVENT_TYPE
from tests.slack.fake_slack_server import (
    Behaviour,
    FakeSlackServer,
    close_connection,
    cut_response,
    reset_connection,
    respond,
    respond_json,
)
from tests.timeouts import LONG_TIMEOUTS

HERE = Place("T1", "C1", "U1")
SINCE = datetime(2027, 1, 13, 9, tzinfo=UTC)


@pytest.fixture
def conversations(slack_server: FakeSlackServer) -> Iterator[ConversationsClient]:
    client = ConversationsClient({"T1": "xoxb-1"}.get, slack_server.url, timeout=60, timeouts=LONG_TIMEOUTS)
    yield client
    client.close()


def respond_channel(scopes: str = "", **fields: object) -> Behaviour:
    body = json.dumps({"ok": True, "channel": {"id": "C1", "is_channel": True, "is_private": False, **fields}})
    return respond(body.encode(), extra=f"x-oauth-scopes: {scopes}\r\n")


@pytest.mark.parametrize(
    ("behaviour", "look"),
    [
        (respond_channel(is_member=True), ChannelLook(ChannelReach.OK, is_public=True)),
        (respond_channel(is_member=False), ChannelLook(ChannelReach.NEEDS_INVITE, is_public=True)),
        (respond_channel("commands,chat:write.public", is_member=False), ChannelLook(ChannelReach.OK, is_public=True)),
        (
            respond_channel("chat:write.public", is_member=False, is_private=True),
            ChannelLook(ChannelReach.NEEDS_INVITE),
        ),
        (respond_channel(is_member=True, is_private=True), ChannelLook(ChannelReach.OK)),
        (respond_channel(is_member=True, is_archived=True), ChannelLook(ChannelReach.ARCHIVED, is_public=True)),
        (respond_channel(is_channel=False, is_im=True), ChannelLook(ChannelReach.OK)),
        (respond_json(ok=False, error="channel_not_found"), ChannelLook(ChannelReach.UNREACHABLE)),
        (respond_json(ok=False, error="is_archived"), ChannelLook(ChannelReach.ARCHIVED)),
        (respond_json(ok=False, error="ratelimited"), UNCHECKED),
        (respond(b"<html>", "502 Bad Gateway", "text/html"), UNCHECKED),
        (respond(b"not json"), UNCHECKED),
        (close_connection, UNCHECKED),
        (reset_connection, UNCHECKED),
        (cut_response, UNCHECKED),
    ],
)
def test_look_up_returns_what_slack_says(
    slack_server: FakeSlackServer, conversations: ConversationsClient, behaviour: Behaviour, look: ChannelLook
) -> None:
    slack_server.behaviours = [behaviour]
    assert conversations.look_up(HERE) == look
    assert len(slack_server.requests) == 1


def test_workspace_without_a_token_is_not_looked_up(
    slack_server: FakeSlackServer, conversations: ConversationsClient
) -> None:
    assert conversations.look_up(Place("T9", "C1")) == UNCHECKED
    assert conversations.find(Place("T9", "C1"), SINCE).result(60) == HistoryUnavailable("no token", is_permanent=True)
    assert not conversations.is_token_valid("T9")
    assert slack_server.requests == []


def build_message(ts: str, delivery_id: object, event_type: str = EVENT_TYPE) -> dict[str, object]:
    return {"ts": ts, "metadata": {"event_type": event_type, "event_payload": {"delivery_id": delivery_id}}}


def test_history_search_finds_own_messages_on_every_page(
    slack_server: FakeSlackServer, conversations: ConversationsClient
) -> None:
    foreign = [{"ts": "3.0"}, build_message("4.0", "b", "another_app"), build_message("5.0", 7)]
    slack_server.behaviours = [
        respond_json(
            ok=True, messages=[build_message("1.0", "a"), *foreign], response_metadata={"next_cursor": "more"}
        ),
        respond_json(ok=True, messages=[build_message("2.0", "c")]),
    ]
    assert conversations.find(HERE, SINCE).result(60) == HistoryFound({"a": "1.0", "c": "2.0"})
    first, second = (request.decode() for request in slack_server.requests)
    assert f"oldest={SINCE.timestamp() - 60:.6f}" in first
    assert "include_all_metadata=1" in first
    assert "cursor=more" in second


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (respond_json(ok=False, error="missing_scope"), HistoryUnavailable("missing_scope", is_permanent=True)),
        (respond_json(ok=False, error="not_in_channel"), HistoryUnavailable("not_in_channel", is_permanent=True)),
        (respond_json(ok=False, error="ratelimited"), HistoryUnavailable("ratelimited", is_permanent=False)),
        (
            respond(b"<html>", "503 Service Unavailable", "text/html"),
            HistoryUnavailable("HTTP 503", is_permanent=False),
        ),
    ],
)
def test_unavailable_history_has_a_reason(
    slack_server: FakeSlackServer,
    conversations: ConversationsClient,
    behaviour: Behaviour,
    expected: HistoryUnavailable,
) -> None:
    slack_server.behaviours = [behaviour]
    assert conversations.find(HERE, SINCE).result(60) == expected


@pytest.mark.parametrize("behaviour", [close_connection, reset_connection, cut_response])
def test_interrupted_history_search_is_not_permanent(
    slack_server: FakeSlackServer, conversations: ConversationsClient, behaviour: Behaviour
) -> None:
    slack_server.behaviours = [behaviour]
    lookup = conversations.find(HERE, SINCE).result(60)
    assert isinstance(lookup, HistoryUnavailable)
    assert not lookup.is_permanent


IDENTITY = {"ok": True, "team_id": "T1", "team": "Acme", "bot_id": "B1", "user_id": "U9"}


def test_token_has_an_identity(slack_server: FakeSlackServer, conversations: ConversationsClient) -> None:
    body = json.dumps(IDENTITY).encode()
    slack_server.behaviours = [respond(body, extra="x-oauth-scopes: commands, chat:write\r\n"), respond(body)]
    bot = fetch_identity("xoxb-1", slack_server.url)
    assert (bot.workspace_id, bot.workspace_name, bot.bot_id, bot.bot_user_id) == ("T1", "Acme", "B1", "U9")
    assert bot.scopes == ("commands", "chat:write")
    assert conversations.is_token_valid("T1")


def test_refused_token_is_told_apart_from_an_unreachable_slack(
    slack_server: FakeSlackServer, conversations: ConversationsClient
) -> None:
    revoked = respond_json(ok=False, error="token_revoked")
    slack_server.behaviours = [revoked, revoked]
    with pytest.raises(TokenRefusedError, match="token_revoked"):
        fetch_identity("xoxb-1", slack_server.url)
    assert not conversations.is_token_valid("T1")
    slack_server.behaviours = [respond(b"down", "503 Service Unavailable", "text/html")]
    with pytest.raises(UnreachableError, match="HTTP 503"):
        fetch_identity("xoxb-1", slack_server.url)
    with pytest.raises(UnreachableError, match="could not be reached"):
        fetch_identity("xoxb-1", "http://127.0.0.1:1/api/")
