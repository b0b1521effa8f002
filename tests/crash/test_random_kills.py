"""Random kills on each database: no message is lost, and duplicates occur only without histories and are recorded."""

from collections.abc import Callable

import pytest

from storage.database import Database
from tests.crash import random_kills
from tests.crash.recording_slack import RecordingSlack


@pytest.mark.timeout(600)
def test_150_random_kills_lose_no_message(
    fresh_url: Callable[[], str], slack: RecordingSlack, record_property: Callable[[str, object], None]
) -> None:
    database = Database(fresh_url())
    name = database.dialect
    database.close()
    readable = random_kills.run(110, fresh_url, slack, history=True)
    unreadable = random_kills.run(40, fresh_url, slack, history=False)
    rows = [readable.format_row(name, "readable"), unreadable.format_row(name, "not granted")]
    record_property("kills", rows)
    assert (readable.lost, readable.duplicates, unreadable.lost) == (0, 0, 0), rows
    assert unreadable.duplicates <= unreadable.reported_duplicates, rows
    assert sum(readable.kills.values()) + sum(unreadable.kills.values()) == 150, rows
