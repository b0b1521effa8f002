"""A kill at each point between planning and settling, with another process ticking: nothing lost, nothing repeated."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.policy.post_outcomes import OnAmbiguous
from storage import outbox
from storage.database import Database
from storage.facts import OutboxState
from tests.crash.child import Orders, finished, moments, start
from tests.crash.conftest import DUE, PLACES
from tests.crash.recording_slack import RecordingSlack

POINTS = ["planning", "planned", "claimed", "before the call", "answered", "settling", "settled"]
AFTERWARDS = moments(DUE, 62, 130, 200, 400)
"""When whoever is left, or started again, ticks."""

FreshUrl = Callable[[], str]


def restarted(orders: Orders, slack: RecordingSlack) -> None:
    """Ticks until everything is at rest."""
    for moment in AFTERWARDS:
        slack.now = moment.timestamp()
        later = Orders(orders.database_url, orders.api_url, (moment,), orders.on_ambiguous)
        assert finished([start(later)]) == [0]


def at_rest(url: str) -> tuple[dict[OutboxState, int], int]:
    """How many reminders are in each state, and how many repeats were counted."""
    database = Database(url)
    with database.reading() as session:
        found = outbox.counts(session), len(outbox.possible_repeats(session))
    database.close()
    return found


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("history", [True, False], ids=["history", "no history"])
def test_a_kill_between_any_two_steps(fresh_url: FreshUrl, slack: RecordingSlack, point: str, *, history: bool) -> None:
    slack.history = history
    orders = Orders(fresh_url(), slack.url, (DUE,), signal_at=point)
    one = start(orders)
    other = start(Orders(orders.database_url, slack.url, (DUE,)))
    codes = finished([one, other])
    assert set(codes) <= {0, -signal.SIGKILL}
    restarted(orders, slack)
    states, repeats = at_rest(orders.database_url)
    assert states == {OutboxState.SENT: len(PLACES)}
    assert set(slack.counted()) == {channel for _, channel in PLACES}
    again = len(slack.messages) - len(PLACES)
    assert again <= (0 if history else repeats)


@pytest.mark.parametrize("history", [True, False], ids=["history", "no history"])
def test_a_kill_when_slack_has_the_message_and_the_answer_is_on_its_way(
    fresh_url: FreshUrl, slack: RecordingSlack, *, history: bool
) -> None:
    slack.history, slack.kill_on_post = history, 3
    orders = Orders(fresh_url(), slack.url, (DUE,))
    assert finished([start(orders)]) == [-signal.SIGKILL]
    restarted(orders, slack)
    states, repeats = at_rest(orders.database_url)
    assert states == {OutboxState.SENT: len(PLACES)}
    again = len(slack.messages) - len(PLACES)
    assert again <= (0 if history else repeats)
    assert set(slack.counted()) == {channel for _, channel in PLACES}


def test_a_message_that_slack_shows_late_is_not_posted_again(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    slack.kill_on_post, slack.hidden_looks = 1, 1
    orders = Orders(fresh_url(), slack.url, (DUE,))
    assert finished([start(orders)]) == [-signal.SIGKILL]
    restarted(orders, slack)
    assert set(slack.counted().values()) == {1}


def test_a_kill_while_slack_is_asked(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    slack.kill_on_post = 1
    orders = Orders(fresh_url(), slack.url, (DUE,))
    assert finished([start(orders)]) == [-signal.SIGKILL]
    asking = Orders(orders.database_url, slack.url, moments(DUE, 62), signal_at="looked")
    assert finished([start(asking)]) == [-signal.SIGKILL]
    slack.now += 62
    for moment in moments(DUE, 130, 200, 300, 500):
        assert finished([start(Orders(orders.database_url, slack.url, (moment,)))]) == [0]
    assert slack.counted() == {channel: 1 for _, channel in PLACES}


def test_what_can_not_be_asked_waits_for_the_operator_where_he_wants_that(
    fresh_url: FreshUrl, slack: RecordingSlack
) -> None:
    slack.kill_on_post, slack.history = 1, False
    orders = Orders(fresh_url(), slack.url, (DUE,), OnAmbiguous.HOLD)
    assert finished([start(orders)]) == [-signal.SIGKILL]
    restarted(orders, slack)
    states, repeats = at_rest(orders.database_url)
    assert set(states) <= {OutboxState.SENT, OutboxState.HELD}
    assert states[OutboxState.HELD] >= 1
    assert repeats == 0
    assert set(slack.counted().values()) == {1}


@pytest.mark.parametrize("point", ["claimed", "before the call", "answered"])
def test_a_process_stopped_beyond_its_lease_posts_nothing_when_it_wakes(
    fresh_url: FreshUrl, slack: RecordingSlack, point: str
) -> None:
    url = fresh_url()
    zombie = start(Orders(url, slack.url, (DUE,), signal_at=point, number=signal.SIGSTOP, fast=True))
    _until_stopped(zombie.pid or 0)
    for seconds in (62, 130, 200):
        slack.now = (DUE + timedelta(seconds=seconds)).timestamp()
        assert finished([start(Orders(url, slack.url, moments(DUE, seconds)))]) == [0]
    time.sleep(2.2)  # the zombie's watch goes thirty times as fast: its lease is over
    before = len(slack.messages)
    os.kill(zombie.pid or 0, signal.SIGCONT)
    assert finished([zombie]) == [0]
    assert len(slack.messages) == before
    assert finished([start(Orders(url, slack.url, moments(DUE, 300, 400)))]) == [0]
    assert slack.counted() == {channel: 1 for _, channel in PLACES}


def test_asked_to_end_it_finishes_or_hands_back_within_ten_seconds(fresh_url: FreshUrl, slack: RecordingSlack) -> None:
    url = fresh_url()
    slack.slowness = 1.0
    process = start(Orders(url, slack.url, (DUE,), terminable=True))
    while not slack.messages:
        time.sleep(0.01)
    begun = time.monotonic()
    os.kill(process.pid or 0, signal.SIGTERM)
    assert finished([process]) == [0]
    assert time.monotonic() - begun < 10
    states, _ = at_rest(url)
    assert set(states) <= {OutboxState.SENT, OutboxState.PENDING}
    assert states[OutboxState.SENT] == len(slack.messages)


def _until_stopped(pid: int) -> None:
    for _ in range(1_000):
        with open(f"/proc/{pid}/stat") as opened:  # noqa: PTH123 - a file of the kernel's
            if opened.read().rpartition(")")[2].split()[0] == "T":
                return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} did not stop")
