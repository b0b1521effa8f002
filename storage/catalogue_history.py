"""The history of the catalogue: values of its rows over time, moved dates, and other events."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import DLVM, CatalogueEvent, DateChange, HistoricalValue, ImageFamily, Milestone
from storage.tables import CatalogueEventRow, DateChangeRow, HistoricalValueRow, validate_text

ROW = "row"
"""The field that records whether a row is listed."""
LISTED, VANISHED = "listed", "vanished"


def record_values(
    session: Session,
    families: Iterable[ImageFamily],
    now: datetime,
    *,
    last_seen: datetime,
    vanished: Iterable[ImageFamily] = (),
) -> None:
    """Store each value that changed, and end the one before it as last seen at `last_seen`."""
    values = [value for row in families for value in _build_values(row, now, LISTED)]
    values += [value for row in vanished for value in _build_values(row, now, VANISHED)]
    products = {value.product for value in values}
    query = select(HistoricalValueRow).where(
        col(HistoricalValueRow.product).in_(products), col(HistoricalValueRow.last_seen).is_(None)
    )
    current = {(row.product, row.family, row.field): row for row in session.exec(query)}
    for value in values:
        before = current.get((value.product, value.family, value.field))
        if before is not None and (before.printed, before.value) == (value.printed, value.value):
            continue
        if before is not None:
            before.last_seen = max(last_seen, before.first_seen)
        session.add(value)
    session.flush()


def list_values(session: Session, product: str = DLVM, version: str = "") -> tuple[HistoricalValue, ...]:
    """Return all values of a version's rows, or of every row if no version is given, oldest first."""
    query = select(HistoricalValueRow).where(HistoricalValueRow.product == product)
    if version:
        query = query.where(HistoricalValueRow.version == version)
    return tuple(row.to_fact() for row in session.exec(query.order_by(sa.asc("first_seen"), sa.asc("id"))))


def add_date_change(session: Session, change: DateChange) -> DateChange:
    """Store the change. Return it with its id."""
    return DateChangeRow.store(session, change)


def find_date_change(session: Session, change_id: int) -> DateChange | None:
    """Return the change, or None if there is no such id."""
    row = session.get(DateChangeRow, change_id)
    return row.to_fact() if row is not None else None


def list_date_changes(session: Session, product: str, version: str) -> tuple[DateChange, ...]:
    """Return the changes of a version's dates, oldest first."""
    query = select(DateChangeRow).where(col(DateChangeRow.product) == product, col(DateChangeRow.version) == version)
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(DateChangeRow.id))))


def add_event(session: Session, event: CatalogueEvent) -> CatalogueEvent:
    """Store the event. Return it with its id."""
    return CatalogueEventRow.store(session, event)


def find_event(session: Session, event_id: int) -> CatalogueEvent | None:
    """Return the event, or None if there is no such id."""
    row = session.get(CatalogueEventRow, event_id)
    return row.to_fact() if row is not None else None


def _build_values(row: ImageFamily, now: datetime, listed: str) -> Iterator[HistoricalValueRow]:
    values = {
        ROW: (row.family_as_printed, listed),
        "label": (row.label, row.label),
        "patch_version": (row.patch_version, row.patch_version),
        "accelerator": (row.accelerator, row.accelerator),
    }
    for milestone in Milestone:
        cell = row.get_date(milestone)
        values[milestone.value] = (cell.printed, cell.day.isoformat() if cell.day else "")
    for field, (printed, value) in values.items():
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
