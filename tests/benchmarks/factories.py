"""Messages as delivery composes them, for benchmarks to post and draw."""

from datetime import datetime

from msgspec.structs import replace

from bot.answers import ReminderMessage
from storage.database import Database
from tests.benchmarks.rig import Rig
from tests.service.driver import Driver, open_driver, utc

SUBSCRIBED_AT = utc("2026-04-01 10:00")
MONDAY = utc("2026-04-06 09:00")
DUE = utc("2027-04-13 09:00")

MAX_LINES = 40
"""More dates than the table has ahead of any day."""


def build_typical_message(rig: Rig) -> ReminderMessage:
    """One date of one version."""
    return _tick(rig, DUE, "subscribe pytorch-2.7").sender.accepted[0]


def build_largest_message(rig: Rig) -> ReminderMessage:
    """All that one message can hold: dates in full, folded ones, a week's summary, and somebody named."""
    sent = _tick(rig, DUE, "subscribe all").sender.accepted[0]
    summary = _tick(rig, MONDAY, "subscribe all", "settings weekly on").sender.accepted
    weekly = next(message.weekly for message in summary if message.weekly is not None)
    lines = tuple(replace(sent.lines[n % len(sent.lines)], version=f"pytorch-9.{n}") for n in range(MAX_LINES))
    return replace(sent, lines=lines, weekly=weekly, mention="U0123")


def _tick(rig: Rig, now: datetime, *said: str) -> Driver:
    desk = open_driver(Database(rig.create_database("making")))
    for text in said:
        desk.run(text, SUBSCRIBED_AT)
    desk.build_loop().tick(now)
    desk.database.close()
    return desk
