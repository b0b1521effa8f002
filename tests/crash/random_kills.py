"""Kills at random, by a seed: two processes tick, one is killed somewhere, the rest goes on; then all is counted."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from storage import outbox
from storage.database import Database
from storage.facts import OutboxState
from tests.crash.child import ChildConfig, add_seconds, join_all, start
from tests.crash.conftest import DUE, PLACES
from tests.crash.recording_slack import RecordingSlack

POINTS = ("planning", "planned", "claimed", "before the call", "answered", "settling", "settled")
MAX_DELAY = 0.12
"""Seconds after its start at which a child is killed at the latest, where the moment is random."""

SEED = 20_270_113


@dataclass
class Tally:
    """What came of the kills."""

    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    due: int = 0
    lost: int = 0
    duplicates: int = 0
    reported_duplicates: int = 0
    """Messages that the bot itself counted as possibly repeated."""

    def format_row(self, database: str, history: str) -> tuple[str, ...]:
        """A row of the table that is printed at the end of the run, and shown in the README."""
        numbers = (sum(self.kills.values()), self.due, self.lost, self.duplicates, self.reported_duplicates)
        return (database, history, *(f"{number:,}" for number in numbers))


def run(kills: int, fresh_url: Callable[[], str], slack: RecordingSlack, *, history: bool) -> Tally:
    """Rounds until so many have killed; the seed of a round is its number after SEED."""
    tally = Tally()
    while sum(tally.kills.values()) < kills:
        slack.clear()
        slack.history = history
        _round(Random(SEED + tally.rounds), fresh_url(), slack, tally)
    return tally


def _round(chance: Random, url: str, slack: RecordingSlack, tally: Tally) -> None:
    how = chance.choice(("point", "post", "moment"))
    point, nth = chance.choice(POINTS), chance.randint(1, 2)
    slack.kill_on_post = chance.randint(1, 5) if how == "post" else 0
    victim = start(ChildConfig(url, slack.url, (DUE,), signal_at=point if how == "point" else "", occurrence=nth))
    other = start(ChildConfig(url, slack.url, (DUE,)))
    if how == "moment":
        time.sleep(chance.uniform(0, MAX_DELAY))
        with suppress(ProcessLookupError):
            os.kill(victim.pid or 0, signal.SIGKILL)
    codes = join_all([victim, other])
    if -signal.SIGKILL in codes:
        tally.kills[{"point": point, "post": "after Slack took it", "moment": "at any moment"}[how]] += 1
    rest = ChildConfig(url, slack.url, add_seconds(DUE, 62, 130, 200, 320, 500), is_fast=True)
    assert join_all([start(rest)]) == [0]
    _count(url, slack, tally)


def _count(url: str, slack: RecordingSlack, tally: Tally) -> None:
    database = Database(url)
    with database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: len(PLACES)}
        tally.reported_duplicates += len(outbox.list_possible_duplicates(session))
    database.close()
    counted = slack.count_by_channel()
    tally.rounds += 1
    tally.due += len(PLACES)
    tally.lost += sum(counted[channel] == 0 for _, channel in PLACES)
    tally.duplicates += sum(max(counted[channel] - 1, 0) for _, channel in PLACES)
