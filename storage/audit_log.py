"""The audit log: an entry for each change, written in the same transaction and never altered."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.facts import AuditEntry
from storage.tables import MAX_TEXT_LENGTH, AuditEntryRow


def add(session: Session, entry: AuditEntry) -> None:
    """Store the entry, with its values cut to the length that can be stored."""
    before, after = entry.before[:MAX_TEXT_LENGTH], entry.after[:MAX_TEXT_LENGTH]
    AuditEntryRow.store(session, replace(entry, before=before, after=after))


def list_for_channels(
    session: Session, workspace_id: str, channel_ids: Sequence[str], *, skip: int, limit: int
) -> tuple[AuditEntry, ...]:
    """Return the channels' entries, newest first. An empty channel id stands for the whole workspace."""
    query = (
        select(AuditEntryRow).filter_by(workspace_id=workspace_id).where(col(AuditEntryRow.channel_id).in_(channel_ids))
    )
    ordered = query.order_by(col(AuditEntryRow.id).desc())
    return tuple(row.to_fact() for row in session.exec(ordered.offset(skip).limit(limit)))
