"""Kills at each checkpoint between planning and settling, beside another ticking process: no loss, no duplicates."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.policy.post_outcomes import AmbiguityPolicy
from storage import outbox
from storage.database import Database
from storage.facts import OutboxState
from tests.crash.child import ChildConfig, add_seconds, join_all, start
from tests.crash.conftest import CHANNELS, DUE
from tests.crash.recording_slack import RecordingSlack

CHECKPOINTS = ["planning", "planned", "claimed", "before the call", "answered", "settling", "settled"]
RETRY_MOMENTS = add_seconds(DUE, 62, 130, 200, 400)
"""When a restarted process ticks."""

FreshUrl = Callable[[], str]


def tick_until_settled(config: ChildConfig, slack: RecordingSlack) -> None:
    """Tick until no entry is unfinished."""
    for moment in RETRY_MOMENTS:
        slack.now = moment.timestamp()
        successor = ChildConfig(config.database_url, config.api_url, (moment,), config.on_ambiguous)
        assert join_all([start(successor)]) == [0]


def read_counts(url: str) -> tuple[dict[OutboxState, int], int]:
    """Return the number of entries in each state, and of possible duplicates."""
    database = Database(url)
    with database.read_only() as session:
        counts = outbox.count_by_state(session), len(outbox.list_possible_duplicates(session))
    database.close()
    return counts


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
@pytest.mark.parametrize("history", [True, False], ids=["history", "no history"])
def test_a_kill_at_any_checkpoint_loses_no_message(
    fresh_url: FreshUrl, slack: RecordingSlack, checkpoint: str, *, history: bool
) -> None:
    slack.history = history
    config = ChildConfig(fresh_url(), slack.url, (DUE,), signal_at=checkpoint)
    first = start(config)
    second = start(ChildConfig(config.database_url, slack.url, (DUE,)))
    codes = join_all([first, second])
    assert set(codes) <= {0, -signal.SIGKILL}
    tick_until_settled(config, slack)
    states, possible_duplicates = read_counts(config.database_url)
    assert states == {OutboxState.SENT: len(CHANNELS)}
    assert set(slack.count_by_channel()) == {channel for _, channel in CHANNELS}
    duplicates = len(slack.messages) - len(CHANNELS)
    assert duplicates <= (0 if history else possible_duplicates)


@pytest.mark.parametrize("history", [True, False], ids=["history", "no history"])
def test_a_kill_before_slacks_answer_loses_no_message(
    fresh_url: FreshUrl, slack: RecordingSlack, *, history: bool
) -> None:
    slack.history, slack.kill_on_post = history, 3
    config = ChildConfig(fresh_url(), slack.url, (DUE,))
    assert join_all([start(config)]) == [-signal.SIGKILL]
    tick_until_settled(config, slack)
    states, possible_duplicates = read_counts(config.database_url)
    assert states == {OutboxState.SENT: len(CHANNELS)}
    duplicates = len(slack.messages) - len(CHANNELS)
    assert duplicates <= (0 if history else possible_duplicates)
    assert set(slack.count_by_channel()) == {channel for _, channel in CHANNELS}


def test_a_message_shown_late_is_not_posted_again(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    slack.kill_on_post, slack.hidden_lookups = 1, 1
    config = ChildConfig(fresh_url(), slack.url, (DUE,))
    assert join_all([start(config)]) == [-signal.SIGKILL]
    tick_until_settled(config, slack)
    assert set(slack.count_by_channel().values()) == {1}


def test_a_kill_during_a_lookup_loses_no_message(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    slack.kill_on_post = 1
    config = ChildConfig(fresh_url(), slack.url, (DUE,))
    assert join_all([start(config)]) == [-signal.SIGKILL]
    looking_up = ChildConfig(config.database_url, slack.url, add_seconds(DUE, 62), signal_at="looked")
    assert join_all([start(looking_up)]) == [-signal.SIGKILL]
    slack.now += 62
    for moment in add_seconds(DUE, 130, 200, 300, 500):
        assert join_all([start(ChildConfig(config.database_url, slack.url, (moment,)))]) == [0]
    assert slack.count_by_channel() == {channel: 1 for _, channel in CHANNELS}


def test_ambiguous_messages_can_be_held_for_the_operator(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    slack.kill_on_post, slack.history = 1, False
    config = ChildConfig(fresh_url(), slack.url, (DUE,), AmbiguityPolicy.HOLD)
    assert join_all([start(config)]) == [-signal.SIGKILL]
    tick_until_settled(config, slack)
    states, possible_duplicates = read_counts(config.database_url)
    assert set(states) <= {OutboxState.SENT, OutboxState.HELD}
    assert states[OutboxState.HELD] >= 1
    assert possible_duplicates == 0
    assert set(slack.count_by_channel().values()) == {1}


@pytest.mark.parametrize("checkpoint", ["claimed", "before the call", "answered"])
def test_a_process_that_lost_its_lease_posts_nothing(
    fresh_url: FreshUrl, slack: RecordingSlack, checkpoint: str
) -> None:
    url = fresh_url()
    zombie = start(
        ChildConfig(url, slack.url, (DUE,), signal_at=checkpoint, signal_number=signal.SIGSTOP, is_fast=True)
    )
    _wait_until_stopped(zombie.pid or 0)
    for seconds in (62, 130, 200):
        slack.now = (DUE + timedelta(seconds=seconds)).timestamp()
        assert join_all([start(ChildConfig(url, slack.url, add_seconds(DUE, seconds)))]) == [0]
    time.sleep(2.2)  # until the zombie's lease has expired on its fast timer
    before = len(slack.messages)
    os.kill(zombie.pid or 0, signal.SIGCONT)
    assert join_all([zombie]) == [0]
    assert len(slack.messages) == before
    assert join_all([start(ChildConfig(url, slack.url, add_seconds(DUE, 300, 400)))]) == [0]
    assert slack.count_by_channel() == {channel: 1 for _, channel in CHANNELS}


def test_sigterm_ends_a_tick_within_ten_seconds(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    url = fresh_url()
    slack.delay = 1.0
    process = start(ChildConfig(url, slack.url, (DUE,), is_terminable=True))
    while not slack.messages:
        time.sleep(0.01)
    started_at = time.monotonic()
    os.kill(process.pid or 0, signal.SIGTERM)
    assert join_all([process]) == [0]
    assert time.monotonic() - started_at < 10
    states, _ = read_counts(url)
    assert set(states) <= {OutboxState.SENT, OutboxState.PENDING}
    assert states[OutboxState.SENT] == len(slack.messages)


def _wait_until_stopped(pid: int) -> None:
    for _ in range(1_000):
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - a file of the kernel
            if stat.read().rpartition(")")[2].split()[0] == "T":
                return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} did not stop")
