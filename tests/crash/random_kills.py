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
from tests.crash.child import Orders, finished, moments, start
from tests.crash.conftest import DUE, PLACES
from tests.crash.recording_slack import RecordingSlack

POINTS = ("planning", "planned", "claimed", "before the call", "answered", "settling", "settled")
LATEST = 0.12
"""Seconds after its start at which a child is killed at the latest, where the moment is random."""

SEED = 20_270_113


@dataclass
class Tally:
    """What came of the kills."""

    rounds: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    due: int = 0
    lost: int = 0
    repeated: int = 0
    counted: int = 0
    """Messages that the bot itself counted as possibly repeated."""

    def row(self, database: str, history: str) -> tuple[str, ...]:
        """A row of the table that is printed at the end of the run, and shown in the README."""
        numbers = (sum(self.killed.values()), self.due, self.lost, self.repeated, self.counted)
        return (database, history, *(f"{number:,}" for number in numbers))


def run(kills: int, fresh_url: Callable[[], str], slack: RecordingSlack, *, history: bool) -> Tally:
    """Rounds until so many have killed; the seed of a round is its number after SEED."""
    tally = Tally()
    while sum(tally.killed.values()) < kills:
        slack.clear()
        slack.history = history
        _round(Random(SEED + tally.rounds), fresh_url(), slack, tally)
    return tally


def _round(chance: Random, url: str, slack: RecordingSlack, tally: Tally) -> None:
    how = chance.choice(("point", "post", "moment"))
    point, nth = chance.choice(POINTS), chance.randint(1, 2)
    slack.kill_on_post = chance.randint(1, 5) if how == "post" else 0
    victim = start(Orders(url, slack.url, (DUE,), signal_at=point if how == "point" else "", nth=nth))
    other = start(Orders(url, slack.url, (DUE,)))
    if how == "moment":
        time.sleep(chance.uniform(0, LATEST))
        with suppress(ProcessLookupError):
            os.kill(victim.pid or 0, signal.SIGKILL)
    codes = finished([victim, other])
    if -signal.SIGKILL in codes:
        tally.killed[{"point": point, "post": "after Slack took it", "moment": "at any moment"}[how]] += 1
    rest = Orders(url, slack.url, moments(DUE, 62, 130, 200, 320, 500), fast=True)
    assert finished([start(rest)]) == [0]
    _count(url, slack, tally)


def _count(url: str, slack: RecordingSlack, tally: Tally) -> None:
    database = Database(url)
    with database.reading() as session:
        assert outbox.counts(session) == {OutboxState.SENT: len(PLACES)}
        tally.counted += len(outbox.possible_repeats(session))
    database.close()
    counted = slack.counted()
    tally.rounds += 1
    tally.due += len(PLACES)
    tally.lost += sum(counted[channel] == 0 for _, channel in PLACES)
    tally.repeated += sum(max(counted[channel] - 1, 0) for _, channel in PLACES)
