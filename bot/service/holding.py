"""The operator hears of what is held back of a page: of each thing by itself, or of many together."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.catalogue.validation.verdict import FIELD_TITLES
from bot.service.operator import channel
from bot.service.operator.channel import Operator
from storage import quarantine
from storage.facts import PAGE, Finding, Settled

TOPIC = "held"

MOST_ALONE = 8
"""Findings of one reading that each have a message with buttons; what is beyond them is told together."""


def announce(session: Session, whom: Operator, held: Sequence[Finding], url: str, now: datetime) -> None:
    """Tells what is held and was not before, in the transaction that stores it."""
    for one in held[:MOST_ALONE]:
        whom.tell(session, TOPIC, str(one.finding_id), sentence(one), now=now, finding_id=one.finding_id, url=url)
    rest = held[MOST_ALONE:]
    if rest:
        text = f"… and {len(rest)} more are held back of the same reading: `dlvm catalogue review` lists them."
        whom.tell(session, TOPIC, f"{rest[0].finding_id}-{rest[-1].finding_id}", text, now=now, url=url)


def over(session: Session, before: Sequence[Finding], now: datetime) -> None:
    """Has what waited and is no longer on the page drawn so."""
    for one in before:
        found = quarantine.find(session, one.finding_id)
        if found is not None and found.settled is Settled.GONE:
            channel.redraw(session, one.finding_id, now)


def sentence(one: Finding) -> str:
    """What is held back, and why."""
    return f"Held back of {title(one)}: {one.reason}."


def title(one: Finding) -> str:
    """What it is about: the whole page, or a cell of a row."""
    return "the whole page" if one.field == PAGE else f"{one.family}, {FIELD_TITLES.get(one.field, one.field)}"
