"""People who may not change a channel and asked somebody who may."""

from datetime import datetime

import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.facts import Asking
from storage.tables import AskingRow


def add(session: Session, asking: Asking) -> Asking:
    """Writes the asking down and numbers it."""
    row = AskingRow.of(asking)
    session.add(row)
    session.flush()
    return replace(asking, asking_id=row.id or 0)


def find(session: Session, workspace_id: str, asking_id: int) -> Asking | None:
    """The workspace's asking of that number."""
    query = select(AskingRow).where(col(AskingRow.id) == asking_id, col(AskingRow.workspace_id) == workspace_id)
    row = session.exec(query).one_or_none()
    return row.fact() if row is not None else None


def settle(session: Session, workspace_id: str, asking_id: int, now: datetime, *, granted: bool) -> bool:
    """Notes the answer; False where it was answered before."""
    done = session.execute(
        sa.update(AskingRow)
        .where(col(AskingRow.id) == asking_id, col(AskingRow.workspace_id) == workspace_id)
        .where(col(AskingRow.settled_at).is_(None))
        .values(settled_at=now, granted=granted)
        .returning(col(AskingRow.id))
    )
    return done.first() is not None


def waiting(session: Session, workspace_id: str, channel_id: str, asked_by: str, command: str) -> Asking | None:
    """What the person asked for in the same words and nobody has answered yet."""
    query = select(AskingRow).where(
        col(AskingRow.workspace_id) == workspace_id,
        col(AskingRow.channel_id) == channel_id,
        col(AskingRow.asked_by) == asked_by,
        col(AskingRow.command) == command,
        col(AskingRow.settled_at).is_(None),
    )
    row = session.exec(query.limit(1)).first()
    return row.fact() if row is not None else None
