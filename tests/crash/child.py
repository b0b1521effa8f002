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

from bot.policy.post_outcomes import AmbiguityPolicy
from bot.service.delivery.in_flight import AnyFuture
from bot.service.delivery.loop import DeliveryLoop
from bot.service.delivery.ports import SystemTimer
from bot.service.delivery.prepare import Preparer
from bot.service.delivery.settle import Settler
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.sender import SlackSender
from storage.database import Database
from storage.facts import Schedule
from tests.forkserver import get_context

SPEED = 30
"""How many times faster than real time a child's watch goes: its lease ends while it is stopped for two seconds."""


@dataclass(frozen=True)
class ChildConfig:
    """What a child is to do."""

    database_url: str
    api_url: str
    moments: tuple[datetime, ...]
    on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND
    signal_at: str = ""
    """The checkpoint at which it sends itself a signal; empty for none."""
    occurrence: int = 1
    """At which time it passes the checkpoint."""
    signal_number: int = signal.SIGKILL
    is_fast: bool = False
    is_terminable: bool = False
    """Whether SIGTERM asks it to end its tick."""


class FastWatch(SystemTimer):
    """Real time, so many times as fast."""

    def __init__(self, speed: int) -> None:
        super().__init__(lambda: time.monotonic() * speed)
        self._speed = speed

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        super().wait(futures, seconds / self._speed)


def tick(orders: ChildConfig) -> None:
    """Ticks at each moment, then ends."""
    database = Database(orders.database_url)
    sender = SlackSender(lambda _: f"xoxb-crash-{os.getpid()}", orders.api_url, timeout=1 if orders.is_fast else 10)
    reading = ConversationsClient(lambda _: f"xoxb-crash-{os.getpid()}", orders.api_url)
    known = SnapshotCache()
    speed = SPEED if orders.is_fast else 1
    delivery = DeliveryLoop(
        database,
        Planner(database, known),
        Preparer(known, Schedule(), orders.on_ambiguous),
        Settler(Random(1)),
        (sender, reading),
        owner=f"child-{os.getpid()}",
        timer=FastWatch(speed),
        checkpoint=_checkpoints(orders),
    )
    if orders.is_terminable:
        signal.signal(signal.SIGTERM, lambda *_: delivery.stop())
    for moment in orders.moments:
        delivery.tick(moment)
    sender.close()
    reading.close()
    database.close()


def start(orders: ChildConfig) -> BaseProcess:
    """A child forked from a server that has everything imported and no threads."""
    process = get_context().Process(target=tick, args=(orders,), daemon=True)
    process.start()
    return process


def join_all(processes: Sequence[BaseProcess]) -> list[int | None]:
    """Their exit codes; a child that hangs is killed and has none."""
    codes = []
    for process in processes:
        process.join(60)
        codes.append(process.exitcode)
        process.kill()
        process.join()
        process.close()
    return codes


def add_seconds(start_at: datetime, *seconds: float) -> tuple[datetime, ...]:
    return tuple(start_at + timedelta(seconds=each) for each in seconds)


def _checkpoints(orders: ChildConfig) -> Callable[[str], None]:
    passed: Counter[str] = Counter()

    def checkpoint(name: str) -> None:
        passed[name] += 1
        if name == orders.signal_at and passed[name] == orders.occurrence:
            os.kill(os.getpid(), orders.signal_number)

    return checkpoint
