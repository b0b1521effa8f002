"""Dates that moved, as they were found."""

from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.facts import DateChange
from storage.tables import DateChangeRow


def add(session: Session, change: DateChange) -> DateChange:
    """Records the change and numbers it."""
    row = DateChangeRow.of(change)
    session.add(row)
    session.flush()
    return replace(change, change_id=row.id or 0)


def find(session: Session, change_id: int) -> DateChange | None:
    """The change of that number."""
    row = session.get(DateChangeRow, change_id)
    return row.fact() if row is not None else None


def of_version(session: Session, product: str, version: str) -> tuple[DateChange, ...]:
    """How the version's dates moved, oldest first."""
    query = select(DateChangeRow).where(col(DateChangeRow.product) == product, col(DateChangeRow.version) == version)
    return tuple(row.fact() for row in session.exec(query.order_by(col(DateChangeRow.id))))
