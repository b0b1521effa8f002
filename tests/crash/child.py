"""A process that ticks at given moments, and dies or stops where it is told to."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from random import Random

from bot.policy.sending import OnAmbiguous
from bot.service.delivery import Delivery
from bot.service.flights import AnyFuture
from bot.service.known import KnownVersions
from bot.service.planning import Planning
from bot.service.preparing import Preparing
from bot.service.settling import Settling
from bot.service.watch import RealWatch
from bot.slack.delivery import SlackSender
from bot.slack.reading import Reading
from storage.database import Database
from storage.facts import Schedule
from tests.forking import forking

BRIEF = 1
"""Seconds that a call may take of a child that is stopped: the stop outlasts it."""


@dataclass(frozen=True)
class Orders:
    """What a child is to do."""

    database_url: str
    api_url: str
    moments: tuple[datetime, ...]
    on_ambiguous: OnAmbiguous = OnAmbiguous.RESEND
    signal_at: str = ""
    """The checkpoint at which it sends itself a signal; empty for none."""
    nth: int = 1
    """At which time it passes the checkpoint."""
    number: int = signal.SIGKILL
    asleep: float = 0.0
    """Seconds by which its watch is ahead once it was stopped: a stop of a moment stands for them."""
    leaps: bool = False
    """Whether it leaps over waits for nothing but time."""
    terminable: bool = False
    """Whether SIGTERM asks it to end its tick."""


class LeapingWatch(RealWatch):
    """Real time, and what was leapt over."""

    def __init__(self, *, leaps: bool) -> None:
        super().__init__(lambda: time.monotonic() + self.leapt)
        self.leapt = 0.0
        self._leaps = leaps

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        if self._leaps and not futures:
            self.leapt += seconds
        else:
            super().wait(futures, seconds)


def tick(orders: Orders) -> None:
    """Ticks at each moment, then ends."""
    database = Database(orders.database_url)
    timeout = BRIEF if orders.asleep else 10
    sender = SlackSender(lambda _: f"xoxb-crash-{os.getpid()}", orders.api_url, timeout=timeout)
    reading = Reading(lambda _: f"xoxb-crash-{os.getpid()}", orders.api_url)
    known = KnownVersions()
    watch = LeapingWatch(leaps=orders.leaps)
    delivery = Delivery(
        database,
        Planning(database, known),
        Preparing(known, Schedule(), orders.on_ambiguous),
        Settling(Random(1)),
        (sender, reading),
        owner=f"child-{os.getpid()}",
        watch=watch,
        checkpoint=_checkpoints(orders, watch),
    )
    if orders.terminable:
        signal.signal(signal.SIGTERM, lambda *_: delivery.stop())
    for moment in orders.moments:
        delivery.tick(moment)
    sender.close()
    reading.close()
    database.close()


def start(orders: Orders) -> BaseProcess:
    """A child forked from a server that has everything imported and no threads."""
    process = forking().Process(target=tick, args=(orders,), daemon=True)
    process.start()
    return process


def finished(processes: Sequence[BaseProcess]) -> list[int | None]:
    """Their exit codes; a child that hangs is killed and has none."""
    codes = []
    for process in processes:
        process.join(60)
        codes.append(process.exitcode)
        process.kill()
        process.join()
        process.close()
    return codes


def moments(start_at: datetime, *seconds: float) -> tuple[datetime, ...]:
    return tuple(start_at + timedelta(seconds=each) for each in seconds)


def _checkpoints(orders: Orders, watch: LeapingWatch) -> Callable[[str], None]:
    passed: Counter[str] = Counter()

    def checkpoint(name: str) -> None:
        passed[name] += 1
        if name == orders.signal_at and passed[name] == orders.nth:
            os.kill(os.getpid(), orders.number)
            watch.leapt += orders.asleep

    return checkpoint
