"""Messages as delivery composes them."""

from datetime import datetime

from msgspec.structs import replace

from bot.answers import ReminderMessage
from storage.database import Database
from tests.benchmarks.rig import Rig
from tests.service.driver import Driver, open_driver, utc

SUBSCRIBED_AT = utc("2026-04-01 10:00")
MONDAY = utc("2026-04-06 09:00")
DUE_AT = utc("2027-04-13 09:00")

MAX_LINES = 40
"""More lines than the catalogue has future dates."""


def build_typical_message(rig: Rig) -> ReminderMessage:
    """Build a message about one date of one version."""
    return _tick(rig, DUE_AT, "subscribe pytorch-2.7").sender.accepted[0]


def build_largest_message(rig: Rig) -> ReminderMessage:
    """Build a message with full and folded lines, a weekly summary and a mention."""
    reminder = _tick(rig, DUE_AT, "subscribe all").sender.accepted[0]
    sent = _tick(rig, MONDAY, "subscribe all", "settings weekly on").sender.accepted
    weekly = next(message.weekly for message in sent if message.weekly is not None)
    lines = tuple(replace(reminder.lines[n % len(reminder.lines)], version=f"pytorch-9.{n}") for n in range(MAX_LINES))
    return replace(reminder, lines=lines, weekly=weekly, mention="U0123")


def _tick(rig: Rig, now: datetime, *commands: str) -> Driver:
    driver = open_driver(Database(rig.create_database("messages")))
    for command in commands:
        driver.run(command, SUBSCRIBED_AT)
    driver.build_loop().tick(now)
    driver.database.close()
    return driver
