"""Clocks that jump while reminders are due, and long runs of one process."""

import gc
import sys
from datetime import timedelta

import pytest

from tests.service.driver import Driver, utc

pytestmark = pytest.mark.no_cover  # other tests cover the code; coverage would double the time
HOUR = timedelta(hours=1)
MAX_BLOCKS_PER_TICK = 0.2
"""Memory blocks that a tick can leave for other reasons than a leak, on average."""


@pytest.mark.parametrize("jump", [HOUR, 48 * HOUR, -HOUR, -48 * HOUR], ids=["+1 h", "+2 d", "-1 h", "-2 d"])
@pytest.mark.parametrize("start", ["2027-01-13 09:30", "2027-04-12 12:00", "2027-04-13 08:30"])
def test_clock_jump_neither_repeats_nor_loses_reminders(driver: Driver, start: str, jump: timedelta) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    moment = utc("2026-12-02 09:00")
    while moment < utc(start):
        loop.tick(moment)
        moment += 12 * HOUR
    for minute in range(5):
        loop.tick(utc(start) + timedelta(minutes=minute))
    moment = utc(start) + jump
    while moment < utc("2027-04-16 12:00"):
        loop.tick(moment)
        moment += 3 * HOUR
    rungs = [rung for _, rung in driver.sender.list_rungs()]
    assert len(rungs) == len(set(rungs))
    assert {90, 60, 30, 14, 7, 3, -1} <= set(rungs)
    assert {0, 1} & set(rungs)


def test_idle_ticks_leak_no_memory(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe all", utc("2026-12-01 10:00"))
    loop = sqlite_driver.build_loop()
    moment = utc("2026-12-02 09:00")
    for _ in range(500):
        loop.tick(moment)
        moment += timedelta(minutes=1)
    gc.collect()
    blocks_before = sys.getallocatedblocks()
    for _ in range(3_000):
        loop.tick(moment)
        moment += timedelta(minutes=1)
    gc.collect()
    assert sys.getallocatedblocks() - blocks_before < MAX_BLOCKS_PER_TICK * 3_000
