"""What a reading brought about, recorded and put on its way to the channels; dates that moved go a way of their own."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bot.policy import changes
from bot.policy.dependencies import Replaced
from storage import news, outbox
from storage.facts import CatalogueEvent, CatalogueReading, EventKind

YES = "yes"
"""A detail that holds; one that does not is left out."""


def tell(session: Session, found: Iterable[changes.Event], reading: CatalogueReading, now: datetime) -> int:
    """Records each event, and has every channel that watches its version told; how many tellings that makes."""
    facts = (fact(event, reading, now) for event in found if not isinstance(event, changes.Move))
    return sum(outbox.announce(session, news.add(session, each), now) for each in facts)


Told = changes.Arrival | changes.FilledIn | changes.Vanished | changes.Returned | Replaced
"""What is told as news."""


def fact(event: Told, reading: CatalogueReading, now: datetime) -> CatalogueEvent:
    """The event as it is stored, without its number."""
    filled = event if isinstance(event, changes.FilledIn) else None
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
        details=_details(event),
    )


_KINDS: dict[type[Told], EventKind] = {
    changes.Arrival: EventKind.ARRIVED,
    changes.FilledIn: EventKind.FILLED_IN,
    changes.Vanished: EventKind.VANISHED,
    changes.Returned: EventKind.RETURNED,
    Replaced: EventKind.REPLACED,
}


def _details(event: Told) -> dict[str, str]:
    match event:
        case changes.Arrival(is_new_version=True):
            return {"is_new_version": YES}
        case changes.Vanished(everywhere=True):
            return {"everywhere": YES}
        case Replaced():
            found = {"what": event.dependency.value, "before": event.before, "after": event.after}
            return found | ({"instead_of": ",".join(event.instead_of)} if event.instead_of else {})
        case _:
            return {}
