"""A child process that ticks at given times, and can be killed or stopped at a checkpoint."""

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
"""How many times faster than real time a fast child's timer runs: its lease expires within two seconds."""


@dataclass(frozen=True)
class ChildConfig:
    """Instructions for a child process."""

    database_url: str
    api_url: str
    moments: tuple[datetime, ...]
    on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND
    signal_at: str = ""
    """The checkpoint at which it sends itself a signal. Empty for none."""
    occurrence: int = 1
    """Which passage of the checkpoint sends the signal, from 1."""
    signal_number: int = signal.SIGKILL
    is_fast: bool = False
    is_terminable: bool = False
    """True if SIGTERM ends its tick gracefully."""


class FastTimer(SystemTimer):
    """A timer that runs faster than real time."""

    def __init__(self, speed: int) -> None:
        super().__init__(lambda: time.monotonic() * speed)
        self._speed = speed

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        super().wait(futures, seconds / self._speed)


def tick(config: ChildConfig) -> None:
    """Tick at each moment."""
    database = Database(config.database_url)
    sender = SlackSender(lambda _: f"xoxb-crash-{os.getpid()}", config.api_url, timeout=1 if config.is_fast else 10)
    conversations = ConversationsClient(lambda _: f"xoxb-crash-{os.getpid()}", config.api_url)
    snapshots = SnapshotCache()
    speed = SPEED if config.is_fast else 1
    delivery = DeliveryLoop(
        database,
        Planner(database, snapshots),
        Preparer(snapshots, Schedule(), config.on_ambiguous),
        Settler(Random(1)),
        (sender, conversations),
        owner=f"child-{os.getpid()}",
        timer=FastTimer(speed),
        checkpoint=_build_checkpoint(config),
    )
    if config.is_terminable:
        signal.signal(signal.SIGTERM, lambda *_: delivery.stop())
    for moment in config.moments:
        delivery.tick(moment)
    sender.close()
    conversations.close()
    database.close()


def start(config: ChildConfig) -> BaseProcess:
    """Fork a child from a server that has every import loaded and no threads."""
    process = get_context().Process(target=tick, args=(config,), daemon=True)
    process.start()
    return process


def join_all(processes: Sequence[BaseProcess]) -> list[int | None]:
    """Wait for the processes. Return their exit codes, or None for a child that hung and was killed."""
    codes = []
    for process in processes:
        process.join(60)
        codes.append(process.exitcode)
        process.kill()
        process.join()
        process.close()
    return codes


def add_seconds(start_at: datetime, *seconds: float) -> tuple[datetime, ...]:
    return tuple(start_at + timedelta(seconds=offset) for offset in seconds)


def _build_checkpoint(config: ChildConfig) -> Callable[[str], None]:
    passed: Counter[str] = Counter()

    def checkpoint(name: str) -> None:
        passed[name] += 1
        if name == config.signal_at and passed[name] == config.occurrence:
            os.kill(os.getpid(), config.signal_number)

    return checkpoint
