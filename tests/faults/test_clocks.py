"""Clocks that jump while reminders are on their way, and a bot that runs for a long time."""

import gc
import sys
from datetime import timedelta

import pytest

from tests.service.driver import Driver, utc

pytestmark = pytest.mark.no_cover  # measured elsewhere; coverage would double the time
HOUR = timedelta(hours=1)
MAX_BLOCKS_PER_TICK = 0.2
"""Objects a tick that may be left for other reasons than a leak."""


@pytest.mark.parametrize("jump", [HOUR, 48 * HOUR, -HOUR, -48 * HOUR], ids=["+1 h", "+2 d", "-1 h", "-2 d"])
@pytest.mark.parametrize("start", ["2027-01-13 09:30", "2027-04-12 12:00", "2027-04-13 08:30"])
def test_a_clock_that_jumps_repeats_nothing_and_silences_nothing(desk: Driver, start: str, jump: timedelta) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    moment = utc("2026-12-02 09:00")
    while moment < utc(start):
        delivery.tick(moment)
        moment += 12 * HOUR
    for minute in range(5):
        delivery.tick(utc(start) + timedelta(minutes=minute))
    moment = utc(start) + jump
    while moment < utc("2027-04-16 12:00"):
        delivery.tick(moment)
        moment += 3 * HOUR
    rungs = [rung for _, rung in desk.sender.list_rungs()]
    assert len(rungs) == len(set(rungs))
    assert {90, 60, 30, 14, 7, 3, -1} <= set(rungs)
    assert {0, 1} & set(rungs)


def test_three_thousand_idle_ticks_leave_no_memory_behind(lone_desk: Driver) -> None:
    lone_desk.run("subscribe all", utc("2026-12-01 10:00"))
    delivery = lone_desk.build_loop()
    moment = utc("2026-12-02 09:00")
    for _ in range(500):
        delivery.tick(moment)
        moment += timedelta(minutes=1)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(3_000):
        delivery.tick(moment)
        moment += timedelta(minutes=1)
    gc.collect()
    assert sys.getallocatedblocks() - before < MAX_BLOCKS_PER_TICK * 3_000
