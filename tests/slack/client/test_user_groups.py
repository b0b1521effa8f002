"""User groups as Slack names them, or none where it does not."""

import pytest

from bot.answers import UserGroup
from bot.slack.client.conversations import ConversationsClient
from tests.slack.fake_slack_server import Behaviour, FakeSlackServer, close_connection, respond, respond_json
from tests.timeouts import LONG_TIMEOUTS


def test_groups_are_read_with_their_handles(misbehaving: FakeSlackServer) -> None:
    reading = ConversationsClient({"T1": "xoxb-1"}.get, misbehaving.url, timeouts=LONG_TIMEOUTS)
    misbehaving.behaviours = [
        respond_json(ok=True, usergroups=[{"id": "S1", "handle": "ml", "name": "ML"}, {"id": "S2"}])
    ]
    assert reading.list_user_groups("T1") == (UserGroup("S1", "ml", "ML"), UserGroup("S2", "", ""))
    assert b"usergroups.list" in misbehaving.requests[0]
    reading.close()


@pytest.mark.parametrize(
    "behaviour", [respond_json(ok=False, error="missing_scope"), respond(b"<html>"), close_connection]
)
def test_where_they_can_not_be_read_there_are_none(misbehaving: FakeSlackServer, behaviour: Behaviour) -> None:
    reading = ConversationsClient({"T1": "xoxb-1"}.get, misbehaving.url, timeouts=LONG_TIMEOUTS)
    misbehaving.behaviours = [behaviour]
    assert reading.list_user_groups("T1") == ()
    assert reading.list_user_groups("T9") == ()
    assert len(misbehaving.requests) == 1
    reading.close()
