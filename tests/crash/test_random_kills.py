"""Three hundred kills at random: nothing lost; nothing repeated where Slack can be asked, else counted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.database import Database
from tests.crash import kills
from tests.crash.standin import RecordingSlack

TABLE = Path("var/crash.txt")
"""Where the last run's table is kept."""


@pytest.mark.timeout(600)
def test_a_hundred_and_fifty_kills(fresh_url: Callable[[], str], slack: RecordingSlack) -> None:
    asked = kills.run(110, fresh_url, slack, history=True)
    blind = kills.run(40, fresh_url, slack, history=False)
    database = Database(fresh_url())
    lines = [asked.table(f"{database.dialect}, history granted"), blind.table(f"{database.dialect}, no history")]
    database.close()
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("a") as table:
        table.write("\n".join(lines) + "\n")
    assert (asked.lost, asked.repeated, blind.lost) == (0, 0, 0), lines
    assert blind.repeated <= blind.counted, lines
    assert sum(asked.killed.values()) + sum(blind.killed.values()) == 150, lines
