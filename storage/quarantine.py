"""What is held back of readings, and what people said of it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import DLVM, Finding, Settled
from storage.tables import FindingRow

SOMEBODY = "somebody in Slack"
"""Who settled something, once their workspace is erased."""


def open_ones(session: Session, product: str = DLVM) -> tuple[Finding, ...]:
    """What waits for a person's word, oldest first."""
    return _of(session, product, Settled.OPEN)


def doubted(session: Session, product: str = DLVM) -> tuple[Finding, ...]:
    """What the page says and is not believed: what waits for a person's word, and what was rejected."""
    return (*open_ones(session, product), *_of(session, product, Settled.REJECTED))


def accepted(session: Session, product: str = DLVM) -> tuple[Finding, ...]:
    """What people let pass."""
    return _of(session, product, Settled.ACCEPTED)


def all(session: Session, product: str = DLVM) -> tuple[Finding, ...]:  # noqa: A001 - a verb of storage: `findings.all`
    """Whatever was held back, oldest first."""
    query = select(FindingRow).where(FindingRow.product == product)
    return tuple(row.fact() for row in session.exec(query.order_by(col(FindingRow.id))))


def find(session: Session, finding_id: int) -> Finding | None:
    """The finding of that number, as it stands now."""
    row = session.get(FindingRow, finding_id, populate_existing=True)
    return row.fact() if row is not None else None


def keep(session: Session, product: str, found: Sequence[Finding], now: datetime) -> tuple[Finding, ...]:
    """Stores what a reading's gates hold and gives what is new of it; what the page no longer says is gone.

    What a person has rejected is not asked again while the page still says it.
    """
    known = {one.key: one for one in doubted(session, product)}
    said = {one.key: one for one in found}
    for key, one in known.items():
        if key not in said:
            settle(session, one.finding_id, Settled.GONE, one.settled_by, now)
    rows = [FindingRow.of(one) for key, one in said.items() if key not in known]
    session.add_all(rows)
    session.flush()
    return tuple(row.fact() for row in rows)


def settle(session: Session, finding_id: int, settled: Settled, who: str, now: datetime) -> bool:
    """Notes what became of it; False where that is settled already."""
    still = [Settled.OPEN, Settled.REJECTED] if settled is Settled.GONE else [Settled.OPEN]
    change = sa.update(FindingRow).where(col(FindingRow.id) == finding_id, col(FindingRow.settled).in_(still))
    done = session.execute(
        change.values(settled=settled.value, settled_by=who, settled_at=now).returning(col(FindingRow.id))
    )
    return done.first() is not None


def forget_people(session: Session, workspace_id: str) -> None:
    """Takes out who of the workspace settled anything; that somebody did stays."""
    theirs = col(FindingRow.settled_by).startswith(f"{workspace_id}/", autoescape=True)
    session.execute(sa.update(FindingRow).where(theirs).values(settled_by=SOMEBODY))


def _of(session: Session, product: str, settled: Settled) -> tuple[Finding, ...]:
    query = select(FindingRow).where(FindingRow.product == product, FindingRow.settled == settled.value)
    return tuple(row.fact() for row in session.exec(query.order_by(col(FindingRow.id))))
