"""Dates set by hand: kept for ever, in force until they have an end."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.facts import DLVM, Override
from storage.tables import OverrideRow, validate_text


def add(session: Session, override: Override) -> Override:
    """Puts a date set by hand in force, and numbers it."""
    row = OverrideRow.from_fact(override)
    session.add(row)
    session.flush()
    return replace(override, override_id=row.id or 0)


def list_active(session: Session, product: str = DLVM) -> tuple[Override, ...]:
    """What holds now, oldest first."""
    query = select(OverrideRow).where(OverrideRow.product == product, col(OverrideRow.ended_at).is_(None))
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(OverrideRow.id))))


def list_all(session: Session, product: str = DLVM, version: str = "") -> tuple[Override, ...]:
    """What was ever set by hand, of a version or of all, oldest first."""
    query = select(OverrideRow).where(OverrideRow.product == product)
    if version:
        query = query.where(OverrideRow.version == version)
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(OverrideRow.id))))


def list_expired(session: Session, today: date, product: str = DLVM) -> tuple[Override, ...]:
    """What holds still although its last day is behind."""
    query = select(OverrideRow).where(OverrideRow.product == product, col(OverrideRow.ended_at).is_(None))
    query = query.where(col(OverrideRow.until) < today)
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(OverrideRow.id))))


def end(session: Session, override_ids: Collection[int], now: datetime, reason: str) -> tuple[Override, ...]:
    """Ends those of them that are in force, and gives these, oldest first; whoever ends one first has ended it."""
    change = sa.update(OverrideRow).where(col(OverrideRow.id).in_(override_ids), col(OverrideRow.ended_at).is_(None))
    done = session.execute(change.values(ended_at=now, ended_why=validate_text(reason)).returning(col(OverrideRow.id)))
    return list_by_ids(session, [number for (number,) in done.all()])


def list_by_ids(session: Session, override_ids: Collection[int]) -> tuple[Override, ...]:
    """Those of the numbers as they are stored now, oldest first."""
    query = select(OverrideRow).where(col(OverrideRow.id).in_(override_ids)).order_by(col(OverrideRow.id))
    return tuple(row.to_fact() for row in session.exec(query.execution_options(populate_existing=True)))


def mark_announced(session: Session, override_id: int, upstream: str) -> None:
    """Notes what the page says, as people have heard of it now."""
    change = sa.update(OverrideRow).where(col(OverrideRow.id) == override_id)
    session.execute(change.values(upstream=validate_text(upstream)))
