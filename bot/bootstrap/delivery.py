"""The delivery of reminders, and overrides of dates."""

import os
import secrets
import socket
import time
from collections.abc import Callable
from random import SystemRandom

from bot.bootstrap.core import build_default_schedule
from bot.service.catalogue.overrides import Overrides
from bot.service.delivery.loop import DeliveryLoop
from bot.service.delivery.ports import MessageHistory, Sender, SystemTimer
from bot.service.delivery.prepare import Preparer
from bot.service.delivery.settle import Settler
from bot.service.operator.channel import OperatorChannel
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings
from storage.database import Database


def build_overrides(database: Database, settings: Settings) -> Overrides:
    """Return the use cases for overriding dates."""
    return Overrides(database, SnapshotCache(), build_default_schedule(settings))


def build_delivery_loop(
    database: Database,
    settings: Settings,
    sender: Sender,
    history: MessageHistory,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> DeliveryLoop:
    """Return the loop that plans and delivers reminders, under an owner name unique to this process."""
    snapshots, operator = SnapshotCache(), OperatorChannel(settings.dlvm_operator_channel)
    return DeliveryLoop(
        database,
        Planner(database, snapshots),
        Preparer(snapshots, build_default_schedule(settings), settings.dlvm_on_ambiguous, operator),
        Settler(SystemRandom(), operator=operator),
        (sender, history),
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        timer=SystemTimer(time.monotonic),
        checkpoint=checkpoint,
    )
