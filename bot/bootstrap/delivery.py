"""What acts, put together: it delivers reminders, decides, and sets dates by hand.

Apart from what answers, so that a question in the terminal does not import it.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable
from random import SystemRandom

from bot.bootstrap.core import build_default_schedule
from bot.service.catalogue.overrides import Overrides
from bot.service.decisions.actions import DecisionActions
from bot.service.decisions.migration_form import MigrationForms
from bot.service.delivery.loop import DeliveryLoop
from bot.service.delivery.ports import MessageHistory, Sender, SystemTimer
from bot.service.delivery.prepare import Preparer
from bot.service.delivery.settle import Settler
from bot.service.operator.channel import OperatorChannel
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings
from storage.database import Database
from storage.facts import Schedule


def build_overrides(database: Database, settings: Settings) -> Overrides:
    """What sets dates by hand, and ends what is over."""
    return Overrides(database, SnapshotCache(), build_default_schedule(settings))


def build_decisions(database: Database, default: Schedule) -> tuple[DecisionActions, MigrationForms]:
    """What people decide on reminders, and what they are asked before."""
    known = SnapshotCache()
    return DecisionActions(database, known, default), MigrationForms(database, known, default)


def build_delivery_loop(
    database: Database,
    settings: Settings,
    sender: Sender,
    history: MessageHistory,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> DeliveryLoop:
    """What plans and delivers reminders, under a name no other process has."""
    known, operator = SnapshotCache(), OperatorChannel(settings.dlvm_operator_channel)
    return DeliveryLoop(
        database,
        Planner(database, known),
        Preparer(known, build_default_schedule(settings), settings.dlvm_on_ambiguous, operator),
        Settler(SystemRandom(), operator=operator),
        (sender, history),
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        timer=SystemTimer(time.monotonic),
        checkpoint=checkpoint,
    )
