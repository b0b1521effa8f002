"""The catalogue as stored: rows of the table, and each reading of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import DLVM, CatalogueReading, ImageFamily
from storage.tables import CatalogueReadingRow, ImageFamilyRow, OverrideRow, SourceRow, get_table

REVISION = """
SELECT 'mark' AS what,
       coalesce(CAST((SELECT max(id) FROM catalogue_reading) AS VARCHAR), '')
       || ' ' || coalesce(CAST((SELECT watched_since FROM source WHERE product = :product) AS VARCHAR), '')
       || ' ' || coalesce(CAST((SELECT good_at FROM source WHERE product = :product) AS VARCHAR), '')
       || ' ' || (SELECT CAST(count(id) + count(ended_at) AS VARCHAR) FROM date_override) AS a,
       '' AS b
"""
"""One text (`a`) that is another one whenever anything changed that answers are made of.

Readings and dates set by hand are only added, and ended once.
"""

_MARK = sa.text(REVISION)
_REVISION = sa.text("SELECT max(id) FROM catalogue_reading")
_STANDING = sa.select(
    sa.select(sa.func.max(CatalogueReadingRow.id)).scalar_subquery(),
    sa.select(col(SourceRow.watched_since)).where(col(SourceRow.product) == DLVM).scalar_subquery(),
    sa.select(col(SourceRow.good_at)).where(col(SourceRow.product) == DLVM).scalar_subquery(),
    sa.select(sa.func.count(col(OverrideRow.id)) + sa.func.count(col(OverrideRow.ended_at))).scalar_subquery(),
)

_FAMILIES, _READINGS = get_table(ImageFamilyRow), get_table(CatalogueReadingRow)
_ALL = sa.select(_FAMILIES).where(_FAMILIES.c.product == sa.bindparam("product")).order_by(_FAMILIES.c.position)
_LAST_READING = (
    sa.select(_READINGS).where(_READINGS.c.product == sa.bindparam("product")).order_by(_READINGS.c.id.desc()).limit(1)
)

_KEPT = ("product", "family", "first_seen")
"""Columns that a later reading leaves as they are."""


def list_all(session: Session, product: str = DLVM) -> tuple[ImageFamily, ...]:
    """Every row of a product, in the page's order."""
    rows: Any = session.execute(_ALL, {"product": product})
    return tuple(ImageFamilyRow.to_fact(row) for row in rows)


def save(session: Session, families: Sequence[ImageFamily], reading: CatalogueReading) -> None:
    """Stores the rows of a reading; rows that it lacks stay as they were, for rows are never deleted."""
    for position, family in enumerate(families):
        values = ImageFamilyRow.build_values(family, position, reading.read_at)
        session.execute(
            insert_into(session, ImageFamilyRow)
            .values(**values)
            .on_conflict_do_update(
                index_elements=["product", "family"],
                set_={name: value for name, value in values.items() if name not in _KEPT},
            )
        )
    add_reading(session, reading)


def find_last_reading(session: Session, product: str = DLVM) -> CatalogueReading | None:
    """The newest reading of a product."""
    row: Any = session.execute(_LAST_READING, {"product": product}).first()
    return CatalogueReadingRow.to_fact(row) if row is not None else None


def get_reading_id(session: Session) -> int:
    """A number that is another one whenever the catalogue was read anew; 0 while it is empty."""
    return int(session.execute(_REVISION).scalar() or 0)


def get_revision(session: Session) -> str:
    """By what any process tells whether the catalogue that it holds in memory is still the stored one."""
    return str(session.execute(_MARK, {"product": DLVM}).one().a)


def get_state(session: Session) -> tuple[tuple[int, int], datetime | None, datetime | None]:
    """The revision, since when the page is fetched, and when it was last well read.

    The revision counts readings, and the dates set by hand and ended: another one wherever dates may be others.
    """
    found, watched_since, good_at, by_hand = session.execute(_STANDING).one()
    return (int(found or 0), int(by_hand)), watched_since, good_at


def list_vanished(session: Session, product: str = DLVM) -> frozenset[str]:
    """The families that the page no longer lists."""
    query = select(ImageFamilyRow.family).where(
        ImageFamilyRow.product == product, col(ImageFamilyRow.absent_since).is_not(None)
    )
    return frozenset(session.exec(query))


def mark_vanished(session: Session, families: Sequence[str], now: datetime, product: str = DLVM) -> None:
    """Notes that the page lists the families no more; their rows stay."""
    change = sa.update(ImageFamilyRow).where(
        col(ImageFamilyRow.product) == product, col(ImageFamilyRow.family).in_(families)
    )
    session.execute(change.where(col(ImageFamilyRow.absent_since).is_(None)).values(absent_since=now))


def add_reading(session: Session, reading: CatalogueReading) -> None:
    """Stores that the page was read and says the same as before, as of another day."""
    session.add(CatalogueReadingRow.from_fact(reading))
    session.flush()
