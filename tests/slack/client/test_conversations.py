"""What the bot asks Slack, of a Slack that records first and answers as it is told to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.answers import ChannelReach
from bot.commands.dispatcher import UNCHECKED, ChannelLook
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
def reading(misbehaving: FakeSlackServer) -> Iterator[ConversationsClient]:
    made = ConversationsClient({"T1": "xoxb-1"}.get, misbehaving.url, timeout=60, timeouts=LONG_TIMEOUTS)
    yield made
    made.close()


def channel(scopes: str = "", **fields: object) -> Behaviour:
    body = json.dumps({"ok": True, "channel": {"id": "C1", "is_channel": True, "is_private": False, **fields}})
    return respond(body.encode(), extra=f"x-oauth-scopes: {scopes}\r\n")


@pytest.mark.parametrize(
    ("behaviour", "seen"),
    [
        (channel(is_member=True), ChannelLook(ChannelReach.OK, is_public=True)),
        (channel(is_member=False), ChannelLook(ChannelReach.NEEDS_INVITE, is_public=True)),
        (channel("commands,chat:write.public", is_member=False), ChannelLook(ChannelReach.OK, is_public=True)),
        (channel("chat:write.public", is_member=False, is_private=True), ChannelLook(ChannelReach.NEEDS_INVITE)),
        (channel(is_member=True, is_private=True), ChannelLook(ChannelReach.OK)),
        (channel(is_member=True, is_archived=True), ChannelLook(ChannelReach.ARCHIVED, is_public=True)),
        (channel(is_channel=False, is_im=True), ChannelLook(ChannelReach.OK)),
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
def test_a_channel_is_seen_as_slack_describes_it(
    misbehaving: FakeSlackServer, reading: ConversationsClient, behaviour: Behaviour, seen: ChannelLook
) -> None:
    misbehaving.behaviours = [behaviour]
    assert reading.look_up(HERE) == seen
    assert len(misbehaving.requests) == 1


def test_without_a_token_nobody_is_asked(misbehaving: FakeSlackServer, reading: ConversationsClient) -> None:
    assert reading.look_up(Place("T9", "C1")) == UNCHECKED
    assert reading.find(Place("T9", "C1"), SINCE).result(60) == HistoryUnavailable("no token", is_permanent=True)
    assert not reading.is_token_valid("T9")
    assert misbehaving.requests == []


def message(ts: str, key: object, kind: str = EVENT_TYPE) -> dict[str, object]:
    return {"ts": ts, "metadata": {"event_type": kind, "event_payload": {"delivery_id": key}}}


def test_our_messages_are_found_page_by_page(misbehaving: FakeSlackServer, reading: ConversationsClient) -> None:
    strange = [{"ts": "3.0"}, message("4.0", "b", "somebody_else"), message("5.0", 7)]
    misbehaving.behaviours = [
        respond_json(ok=True, messages=[message("1.0", "a"), *strange], response_metadata={"next_cursor": "more"}),
        respond_json(ok=True, messages=[message("2.0", "c")]),
    ]
    assert reading.find(HERE, SINCE).result(60) == HistoryFound({"a": "1.0", "c": "2.0"})
    first, second = (request.decode() for request in misbehaving.requests)
    assert f"oldest={SINCE.timestamp() - 60:.6f}" in first
    assert "include_all_metadata=1" in first
    assert "cursor=more" in second


@pytest.mark.parametrize(
    ("behaviour", "not_shown"),
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
def test_a_history_that_is_not_shown_says_why(
    misbehaving: FakeSlackServer, reading: ConversationsClient, behaviour: Behaviour, not_shown: HistoryUnavailable
) -> None:
    misbehaving.behaviours = [behaviour]
    assert reading.find(HERE, SINCE).result(60) == not_shown


@pytest.mark.parametrize("behaviour", [close_connection, reset_connection, cut_response])
def test_a_history_that_breaks_off_is_asked_for_again_later(
    misbehaving: FakeSlackServer, reading: ConversationsClient, behaviour: Behaviour
) -> None:
    misbehaving.behaviours = [behaviour]
    found = reading.find(HERE, SINCE).result(60)
    assert isinstance(found, HistoryUnavailable)
    assert not found.is_permanent


IDENTITY = {"ok": True, "team_id": "T1", "team": "Acme", "bot_id": "B1", "user_id": "U9"}


def test_a_token_tells_whose_it_is(misbehaving: FakeSlackServer, reading: ConversationsClient) -> None:
    body = json.dumps(IDENTITY).encode()
    misbehaving.behaviours = [respond(body, extra="x-oauth-scopes: commands, chat:write\r\n"), respond(body)]
    found = fetch_identity("xoxb-1", misbehaving.url)
    assert (found.workspace_id, found.workspace_name, found.bot_id, found.bot_user_id) == ("T1", "Acme", "B1", "U9")
    assert found.scopes == ("commands", "chat:write")
    assert reading.is_token_valid("T1")


def test_a_refused_token_is_not_one_that_could_not_be_asked_about(
    misbehaving: FakeSlackServer, reading: ConversationsClient
) -> None:
    revoked = respond_json(ok=False, error="token_revoked")
    misbehaving.behaviours = [revoked, revoked]
    with pytest.raises(TokenRefusedError, match="token_revoked"):
        fetch_identity("xoxb-1", misbehaving.url)
    assert not reading.is_token_valid("T1")
    misbehaving.behaviours = [respond(b"down", "503 Service Unavailable", "text/html")]
    with pytest.raises(UnreachableError, match="HTTP 503"):
        fetch_identity("xoxb-1", misbehaving.url)
    with pytest.raises(UnreachableError, match="could not be reached"):
        fetch_identity("xoxb-1", "http://127.0.0.1:1/api/")
