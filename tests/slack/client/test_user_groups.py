"""User groups, against a fake Slack server."""

import pytest

from bot.answers import UserGroup
from bot.slack.client.conversations import ConversationsClient
from tests.slack.fake_slack_server import Behaviour, FakeSlackServer, close_connection, respond, respond_json
from tests.timeouts import LONG_TIMEOUTS


def test_user_groups_have_their_handles(slack_server: FakeSlackServer) -> None:
    conversations = ConversationsClient({"T1": "xoxb-1"}.get, slack_server.url, timeouts=LONG_TIMEOUTS)
    slack_server.behaviours = [
        respond_json(ok=True, usergroups=[{"id": "S1", "handle": "ml", "name": "ML"}, {"id": "S2"}])
    ]
    assert conversations.list_user_groups("T1") == (UserGroup("S1", "ml", "ML"), UserGroup("S2", "", ""))
    assert b"usergroups.list" in slack_server.requests[0]
    conversations.close()


@pytest.mark.parametrize(
    "behaviour", [respond_json(ok=False, error="missing_scope"), respond(b"<html>"), close_connection]
)
def test_unreadable_user_groups_are_empty(slack_server: FakeSlackServer, behaviour: Behaviour) -> None:
    conversations = ConversationsClient({"T1": "xoxb-1"}.get, slack_server.url, timeouts=LONG_TIMEOUTS)
    slack_server.behaviours = [behaviour]
    assert conversations.list_user_groups("T1") == ()
    assert conversations.list_user_groups("T9") == ()
    assert len(slack_server.requests) == 1
    conversations.close()
