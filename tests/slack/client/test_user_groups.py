"""User groups as Slack names them, or none where it does not."""

import pytest

from bot.answers import Group
from bot.slack.client.conversations import Reading
from tests.slack.recording_slack import Behaviour, MisbehavingSlack, answers, closes, says
from tests.timeouts import PATIENT


def test_groups_are_read_with_their_handles(misbehaving: MisbehavingSlack) -> None:
    reading = Reading({"T1": "xoxb-1"}.get, misbehaving.url, patience=PATIENT)
    misbehaving.behaviours = [says(ok=True, usergroups=[{"id": "S1", "handle": "ml", "name": "ML"}, {"id": "S2"}])]
    assert reading.groups("T1") == (Group("S1", "ml", "ML"), Group("S2", "", ""))
    assert b"usergroups.list" in misbehaving.requests[0]
    reading.close()


@pytest.mark.parametrize("behaviour", [says(ok=False, error="missing_scope"), answers(b"<html>"), closes])
def test_where_they_can_not_be_read_there_are_none(misbehaving: MisbehavingSlack, behaviour: Behaviour) -> None:
    reading = Reading({"T1": "xoxb-1"}.get, misbehaving.url, patience=PATIENT)
    misbehaving.behaviours = [behaviour]
    assert reading.groups("T1") == ()
    assert reading.groups("T9") == ()
    assert len(misbehaving.requests) == 1
    reading.close()
