"""What is held back of readings, and what people said of it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import DLVM, QuarantineEntry, Resolution
from storage.tables import QuarantineEntryRow

ANONYMOUS = "somebody in Slack"
"""Who settled something, once their workspace is erased."""


def list_open(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """What waits for a person's word, oldest first."""
    return _of(session, product, Resolution.OPEN)


def list_open_or_rejected(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """What the page says and is not believed: what waits for a person's word, and what was rejected."""
    return (*list_open(session, product), *_of(session, product, Resolution.REJECTED))


def list_accepted(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """What people let pass."""
    return _of(session, product, Resolution.ACCEPTED)


def list_all(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """Whatever was held back, oldest first."""
    query = select(QuarantineEntryRow).where(QuarantineEntryRow.product == product)
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(QuarantineEntryRow.id))))


def find(session: Session, entry_id: int) -> QuarantineEntry | None:
    """The finding of that number, as it stands now."""
    row = session.get(QuarantineEntryRow, entry_id, populate_existing=True)
    return row.to_fact() if row is not None else None


def sync(
    session: Session, product: str, entries: Sequence[QuarantineEntry], now: datetime
) -> tuple[QuarantineEntry, ...]:
    """Stores what a reading's gates hold and gives what is new of it; what the page no longer says is gone.

    What a person has rejected is not asked again while the page still says it.
    """
    known = {one.key: one for one in list_open_or_rejected(session, product)}
    said = {one.key: one for one in entries}
    for key, one in known.items():
        if key not in said:
            resolve(session, one.entry_id, Resolution.GONE, one.resolved_by, now)
    rows = [QuarantineEntryRow.from_fact(one) for key, one in said.items() if key not in known]
    session.add_all(rows)
    session.flush()
    return tuple(row.to_fact() for row in rows)


def resolve(session: Session, entry_id: int, resolution: Resolution, resolved_by: str, now: datetime) -> bool:
    """Notes what became of it; False where that is settled already."""
    still = [Resolution.OPEN, Resolution.REJECTED] if resolution is Resolution.GONE else [Resolution.OPEN]
    change = sa.update(QuarantineEntryRow).where(
        col(QuarantineEntryRow.id) == entry_id, col(QuarantineEntryRow.settled).in_(still)
    )
    done = session.execute(
        change.values(settled=resolution.value, settled_by=resolved_by, settled_at=now).returning(
            col(QuarantineEntryRow.id)
        )
    )
    return done.first() is not None


def anonymise(session: Session, workspace_id: str) -> None:
    """Takes out who of the workspace settled anything; that somebody did stays."""
    theirs = col(QuarantineEntryRow.settled_by).startswith(f"{workspace_id}/", autoescape=True)
    session.execute(sa.update(QuarantineEntryRow).where(theirs).values(settled_by=ANONYMOUS))


def _of(session: Session, product: str, settled: Resolution) -> tuple[QuarantineEntry, ...]:
    query = select(QuarantineEntryRow).where(
        QuarantineEntryRow.product == product, QuarantineEntryRow.settled == settled.value
    )
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(QuarantineEntryRow.id))))
