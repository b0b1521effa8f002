"""Who changed what: written beside each change, never altered."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.facts import Change
from storage.tables import ChangeRow


def add(session: Session, change: Change) -> None:
    """Writes the change down."""
    session.add(ChangeRow.of(change))
    session.flush()


def of_channels(
    session: Session, workspace_id: str, channel_ids: Sequence[str], *, skip: int, limit: int
) -> tuple[Change, ...]:
    """What was changed in the channels, newest first; an empty id stands for the whole workspace."""
    query = select(ChangeRow).where(
        col(ChangeRow.workspace_id) == workspace_id, col(ChangeRow.channel_id).in_(channel_ids)
    )
    return tuple(row.fact() for row in session.exec(query.order_by(col(ChangeRow.id).desc()).offset(skip).limit(limit)))
