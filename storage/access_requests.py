"""Requests from people without permission to people who can grant it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import AccessRequest
from storage.tables import AccessRequestRow


def add(session: Session, request: AccessRequest) -> AccessRequest:
    """Store the request. Return it with its id."""
    return AccessRequestRow.store(session, request)


def find(session: Session, workspace_id: str, request_id: int) -> AccessRequest | None:
    """Return the request, or None if the workspace has no such request."""
    row = session.exec(select(AccessRequestRow).filter_by(id=request_id, workspace_id=workspace_id)).one_or_none()
    return row.to_fact() if row is not None else None


def resolve(session: Session, workspace_id: str, request_id: int, now: datetime, *, granted: bool) -> bool:
    """Store the answer. Return False if the request was already answered."""
    update = sa.update(AccessRequestRow).filter_by(id=request_id, workspace_id=workspace_id, resolved_at=None)
    values = {"resolved_at": now, "granted": granted}
    return session.execute(update.values(values).returning(col(AccessRequestRow.id))).first() is not None


def find_open(
    session: Session, workspace_id: str, channel_id: str, requested_by: str, command: str
) -> AccessRequest | None:
    """Return the user's unanswered request for exactly this command, or None."""
    query = select(AccessRequestRow).filter_by(
        workspace_id=workspace_id, channel_id=channel_id, requested_by=requested_by, command=command, resolved_at=None
    )
    row = session.exec(query.limit(1)).first()
    return row.to_fact() if row is not None else None
