"""What happened to versions in the table, other than that a date moved."""

from dataclasses import replace

from sqlmodel import Session, col, select

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


def of_version(session: Session, product: str, version: str) -> tuple[CatalogueEvent, ...]:
    """What happened to the version, oldest first."""
    query = select(CatalogueEventRow).where(
        col(CatalogueEventRow.product) == product, col(CatalogueEventRow.version) == version
    )
    return tuple(row.fact() for row in session.exec(query.order_by(col(CatalogueEventRow.id))))
