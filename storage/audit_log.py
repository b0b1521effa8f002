"""Who changed what: written beside each change, never altered."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.facts import AuditEntry
from storage.tables import AuditEntryRow


def add(session: Session, entry: AuditEntry) -> None:
    """Writes the change down."""
    session.add(AuditEntryRow.from_fact(entry))
    session.flush()


def list_for_channels(
    session: Session, workspace_id: str, channel_ids: Sequence[str], *, skip: int, limit: int
) -> tuple[AuditEntry, ...]:
    """What was changed in the channels, newest first; an empty id stands for the whole workspace."""
    query = select(AuditEntryRow).where(
        col(AuditEntryRow.workspace_id) == workspace_id, col(AuditEntryRow.channel_id).in_(channel_ids)
    )
    return tuple(
        row.to_fact() for row in session.exec(query.order_by(col(AuditEntryRow.id).desc()).offset(skip).limit(limit))
    )
