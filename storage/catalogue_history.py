"""Every value that a row of the catalogue had, and for how long."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import DLVM, FormerValue, ImageFamily, Milestone
from storage.tables import FormerValueRow, checked

ROW = "row"
"""The field that says whether a row is listed."""
LISTED, VANISHED = "listed", "vanished"


def record(
    session: Session,
    families: Iterable[ImageFamily],
    now: datetime,
    *,
    seen: datetime,
    gone: Iterable[ImageFamily] = (),
) -> None:
    """Ends the values that are other ones now, as last seen at an instant, and begins the new ones."""
    said = [value for row in families for value in _values(row, now, LISTED)]
    said += [value for row in gone for value in _values(row, now, VANISHED)]
    products = {value.product for value in said}
    query = select(FormerValueRow).where(
        col(FormerValueRow.product).in_(products), col(FormerValueRow.last_seen).is_(None)
    )
    holding = {(row.product, row.family, row.field): row for row in session.exec(query)}
    for value in said:
        held = holding.get((value.product, value.family, value.field))
        if held is not None and (held.printed, held.value) == (value.printed, value.value):
            continue
        if held is not None:
            held.last_seen = max(seen, held.first_seen)
        session.add(value)
    session.flush()


def all(  # noqa: A001 - a verb of storage: `values.all`
    session: Session, product: str = DLVM, version: str = ""
) -> tuple[FormerValue, ...]:
    """What the rows of a version, or of all, said, oldest first."""
    query = select(FormerValueRow).where(FormerValueRow.product == product)
    if version:
        query = query.where(FormerValueRow.version == version)
    return tuple(row.fact() for row in session.exec(query.order_by(sa.asc("first_seen"), sa.asc("id"))))


def _values(row: ImageFamily, now: datetime, listed: str) -> Iterator[FormerValueRow]:
    said = {
        ROW: (row.family_as_printed, listed),
        "label": (row.label, row.label),
        "patch_version": (row.patch_version, row.patch_version),
        "accelerator": (row.accelerator, row.accelerator),
    }
    for milestone in Milestone:
        cell = row.date_of(milestone)
        said[milestone.value] = (cell.printed, cell.day.isoformat() if cell.day else "")
    for field, (printed, value) in said.items():
        yield FormerValueRow(
            product=row.product,
            version=row.version,
            family=row.family,
            field=field,
            printed=checked(printed),
            value=checked(value),
            source_url=row.source_url,
            first_seen=now,
        )
