"""Catalogue events: what a reading changed besides dates, stored and announced to subscribed channels."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bot.policy import changes
from bot.policy.dependencies import DependencyReplaced
from storage import catalogue_history, outbox
from storage.facts import CatalogueEvent, CatalogueReading, EventKind

YES = "yes"
"""Value of a detail that is true. A false one is left out."""

AnnouncedChange = (
    changes.RowsArrived | changes.DateFilledIn | changes.RowsVanished | changes.RowsReturned | DependencyReplaced
)

_KINDS: dict[type[AnnouncedChange], EventKind] = {
    changes.RowsArrived: EventKind.ARRIVED,
    changes.DateFilledIn: EventKind.FILLED_IN,
    changes.RowsVanished: EventKind.VANISHED,
    changes.RowsReturned: EventKind.RETURNED,
    DependencyReplaced: EventKind.DEPENDENCY_CHANGED,
}


def record(session: Session, changed: Iterable[changes.Event], reading: CatalogueReading, now: datetime) -> None:
    """Announce the changes of a reading. Moved dates are left to DateChangeRecorder."""
    for change in changed:
        if not isinstance(change, changes.DateMoved):
            announce(session, _build_event(change, reading, now), now)


def announce(session: Session, event: CatalogueEvent, now: datetime) -> CatalogueEvent:
    """Store the event, and announce it to every channel subscribed to its version. Return it with its ID."""
    stored = catalogue_history.add_event(session, event)
    outbox.announce_event(session, stored, now)
    return stored


def _build_event(change: AnnouncedChange, reading: CatalogueReading, now: datetime) -> CatalogueEvent:
    filled_in = change if isinstance(change, changes.DateFilledIn) else None
    return CatalogueEvent(
        event_id=0,
        product=change.product,
        framework=change.version.partition("-")[0],
        version=change.version,
        kind=_KINDS[type(change)],
        found_at=now,
        source_url=reading.source_url,
        families=change.families,
        milestone=filled_in.milestone if filled_in else None,
        day=filled_in.day if filled_in else None,
        details=_build_details(change),
    )


def _build_details(change: AnnouncedChange) -> dict[str, str]:
    match change:
        case changes.RowsArrived(is_new_version=True):
            return {"is_new_version": YES}
        case changes.RowsVanished(is_whole_version=True):
            return {"everywhere": YES}
        case DependencyReplaced():
            details = {"what": change.dependency.value, "before": change.before, "after": change.after}
            if change.replaced_families:
                details["instead_of"] = ",".join(change.replaced_families)
            return details
        case _:
            return {}
