"""Three hundred kills at random: nothing lost; nothing repeated where Slack can be asked, else counted."""

from collections.abc import Callable

import pytest

from storage.database import Database
from tests.crash import random_kills
from tests.crash.recording_slack import RecordingSlack


@pytest.mark.timeout(600)
def test_a_hundred_and_fifty_kills(
    fresh_url: Callable[[], str], slack: RecordingSlack, record_property: Callable[[str, object], None]
) -> None:
    database = Database(fresh_url())
    name = database.dialect
    database.close()
    asked = random_kills.run(110, fresh_url, slack, history=True)
    blind = random_kills.run(40, fresh_url, slack, history=False)
    rows = [asked.format_row(name, "readable"), blind.format_row(name, "not granted")]
    record_property("kills", rows)
    assert (asked.lost, asked.duplicates, blind.lost) == (0, 0, 0), rows
    assert blind.duplicates <= blind.reported_duplicates, rows
    assert sum(asked.kills.values()) + sum(blind.kills.values()) == 150, rows
