"""Messages as delivery composes them, for benchmarks to post and draw."""

from datetime import datetime

from msgspec.structs import replace

from bot.answers import ReminderMessage
from storage.database import Database
from tests.benchmarks.rig import Rig
from tests.service.driver import Desk, at, opened

BEGUN = at("2026-04-01 10:00")
MONDAY = at("2026-04-06 09:00")
DUE = at("2027-04-13 09:00")

MOST_LINES = 40
"""More dates than the table has ahead of any day."""


def ordinary(rig: Rig) -> ReminderMessage:
    """One date of one version."""
    return _desk_that_ticked(rig, DUE, "subscribe pytorch-2.7").sender.accepted[0]


def largest(rig: Rig) -> ReminderMessage:
    """All that one message can hold: dates in full, folded ones, a week's summary, and somebody named."""
    sent = _desk_that_ticked(rig, DUE, "subscribe all").sender.accepted[0]
    summary = _desk_that_ticked(rig, MONDAY, "subscribe all", "settings weekly on").sender.accepted
    weekly = next(message.weekly for message in summary if message.weekly is not None)
    lines = tuple(replace(sent.lines[n % len(sent.lines)], version=f"pytorch-9.{n}") for n in range(MOST_LINES))
    return replace(sent, lines=lines, weekly=weekly, mention="U0123")


def _desk_that_ticked(rig: Rig, now: datetime, *said: str) -> Desk:
    desk = opened(Database(rig.empty("making")))
    for text in said:
        desk.say(text, BEGUN)
    desk.delivery().tick(now)
    desk.database.close()
    return desk
