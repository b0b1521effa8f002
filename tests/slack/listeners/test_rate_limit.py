"""How much may be asked: per person, per workspace, within bounded memory."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.listeners.rate_limit import Allowance, RateLimiter

PERSON, WORKSPACE = Allowance(3, 60), Allowance(5, 600)


def test_a_person_over_it_waits_and_others_do_not() -> None:
    limits = RateLimiter(PERSON, WORKSPACE)
    assert [limits.take("T1", "U1", 0.0) for _ in range(3)] == [0.0] * 3
    assert limits.take("T1", "U1", 0.0) == 1.0
    assert limits.take("T1", "U2", 0.0) == 0.0
    assert limits.take("T2", "U1", 0.0) == 0.0
    assert limits.take("T1", "U1", 0.5) == 0.5
    assert limits.take("T1", "U1", 1.0) == 0.0


def test_a_workspace_over_it_waits_and_others_do_not() -> None:
    limits = RateLimiter(PERSON, WORKSPACE)
    assert [limits.take("T1", f"U{n}", 0.0) for n in range(5)] == [0.0] * 5
    assert limits.take("T1", "U9", 0.0) > 0
    assert limits.take("T2", "U9", 0.0) == 0.0
    assert limits.take("T1", "U9", 0.2) == 0.0


def test_one_persons_excess_takes_nothing_of_the_workspaces() -> None:
    limits = RateLimiter(PERSON, WORKSPACE)
    waits = [limits.take("T1", "U1", 0.0) for _ in range(1_000)]
    assert waits.count(0.0) == 3
    assert limits.take("T1", "U2", 0.0) == 0.0


def test_memory_is_bounded_and_a_clock_that_goes_back_gives_nothing() -> None:
    limits = RateLimiter(PERSON, Allowance(1e9, 60), max_buckets=50)
    for n in range(1_000):
        limits.take("T1", f"U{n}", 100.0)
    assert len(limits._buckets) == 50
    for _ in range(3):
        limits.take("T1", "UX", 100.0)
    assert limits.take("T1", "UX", 0.0) > 0


@given(st.integers(0, 999))
def test_nobody_ever_gets_more_than_the_allowance(seed: int) -> None:
    chance, limits, at, given_ = random.Random(seed), RateLimiter(PERSON, Allowance(1e9, 60)), 0.0, 0
    for _ in range(200):
        at += chance.random() / 4
        given_ += limits.take("T1", "U1", at) == 0.0
    assert given_ <= PERSON.burst + at * PERSON.per_minute / 60
