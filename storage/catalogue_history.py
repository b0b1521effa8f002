"""Every value that a row of the catalogue had, and for how long."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.facts import DLVM, CatalogueEvent, DateChange, HistoricalValue, ImageFamily, Milestone
from storage.tables import CatalogueEventRow, DateChangeRow, HistoricalValueRow, validate_text

ROW = "row"
"""The field that says whether a row is listed."""
LISTED, VANISHED = "listed", "vanished"


def record_values(
    session: Session,
    families: Iterable[ImageFamily],
    now: datetime,
    *,
    last_seen: datetime,
    vanished: Iterable[ImageFamily] = (),
) -> None:
    """Ends the values that are other ones now, as last seen at an instant, and begins the new ones."""
    said = [value for row in families for value in _values(row, now, LISTED)]
    said += [value for row in vanished for value in _values(row, now, VANISHED)]
    products = {value.product for value in said}
    query = select(HistoricalValueRow).where(
        col(HistoricalValueRow.product).in_(products), col(HistoricalValueRow.last_seen).is_(None)
    )
    holding = {(row.product, row.family, row.field): row for row in session.exec(query)}
    for value in said:
        held = holding.get((value.product, value.family, value.field))
        if held is not None and (held.printed, held.value) == (value.printed, value.value):
            continue
        if held is not None:
            held.last_seen = max(last_seen, held.first_seen)
        session.add(value)
    session.flush()


def list_values(session: Session, product: str = DLVM, version: str = "") -> tuple[HistoricalValue, ...]:
    """What the rows of a version, or of all, said, oldest first."""
    query = select(HistoricalValueRow).where(HistoricalValueRow.product == product)
    if version:
        query = query.where(HistoricalValueRow.version == version)
    return tuple(row.to_fact() for row in session.exec(query.order_by(sa.asc("first_seen"), sa.asc("id"))))


def _values(row: ImageFamily, now: datetime, listed: str) -> Iterator[HistoricalValueRow]:
    said = {
        ROW: (row.family_as_printed, listed),
        "label": (row.label, row.label),
        "patch_version": (row.patch_version, row.patch_version),
        "accelerator": (row.accelerator, row.accelerator),
    }
    for milestone in Milestone:
        cell = row.get_date(milestone)
        said[milestone.value] = (cell.printed, cell.day.isoformat() if cell.day else "")
    for field, (printed, value) in said.items():
        yield HistoricalValueRow(
            product=row.product,
            version=row.version,
            family=row.family,
            field=field,
            printed=validate_text(printed),
            value=validate_text(value),
            source_url=row.source_url,
            first_seen=now,
        )


def add_date_change(session: Session, change: DateChange) -> DateChange:
    """Records the change and numbers it."""
    row = DateChangeRow.from_fact(change)
    session.add(row)
    session.flush()
    return replace(change, change_id=row.id or 0)


def find_date_change(session: Session, change_id: int) -> DateChange | None:
    """The change of that number."""
    row = session.get(DateChangeRow, change_id)
    return row.to_fact() if row is not None else None


def list_date_changes(session: Session, product: str, version: str) -> tuple[DateChange, ...]:
    """How the version's dates moved, oldest first."""
    query = select(DateChangeRow).where(col(DateChangeRow.product) == product, col(DateChangeRow.version) == version)
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(DateChangeRow.id))))


def add_event(session: Session, event: CatalogueEvent) -> CatalogueEvent:
    """Records the event and numbers it."""
    row = CatalogueEventRow.from_fact(event)
    session.add(row)
    session.flush()
    return replace(event, event_id=row.id or 0)


def find_event(session: Session, event_id: int) -> CatalogueEvent | None:
    """The event of that number."""
    row = session.get(CatalogueEventRow, event_id)
    return row.to_fact() if row is not None else None
