"""Notes to the operator, and the messages that carry them."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.database import insert_into
from storage.facts import MessageKind, OperatorNote, OutboxEntry, OutboxState
from storage.tables import OperatorNoteRow, OutboxRow, strip_nul, validate_text


def add(
    session: Session,
    topic: str,
    key: str,
    text: str,
    now: datetime,
    *,
    quarantine_entry_id: int | None = None,
    url: str = "",
) -> OperatorNote | None:
    """Store a note and return it with its id, or None if topic and key were used before."""
    statement = insert_into(session, OperatorNoteRow).values(
        topic=validate_text(topic),
        key=validate_text(key),
        text=strip_nul(text),
        created_at=now,
        quarantine_entry_id=quarantine_entry_id,
        url=validate_text(url),
    )
    row = session.execute(statement.on_conflict_do_nothing().returning(OperatorNoteRow)).scalar_one_or_none()
    return row.to_fact() if row is not None else None


def find(session: Session, note_id: int) -> OperatorNote | None:
    """Return the note, or None if there is no such id."""
    row = session.get(OperatorNoteRow, note_id)
    return row.to_fact() if row is not None else None


def find_latest(session: Session, topic: str) -> OperatorNote | None:
    """Return the newest note of the topic, or None."""
    query = select(OperatorNoteRow).where(OperatorNoteRow.topic == topic).order_by(col(OperatorNoteRow.id).desc())
    row = session.exec(query.limit(1)).first()
    return row.to_fact() if row is not None else None


def list_since(session: Session, moment: datetime) -> tuple[OperatorNote, ...]:
    """Return the notes created at or after the moment, oldest first."""
    query = select(OperatorNoteRow).where(col(OperatorNoteRow.created_at) >= moment).order_by(col(OperatorNoteRow.id))
    return tuple(row.to_fact() for row in session.exec(query))


def list_for_quarantine_entry(session: Session, entry_id: int) -> tuple[OperatorNote, ...]:
    """Return the notes in which the entry can be accepted or rejected, oldest first."""
    query = select(OperatorNoteRow).where(col(OperatorNoteRow.quarantine_entry_id) == entry_id)
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(OperatorNoteRow.id))))


def list_messages_in_channel(
    session: Session, workspace_id: str, channel_id: str, notes: Iterable[OperatorNote]
) -> tuple[OutboxEntry, ...]:
    """Return the outbox entries of the notes in one channel, in any state."""
    query = _select_messages(notes).where(OutboxRow.workspace_id == workspace_id, OutboxRow.channel_id == channel_id)
    return tuple(row.to_fact() for row in session.exec(query))


def list_sent_messages(session: Session, notes: Iterable[OperatorNote]) -> tuple[OutboxEntry, ...]:
    """Return the sent outbox entries of the notes. Covers all workspaces."""
    query = _select_messages(notes).where(OutboxRow.state == OutboxState.SENT.value)
    return tuple(row.to_fact() for row in session.exec(query))


def _select_messages(notes: Iterable[OperatorNote]) -> SelectOfScalar[OutboxRow]:
    note_ids = [str(note.note_id) for note in notes]
    return (
        select(OutboxRow)
        .where(OutboxRow.kind == MessageKind.OPERATOR_NOTE.value, col(OutboxRow.subject).in_(note_ids))
        .order_by(col(OutboxRow.id))
    )
