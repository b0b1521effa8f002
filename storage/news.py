"""What happened to versions in the table, other than that a date moved."""

from msgspec.structs import replace
from sqlmodel import Session

from storage.facts import CatalogueEvent
from storage.tables import CatalogueEventRow


def add(session: Session, event: CatalogueEvent) -> CatalogueEvent:
    """Records the event and numbers it."""
    row = CatalogueEventRow.of(event)
    session.add(row)
    session.flush()
    return replace(event, event_id=row.id or 0)


def find(session: Session, event_id: int) -> CatalogueEvent | None:
    """The event of that number."""
    row = session.get(CatalogueEventRow, event_id)
    return row.fact() if row is not None else None
