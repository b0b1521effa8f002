"""Requests from people without permission to people who can grant it."""

from datetime import datetime

import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import Session, col, select

from storage.facts import AccessRequest
from storage.tables import AccessRequestRow


def add(session: Session, request: AccessRequest) -> AccessRequest:
    """Store the request. Return it with its id."""
    row = AccessRequestRow.from_fact(request)
    session.add(row)
    session.flush()
    return replace(request, request_id=row.id or 0)


def find(session: Session, workspace_id: str, request_id: int) -> AccessRequest | None:
    """Return the request, or None if the workspace has no such request."""
    query = select(AccessRequestRow).where(
        col(AccessRequestRow.id) == request_id, col(AccessRequestRow.workspace_id) == workspace_id
    )
    row = session.exec(query).one_or_none()
    return row.to_fact() if row is not None else None


def resolve(session: Session, workspace_id: str, request_id: int, now: datetime, *, granted: bool) -> bool:
    """Store the answer. Return False if the request was already answered."""
    result = session.execute(
        sa.update(AccessRequestRow)
        .where(col(AccessRequestRow.id) == request_id, col(AccessRequestRow.workspace_id) == workspace_id)
        .where(col(AccessRequestRow.resolved_at).is_(None))
        .values(resolved_at=now, granted=granted)
        .returning(col(AccessRequestRow.id))
    )
    return result.first() is not None


def find_open(
    session: Session, workspace_id: str, channel_id: str, requested_by: str, command: str
) -> AccessRequest | None:
    """Return the user's unanswered request for exactly this command, or None."""
    query = select(AccessRequestRow).where(
        col(AccessRequestRow.workspace_id) == workspace_id,
        col(AccessRequestRow.channel_id) == channel_id,
        col(AccessRequestRow.requested_by) == requested_by,
        col(AccessRequestRow.command) == command,
        col(AccessRequestRow.resolved_at).is_(None),
    )
    row = session.exec(query.limit(1)).first()
    return row.to_fact() if row is not None else None
