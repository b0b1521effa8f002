"""What acts, put together: it delivers reminders, decides, and sets dates by hand.

Apart from what answers, so that a question in the terminal does not import it.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable
from random import SystemRandom

from bot.bootstrap.core import default_schedule
from bot.service.catalogue.overrides import Overriding
from bot.service.decisions.actions import Deciding
from bot.service.decisions.migration_form import Migrating
from bot.service.delivery.loop import Delivery
from bot.service.delivery.ports import RealWatch
from bot.service.delivery.prepare import Preparing
from bot.service.delivery.settle import Settling
from bot.service.operator.channel import Operator
from bot.service.reaching import History, Sender
from bot.service.reminders.planning import Planning
from bot.service.versions.snapshot import KnownVersions
from bot.settings import Settings
from storage.database import Database
from storage.facts import Schedule


def overriding(database: Database, settings: Settings) -> Overriding:
    """What sets dates by hand, and ends what is over."""
    return Overriding(database, KnownVersions(), default_schedule(settings))


def deciding(database: Database, default: Schedule) -> tuple[Deciding, Migrating]:
    """What people decide on reminders, and what they are asked before."""
    known = KnownVersions()
    return Deciding(database, known, default), Migrating(database, known, default)


def delivering(
    database: Database,
    settings: Settings,
    sender: Sender,
    history: History,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Delivery:
    """What plans and delivers reminders, under a name no other process has."""
    known, operator = KnownVersions(), Operator(settings.dlvm_operator_channel)
    return Delivery(
        database,
        Planning(database, known),
        Preparing(known, default_schedule(settings), settings.dlvm_on_ambiguous, operator),
        Settling(SystemRandom(), operator=operator),
        (sender, history),
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
        watch=RealWatch(time.monotonic),
        checkpoint=checkpoint,
    )
