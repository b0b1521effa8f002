"""A kill at each point between planning and settling, with another process ticking: nothing lost, nothing repeated."""

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
from tests.crash.conftest import DUE, PLACES
from tests.crash.recording_slack import RecordingSlack

POINTS = ["planning", "planned", "claimed", "before the call", "answered", "settling", "settled"]
RETRY_MOMENTS = add_seconds(DUE, 62, 130, 200, 400)
"""When whoever is left, or started again, ticks."""

FreshUrl = Callable[[], str]


def tick_until_settled(orders: ChildConfig, slack: RecordingSlack) -> None:
    """Ticks until everything is at rest."""
    for moment in RETRY_MOMENTS:
        slack.now = moment.timestamp()
        later = ChildConfig(orders.database_url, orders.api_url, (moment,), orders.on_ambiguous)
        assert join_all([start(later)]) == [0]


def read_counts(url: str) -> tuple[dict[OutboxState, int], int]:
    """How many reminders are in each state, and how many repeats were counted."""
    database = Database(url)
    with database.read_only() as session:
        found = outbox.count_by_state(session), len(outbox.list_possible_duplicates(session))
    database.close()
    return found


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("history", [True, False], ids=["history", "no history"])
def test_a_kill_between_any_two_steps(fresh_url: FreshUrl, slack: RecordingSlack, point: str, *, history: bool) -> None:
    slack.history = history
    orders = ChildConfig(fresh_url(), slack.url, (DUE,), signal_at=point)
    one = start(orders)
    other = start(ChildConfig(orders.database_url, slack.url, (DUE,)))
    codes = join_all([one, other])
    assert set(codes) <= {0, -signal.SIGKILL}
    tick_until_settled(orders, slack)
    states, repeats = read_counts(orders.database_url)
    assert states == {OutboxState.SENT: len(PLACES)}
    assert set(slack.count_by_channel()) == {channel for _, channel in PLACES}
    again = len(slack.messages) - len(PLACES)
    assert again <= (0 if history else repeats)


@pytest.mark.parametrize("history", [True, False], ids=["history", "no history"])
def test_a_kill_when_slack_has_the_message_and_the_answer_is_on_its_way(
    fresh_url: FreshUrl, slack: RecordingSlack, *, history: bool
) -> None:
    slack.history, slack.kill_on_post = history, 3
    orders = ChildConfig(fresh_url(), slack.url, (DUE,))
    assert join_all([start(orders)]) == [-signal.SIGKILL]
    tick_until_settled(orders, slack)
    states, repeats = read_counts(orders.database_url)
    assert states == {OutboxState.SENT: len(PLACES)}
    again = len(slack.messages) - len(PLACES)
    assert again <= (0 if history else repeats)
    assert set(slack.count_by_channel()) == {channel for _, channel in PLACES}


def test_a_message_that_slack_shows_late_is_not_posted_again(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    slack.kill_on_post, slack.hidden_lookups = 1, 1
    orders = ChildConfig(fresh_url(), slack.url, (DUE,))
    assert join_all([start(orders)]) == [-signal.SIGKILL]
    tick_until_settled(orders, slack)
    assert set(slack.count_by_channel().values()) == {1}


def test_a_kill_while_slack_is_asked(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    slack.kill_on_post = 1
    orders = ChildConfig(fresh_url(), slack.url, (DUE,))
    assert join_all([start(orders)]) == [-signal.SIGKILL]
    asking = ChildConfig(orders.database_url, slack.url, add_seconds(DUE, 62), signal_at="looked")
    assert join_all([start(asking)]) == [-signal.SIGKILL]
    slack.now += 62
    for moment in add_seconds(DUE, 130, 200, 300, 500):
        assert join_all([start(ChildConfig(orders.database_url, slack.url, (moment,)))]) == [0]
    assert slack.count_by_channel() == {channel: 1 for _, channel in PLACES}


def test_what_can_not_be_asked_waits_for_the_operator_where_he_wants_that(
    fresh_url: FreshUrl, slack: RecordingSlack
) -> None:
    slack.kill_on_post, slack.history = 1, False
    orders = ChildConfig(fresh_url(), slack.url, (DUE,), AmbiguityPolicy.HOLD)
    assert join_all([start(orders)]) == [-signal.SIGKILL]
    tick_until_settled(orders, slack)
    states, repeats = read_counts(orders.database_url)
    assert set(states) <= {OutboxState.SENT, OutboxState.HELD}
    assert states[OutboxState.HELD] >= 1
    assert repeats == 0
    assert set(slack.count_by_channel().values()) == {1}


@pytest.mark.parametrize("point", ["claimed", "before the call", "answered"])
def test_a_process_stopped_beyond_its_lease_posts_nothing_when_it_wakes(
    fresh_url: FreshUrl, slack: RecordingSlack, point: str
) -> None:
    url = fresh_url()
    zombie = start(ChildConfig(url, slack.url, (DUE,), signal_at=point, signal_number=signal.SIGSTOP, is_fast=True))
    _until_stopped(zombie.pid or 0)
    for seconds in (62, 130, 200):
        slack.now = (DUE + timedelta(seconds=seconds)).timestamp()
        assert join_all([start(ChildConfig(url, slack.url, add_seconds(DUE, seconds)))]) == [0]
    time.sleep(2.2)  # the zombie's watch goes thirty times as fast: its lease is over
    before = len(slack.messages)
    os.kill(zombie.pid or 0, signal.SIGCONT)
    assert join_all([zombie]) == [0]
    assert len(slack.messages) == before
    assert join_all([start(ChildConfig(url, slack.url, add_seconds(DUE, 300, 400)))]) == [0]
    assert slack.count_by_channel() == {channel: 1 for _, channel in PLACES}


def test_asked_to_end_it_finishes_or_hands_back_within_ten_seconds(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    url = fresh_url()
    slack.delay = 1.0
    process = start(ChildConfig(url, slack.url, (DUE,), is_terminable=True))
    while not slack.messages:
        time.sleep(0.01)
    begun = time.monotonic()
    os.kill(process.pid or 0, signal.SIGTERM)
    assert join_all([process]) == [0]
    assert time.monotonic() - begun < 10
    states, _ = read_counts(url)
    assert set(states) <= {OutboxState.SENT, OutboxState.PENDING}
    assert states[OutboxState.SENT] == len(slack.messages)


def _until_stopped(pid: int) -> None:
    for _ in range(1_000):
        with open(f"/proc/{pid}/stat") as opened:  # noqa: PTH123 - a file of the kernel's
            if opened.read().rpartition(")")[2].split()[0] == "T":
                return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} did not stop")
