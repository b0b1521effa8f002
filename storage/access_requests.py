"""People who may not change a channel and asked somebody who may."""

from datetime import datetime

import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.facts import AccessRequest
from storage.tables import AccessRequestRow


def add(session: Session, request: AccessRequest) -> AccessRequest:
    """Writes the asking down and numbers it."""
    row = AccessRequestRow.from_fact(request)
    session.add(row)
    session.flush()
    return replace(request, request_id=row.id or 0)


def find(session: Session, workspace_id: str, request_id: int) -> AccessRequest | None:
    """The workspace's asking of that number."""
    query = select(AccessRequestRow).where(
        col(AccessRequestRow.id) == request_id, col(AccessRequestRow.workspace_id) == workspace_id
    )
    row = session.exec(query).one_or_none()
    return row.to_fact() if row is not None else None


def resolve(session: Session, workspace_id: str, request_id: int, now: datetime, *, granted: bool) -> bool:
    """Notes the answer; False where it was answered before."""
    done = session.execute(
        sa.update(AccessRequestRow)
        .where(col(AccessRequestRow.id) == request_id, col(AccessRequestRow.workspace_id) == workspace_id)
        .where(col(AccessRequestRow.settled_at).is_(None))
        .values(settled_at=now, granted=granted)
        .returning(col(AccessRequestRow.id))
    )
    return done.first() is not None


def find_open(
    session: Session, workspace_id: str, channel_id: str, requested_by: str, command: str
) -> AccessRequest | None:
    """What the person asked for in the same words and nobody has answered yet."""
    query = select(AccessRequestRow).where(
        col(AccessRequestRow.workspace_id) == workspace_id,
        col(AccessRequestRow.channel_id) == channel_id,
        col(AccessRequestRow.asked_by) == requested_by,
        col(AccessRequestRow.command) == command,
        col(AccessRequestRow.settled_at).is_(None),
    )
    row = session.exec(query.limit(1)).first()
    return row.to_fact() if row is not None else None
