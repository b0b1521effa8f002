"""Overrides of dates. They are kept for good, and active until they have an end."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.facts import DLVM, Override
from storage.tables import OverrideRow, validate_text


def add(session: Session, override: Override) -> Override:
    """Store the override. Return it with its id."""
    return OverrideRow.store(session, override)


def list_active(session: Session, product: str = DLVM) -> tuple[Override, ...]:
    """Return the active overrides, oldest first."""
    return _list(session, select(OverrideRow).filter_by(product=product, ended_at=None))


def list_all(session: Session, product: str = DLVM, version: str = "") -> tuple[Override, ...]:
    """Return all overrides of a version, or of every version if none is given, oldest first."""
    query = select(OverrideRow).where(OverrideRow.product == product)
    return _list(session, query.where(OverrideRow.version == version) if version else query)


def list_expired(session: Session, today: date, product: str = DLVM) -> tuple[Override, ...]:
    """Return the overrides that are still active although their last day has passed, oldest first."""
    active = select(OverrideRow).filter_by(product=product, ended_at=None)
    return _list(session, active.where(col(OverrideRow.until) < today))


def end(session: Session, override_ids: Collection[int], now: datetime, reason: str) -> tuple[Override, ...]:
    """End the overrides that are still active. Return those this call ended, oldest first."""
    update = sa.update(OverrideRow).where(col(OverrideRow.id).in_(override_ids), col(OverrideRow.ended_at).is_(None))
    ended = update.values(ended_at=now, end_reason=validate_text(reason)).returning(col(OverrideRow.id))
    return list_by_ids(session, list(session.execute(ended).scalars()))


def list_by_ids(session: Session, override_ids: Collection[int]) -> tuple[Override, ...]:
    """Return the overrides as currently stored, oldest first."""
    query = select(OverrideRow).where(col(OverrideRow.id).in_(override_ids))
    return _list(session, query.execution_options(populate_existing=True))


def mark_announced(session: Session, override_id: int, upstream: str) -> None:
    """Store the page's dates as the ones last announced."""
    update = sa.update(OverrideRow).filter_by(id=override_id)
    session.execute(update.values(announced_upstream=validate_text(upstream)))


def _list(session: Session, query: SelectOfScalar[OverrideRow]) -> tuple[Override, ...]:
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(OverrideRow.id))))
