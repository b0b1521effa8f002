"""Rate limits: for each person, for each workspace, in bounded memory."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.listeners.rate_limit import Allowance, RateLimiter

PERSON, WORKSPACE = Allowance(3, 60), Allowance(5, 600)


def test_person_over_the_limit_waits_alone() -> None:
    limiter = RateLimiter(PERSON, WORKSPACE)
    assert [limiter.take("T1", "U1", 0.0) for _ in range(3)] == [0.0] * 3
    assert limiter.take("T1", "U1", 0.0) == 1.0
    assert limiter.take("T1", "U2", 0.0) == 0.0
    assert limiter.take("T2", "U1", 0.0) == 0.0
    assert limiter.take("T1", "U1", 0.5) == 0.5
    assert limiter.take("T1", "U1", 1.0) == 0.0


def test_workspace_over_the_limit_waits_alone() -> None:
    limiter = RateLimiter(PERSON, WORKSPACE)
    assert [limiter.take("T1", f"U{n}", 0.0) for n in range(5)] == [0.0] * 5
    assert limiter.take("T1", "U9", 0.0) > 0
    assert limiter.take("T2", "U9", 0.0) == 0.0
    assert limiter.take("T1", "U9", 0.2) == 0.0


def test_refused_requests_do_not_count_for_the_workspace() -> None:
    limiter = RateLimiter(PERSON, WORKSPACE)
    waits = [limiter.take("T1", "U1", 0.0) for _ in range(1_000)]
    assert waits.count(0.0) == 3
    assert limiter.take("T1", "U2", 0.0) == 0.0


def test_buckets_are_bounded_and_ignore_a_clock_going_back() -> None:
    limiter = RateLimiter(PERSON, Allowance(1e9, 60), max_buckets=50)
    for n in range(1_000):
        limiter.take("T1", f"U{n}", 100.0)
    assert len(limiter._buckets) == 50
    for _ in range(3):
        limiter.take("T1", "UX", 100.0)
    assert limiter.take("T1", "UX", 0.0) > 0


@given(st.integers(0, 999))
def test_limiter_never_exceeds_the_allowance(seed: int) -> None:
    rng, limiter, now, allowed = random.Random(seed), RateLimiter(PERSON, Allowance(1e9, 60)), 0.0, 0
    for _ in range(200):
        now += rng.random() / 4
        allowed += limiter.take("T1", "U1", now) == 0.0
    assert allowed <= PERSON.burst + now * PERSON.per_minute / 60
