"""The stored catalogue: rows of the table, and the readings of it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import DLVM, CatalogueEdition, ImageFamily
from storage.tables import CatalogueEditionRow, ImageFamilyRow, OverrideRow, SourceRow, get_table

REVISION = """
SELECT 'revision' AS kind,
       coalesce(CAST((SELECT max(id) FROM catalogue_edition) AS VARCHAR), '')
       || ' ' || coalesce(CAST((SELECT polling_since FROM source WHERE product = :product) AS VARCHAR), '')
       || ' ' || coalesce(CAST((SELECT last_good_at FROM source WHERE product = :product) AS VARCHAR), '')
       || ' ' || (SELECT CAST(count(id) + count(ended_at) AS VARCHAR) FROM date_override) AS a,
       '' AS b
"""
"""Select one string (`a`) that changes whenever the data behind answers changes.

Counting is enough: readings and overrides are only added, and an override ends once.
"""

_GET_REVISION = sa.text(REVISION)
_GET_STATE = sa.select(
    sa.select(sa.func.max(CatalogueEditionRow.id)).scalar_subquery(),
    sa.select(col(SourceRow.polling_since)).where(col(SourceRow.product) == DLVM).scalar_subquery(),
    sa.select(col(SourceRow.last_good_at)).where(col(SourceRow.product) == DLVM).scalar_subquery(),
    sa.select(sa.func.count(col(OverrideRow.id)) + sa.func.count(col(OverrideRow.ended_at))).scalar_subquery(),
)

_FAMILIES, _READINGS = get_table(ImageFamilyRow), get_table(CatalogueEditionRow)
_LIST_ALL = sa.select(_FAMILIES).where(_FAMILIES.c.product == sa.bindparam("product")).order_by(_FAMILIES.c.position)
_FIND_LAST_READING = (
    sa.select(_READINGS).where(_READINGS.c.product == sa.bindparam("product")).order_by(_READINGS.c.id.desc()).limit(1)
)

_UNCHANGED = ("product", "family", "first_seen")
"""Columns that a later reading does not overwrite."""


def list_all(session: Session, product: str = DLVM) -> tuple[ImageFamily, ...]:
    """Return every row of a product, in page order."""
    rows = session.execute(_LIST_ALL, {"product": product})
    return tuple(ImageFamilyRow.decode(row) for row in rows)


def save(session: Session, families: Sequence[ImageFamily], reading: CatalogueEdition) -> None:
    """Store a reading and its rows. Rows that it lacks are kept."""
    for position, family in enumerate(families):
        seen = {"first_seen": reading.read_at, "last_seen": reading.read_at, "vanished_since": None}
        values = {**ImageFamilyRow.encode(family), **seen, "position": position}
        updated = {name: value for name, value in values.items() if name not in _UNCHANGED}
        insert = insert_into(session, ImageFamilyRow).values(**values)
        session.execute(insert.on_conflict_do_update(index_elements=["product", "family"], set_=updated))
    add_reading(session, reading)


def find_last_reading(session: Session, product: str = DLVM) -> CatalogueEdition | None:
    """Return the newest reading of a product, or None before the first."""
    row = session.execute(_FIND_LAST_READING, {"product": product}).first()
    return CatalogueEditionRow.decode(row) if row is not None else None


def get_revision(session: Session) -> str:
    """Return a string that changes whenever the stored catalogue changes, in any process."""
    return str(session.execute(_GET_REVISION, {"product": DLVM}).one().a)


def get_state(session: Session) -> tuple[tuple[int, int], datetime | None, datetime | None]:
    """Return the revision number, the time polling was turned on, and the time of the last good poll.

    The revision number counts readings, and overrides set and ended. It changes whenever a date might have.
    """
    reading_id, polling_since, last_good_at, override_count = session.execute(_GET_STATE).one()
    return (int(reading_id or 0), int(override_count)), polling_since, last_good_at


def list_vanished(session: Session, product: str = DLVM) -> frozenset[str]:
    """Return the names of the families that the page no longer lists."""
    query = select(ImageFamilyRow.family).filter_by(product=product)
    return frozenset(session.exec(query.where(col(ImageFamilyRow.vanished_since).is_not(None))))


def mark_vanished(session: Session, families: Sequence[str], now: datetime, product: str = DLVM) -> None:
    """Mark the families as no longer listed. Their rows are kept."""
    update = sa.update(ImageFamilyRow).filter_by(product=product, vanished_since=None)
    session.execute(update.where(col(ImageFamilyRow.family).in_(families)).values(vanished_since=now))


def add_reading(session: Session, reading: CatalogueEdition) -> None:
    """Store a reading that leaves the rows unchanged."""
    CatalogueEditionRow.store(session, reading)
