"""Random kills from a seed: of two ticking processes one is killed, a third finishes, then the messages are counted."""

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
from tests.crash.conftest import CHANNELS, DUE
from tests.crash.recording_slack import RecordingSlack

CHECKPOINTS = ("planning", "planned", "claimed", "before the call", "answered", "settling", "settled")
MAX_DELAY = 0.12
"""Seconds after its start within which a child is killed at a random time."""

SEED = 20_270_113


@dataclass
class Tally:
    """The numbers of kills, and of lost and duplicate messages."""

    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    due: int = 0
    lost: int = 0
    duplicates: int = 0
    reported_duplicates: int = 0
    """Messages that the bot itself recorded as possible duplicates."""

    def format_row(self, database: str, history: str) -> tuple[str, ...]:
        """Return a row of the table that is printed at the end of the run."""
        numbers = (sum(self.kills.values()), self.due, self.lost, self.duplicates, self.reported_duplicates)
        return (database, history, *(f"{number:,}" for number in numbers))


def run(kills: int, fresh_url: Callable[[], str], slack: RecordingSlack, *, history: bool) -> Tally:
    """Run rounds until this many processes were killed. The seed of a round is SEED plus its number."""
    tally = Tally()
    while sum(tally.kills.values()) < kills:
        slack.clear()
        slack.history = history
        _run_round(Random(SEED + tally.rounds), fresh_url(), slack, tally)
    return tally


def _run_round(random: Random, url: str, slack: RecordingSlack, tally: Tally) -> None:
    trigger = random.choice(("checkpoint", "post", "time"))
    checkpoint, occurrence = random.choice(CHECKPOINTS), random.randint(1, 2)
    slack.kill_on_post = random.randint(1, 5) if trigger == "post" else 0
    victim = start(
        ChildConfig(
            url, slack.url, (DUE,), signal_at=checkpoint if trigger == "checkpoint" else "", occurrence=occurrence
        )
    )
    other = start(ChildConfig(url, slack.url, (DUE,)))
    if trigger == "time":
        time.sleep(random.uniform(0, MAX_DELAY))
        with suppress(ProcessLookupError):
            os.kill(victim.pid or 0, signal.SIGKILL)
    codes = join_all([victim, other])
    if -signal.SIGKILL in codes:
        tally.kills[checkpoint if trigger == "checkpoint" else trigger] += 1
    successor = ChildConfig(url, slack.url, add_seconds(DUE, 62, 130, 200, 320, 500), is_fast=True)
    assert join_all([start(successor)]) == [0]
    _count(url, slack, tally)


def _count(url: str, slack: RecordingSlack, tally: Tally) -> None:
    database = Database(url)
    with database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: len(CHANNELS)}
        tally.reported_duplicates += len(outbox.list_possible_duplicates(session))
    database.close()
    message_counts = slack.count_by_channel()
    tally.rounds += 1
    tally.due += len(CHANNELS)
    tally.lost += sum(message_counts[channel] == 0 for _, channel in CHANNELS)
    tally.duplicates += sum(max(message_counts[channel] - 1, 0) for _, channel in CHANNELS)
