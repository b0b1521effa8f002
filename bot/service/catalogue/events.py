"""Catalogue events: what a reading changed besides dates, stored and announced to subscribed channels."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bot.policy.changes import DateMoved, Event
from storage import catalogue_history, outbox
from storage.facts import CatalogueChange, CatalogueEvent


def record(session: Session, changes: Iterable[Event], source_url: str, now: datetime) -> None:
    """Announce the changes of a reading. Moved dates are left to DateChangeRecorder."""
    for change in changes:
        if not isinstance(change, DateMoved):
            announce(session, change, source_url, now)


def announce(session: Session, change: CatalogueChange, source_url: str, now: datetime) -> None:
    """Store the change, and announce it to every channel subscribed to its version."""
    event = catalogue_history.add_event(session, CatalogueEvent(0, now, source_url, change))
    outbox.announce_event(session, event, now)
