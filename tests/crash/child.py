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

from bot.policy.post_outcomes import OnAmbiguous
from bot.service.delivery.in_flight import AnyFuture
from bot.service.delivery.loop import Delivery
from bot.service.delivery.ports import RealWatch
from bot.service.delivery.prepare import Preparing
from bot.service.delivery.settle import Settling
from bot.service.reminders.planning import Planning
from bot.service.versions.snapshot import KnownVersions
from bot.slack.client.conversations import Reading
from bot.slack.client.sender import SlackSender
from storage.database import Database
from storage.facts import Schedule
from tests.forkserver import forking

FAST = 30
"""How many times faster than real time a child's watch goes: its lease ends while it is stopped for two seconds."""


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
    fast: bool = False
    terminable: bool = False
    """Whether SIGTERM asks it to end its tick."""


class FastWatch(RealWatch):
    """Real time, so many times as fast."""

    def __init__(self, speed: int) -> None:
        super().__init__(lambda: time.monotonic() * speed)
        self._speed = speed

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        super().wait(futures, seconds / self._speed)


def tick(orders: Orders) -> None:
    """Ticks at each moment, then ends."""
    database = Database(orders.database_url)
    sender = SlackSender(lambda _: f"xoxb-crash-{os.getpid()}", orders.api_url, timeout=1 if orders.fast else 10)
    reading = Reading(lambda _: f"xoxb-crash-{os.getpid()}", orders.api_url)
    known = KnownVersions()
    speed = FAST if orders.fast else 1
    delivery = Delivery(
        database,
        Planning(database, known),
        Preparing(known, Schedule(), orders.on_ambiguous),
        Settling(Random(1)),
        (sender, reading),
        owner=f"child-{os.getpid()}",
        watch=FastWatch(speed),
        checkpoint=_checkpoints(orders),
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


def _checkpoints(orders: Orders) -> Callable[[str], None]:
    passed: Counter[str] = Counter()

    def checkpoint(name: str) -> None:
        passed[name] += 1
        if name == orders.signal_at and passed[name] == orders.nth:
            os.kill(os.getpid(), orders.number)

    return checkpoint
