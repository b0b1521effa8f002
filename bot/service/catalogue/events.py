"""What a reading brought about, recorded and put on its way to the channels; dates that moved go a way of their own."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bot.policy import changes
from bot.policy.dependencies import DependencyReplaced
from storage import catalogue_history, outbox
from storage.facts import CatalogueEvent, CatalogueReading, EventKind

YES = "yes"
"""A detail that holds; one that does not is left out."""


def record(session: Session, changed: Iterable[changes.Event], reading: CatalogueReading, now: datetime) -> int:
    """Records each event, and has every channel that watches its version told; how many tellings that makes."""
    facts = (build_event(event, reading, now) for event in changed if not isinstance(event, changes.DateMoved))
    return sum(outbox.announce_event(session, catalogue_history.add_event(session, each), now) for each in facts)


AnnouncedChange = (
    changes.RowsArrived | changes.DateFilledIn | changes.RowsVanished | changes.RowsReturned | DependencyReplaced
)
"""What is told as news."""


def build_event(event: AnnouncedChange, reading: CatalogueReading, now: datetime) -> CatalogueEvent:
    """The event as it is stored, without its number."""
    filled = event if isinstance(event, changes.DateFilledIn) else None
    return CatalogueEvent(
        event_id=0,
        product=event.product,
        framework=event.version.partition("-")[0],
        version=event.version,
        kind=_KINDS[type(event)],
        found_at=now,
        source_url=reading.source_url,
        families=event.families,
        milestone=filled.milestone if filled else None,
        day=filled.day if filled else None,
        details=_build_details(event),
    )


_KINDS: dict[type[AnnouncedChange], EventKind] = {
    changes.RowsArrived: EventKind.ARRIVED,
    changes.DateFilledIn: EventKind.FILLED_IN,
    changes.RowsVanished: EventKind.VANISHED,
    changes.RowsReturned: EventKind.RETURNED,
    DependencyReplaced: EventKind.DEPENDENCY_CHANGED,
}


def _build_details(event: AnnouncedChange) -> dict[str, str]:
    match event:
        case changes.RowsArrived(is_new_version=True):
            return {"is_new_version": YES}
        case changes.RowsVanished(is_whole_version=True):
            return {"everywhere": YES}
        case DependencyReplaced():
            found = {"what": event.dependency.value, "before": event.before, "after": event.after}
            return found | ({"instead_of": ",".join(event.replaced_families)} if event.replaced_families else {})
        case _:
            return {}
