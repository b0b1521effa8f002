"""What the bot asks Slack, of a Slack that records first and answers as it is told to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.answers import Reach
from bot.commands.dispatcher import UNSEEN, Seen
from bot.policy.post_outcomes import NotShown, Shown
from bot.service.place import Place
from bot.slack.client.conversations import Reading
from bot.slack.client.identity import TokenRefusedError, UnreachableError, who_am_i
from bot.slack.client.sender import EVENT_TYPE
from tests.slack.recording_slack import Behaviour, MisbehavingSlack, answers, closes, cuts, resets, says
from tests.timeouts import PATIENT

HERE = Place("T1", "C1", "U1")
SINCE = datetime(2027, 1, 13, 9, tzinfo=UTC)


@pytest.fixture
def reading(misbehaving: MisbehavingSlack) -> Iterator[Reading]:
    made = Reading({"T1": "xoxb-1"}.get, misbehaving.url, timeout=60, patience=PATIENT)
    yield made
    made.close()


def channel(scopes: str = "", **fields: object) -> Behaviour:
    body = json.dumps({"ok": True, "channel": {"id": "C1", "is_channel": True, "is_private": False, **fields}})
    return answers(body.encode(), extra=f"x-oauth-scopes: {scopes}\r\n")


@pytest.mark.parametrize(
    ("behaviour", "seen"),
    [
        (channel(is_member=True), Seen(Reach.OK, is_public=True)),
        (channel(is_member=False), Seen(Reach.NEEDS_INVITE, is_public=True)),
        (channel("commands,chat:write.public", is_member=False), Seen(Reach.OK, is_public=True)),
        (channel("chat:write.public", is_member=False, is_private=True), Seen(Reach.NEEDS_INVITE)),
        (channel(is_member=True, is_private=True), Seen(Reach.OK)),
        (channel(is_member=True, is_archived=True), Seen(Reach.ARCHIVED, is_public=True)),
        (channel(is_channel=False, is_im=True), Seen(Reach.OK)),
        (says(ok=False, error="channel_not_found"), Seen(Reach.UNREACHABLE)),
        (says(ok=False, error="is_archived"), Seen(Reach.ARCHIVED)),
        (says(ok=False, error="ratelimited"), UNSEEN),
        (answers(b"<html>", "502 Bad Gateway", "text/html"), UNSEEN),
        (answers(b"not json"), UNSEEN),
        (closes, UNSEEN),
        (resets, UNSEEN),
        (cuts, UNSEEN),
    ],
)
def test_a_channel_is_seen_as_slack_describes_it(
    misbehaving: MisbehavingSlack, reading: Reading, behaviour: Behaviour, seen: Seen
) -> None:
    misbehaving.behaviours = [behaviour]
    assert reading.look(HERE) == seen
    assert len(misbehaving.requests) == 1


def test_without_a_token_nobody_is_asked(misbehaving: MisbehavingSlack, reading: Reading) -> None:
    assert reading.look(Place("T9", "C1")) == UNSEEN
    assert reading.find(Place("T9", "C1"), SINCE).result(60) == NotShown("no token", for_good=True)
    assert not reading.works("T9")
    assert misbehaving.requests == []


def message(ts: str, key: object, kind: str = EVENT_TYPE) -> dict[str, object]:
    return {"ts": ts, "metadata": {"event_type": kind, "event_payload": {"delivery_id": key}}}


def test_our_messages_are_found_page_by_page(misbehaving: MisbehavingSlack, reading: Reading) -> None:
    strange = [{"ts": "3.0"}, message("4.0", "b", "somebody_else"), message("5.0", 7)]
    misbehaving.behaviours = [
        says(ok=True, messages=[message("1.0", "a"), *strange], response_metadata={"next_cursor": "more"}),
        says(ok=True, messages=[message("2.0", "c")]),
    ]
    assert reading.find(HERE, SINCE).result(60) == Shown({"a": "1.0", "c": "2.0"})
    first, second = (request.decode() for request in misbehaving.requests)
    assert f"oldest={SINCE.timestamp() - 60:.6f}" in first
    assert "include_all_metadata=1" in first
    assert "cursor=more" in second


@pytest.mark.parametrize(
    ("behaviour", "not_shown"),
    [
        (says(ok=False, error="missing_scope"), NotShown("missing_scope", for_good=True)),
        (says(ok=False, error="not_in_channel"), NotShown("not_in_channel", for_good=True)),
        (says(ok=False, error="ratelimited"), NotShown("ratelimited", for_good=False)),
        (answers(b"<html>", "503 Service Unavailable", "text/html"), NotShown("HTTP 503", for_good=False)),
    ],
)
def test_a_history_that_is_not_shown_says_why(
    misbehaving: MisbehavingSlack, reading: Reading, behaviour: Behaviour, not_shown: NotShown
) -> None:
    misbehaving.behaviours = [behaviour]
    assert reading.find(HERE, SINCE).result(60) == not_shown


@pytest.mark.parametrize("behaviour", [closes, resets, cuts])
def test_a_history_that_breaks_off_is_asked_for_again_later(
    misbehaving: MisbehavingSlack, reading: Reading, behaviour: Behaviour
) -> None:
    misbehaving.behaviours = [behaviour]
    found = reading.find(HERE, SINCE).result(60)
    assert isinstance(found, NotShown)
    assert not found.for_good


IDENTITY = {"ok": True, "team_id": "T1", "team": "Acme", "bot_id": "B1", "user_id": "U9"}


def test_a_token_tells_whose_it_is(misbehaving: MisbehavingSlack, reading: Reading) -> None:
    body = json.dumps(IDENTITY).encode()
    misbehaving.behaviours = [answers(body, extra="x-oauth-scopes: commands, chat:write\r\n"), answers(body)]
    found = who_am_i("xoxb-1", misbehaving.url)
    assert (found.workspace_id, found.workspace_name, found.bot_id, found.bot_user_id) == ("T1", "Acme", "B1", "U9")
    assert found.scopes == ("commands", "chat:write")
    assert reading.works("T1")


def test_a_refused_token_is_not_one_that_could_not_be_asked_about(
    misbehaving: MisbehavingSlack, reading: Reading
) -> None:
    revoked = says(ok=False, error="token_revoked")
    misbehaving.behaviours = [revoked, revoked]
    with pytest.raises(TokenRefusedError, match="token_revoked"):
        who_am_i("xoxb-1", misbehaving.url)
    assert not reading.works("T1")
    misbehaving.behaviours = [answers(b"down", "503 Service Unavailable", "text/html")]
    with pytest.raises(UnreachableError, match="HTTP 503"):
        who_am_i("xoxb-1", misbehaving.url)
    with pytest.raises(UnreachableError, match="could not be reached"):
        who_am_i("xoxb-1", "http://127.0.0.1:1/api/")
