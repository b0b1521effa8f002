"""The workspaces the bot is installed in."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import Workspace
from storage.tables import WorkspaceRow, get_table

_WORKSPACES = get_table(WorkspaceRow)
_FIND = sa.select(_WORKSPACES).where(_WORKSPACES.c.workspace_id == sa.bindparam("workspace_id"))
_LIST_ALL = sa.select(_WORKSPACES).order_by(_WORKSPACES.c.workspace_id)


def find(session: Session, workspace_id: str) -> Workspace | None:
    """Return the workspace, or None if it is not stored."""
    row = session.execute(_FIND, {"workspace_id": workspace_id}).one_or_none()
    return WorkspaceRow.decode(row) if row is not None else None


def list_all(session: Session) -> tuple[Workspace, ...]:
    """Return every workspace, by id."""
    rows = session.execute(_LIST_ALL)
    return tuple(WorkspaceRow.decode(row) for row in rows)


def save(session: Session, workspace: Workspace) -> None:
    """Store the workspace, replacing what was stored before."""
    session.merge(WorkspaceRow.from_fact(workspace))
    session.flush()


def suspend(session: Session, workspace_id: str, now: datetime, reason: str) -> bool:
    """Mark the workspace as suspended, because Slack refuses its installation. Return False if it already is."""
    insert = insert_into(session, WorkspaceRow).values(WorkspaceRow.encode(Workspace(workspace_id)))
    session.execute(insert.on_conflict_do_nothing(index_elements=["workspace_id"]))
    update = sa.update(WorkspaceRow).filter_by(workspace_id=workspace_id, suspended_since=None)
    suspended = update.values(suspended_since=now, suspended_reason=reason[:200])
    return session.execute(suspended.returning(col(WorkspaceRow.workspace_id))).first() is not None


def restore(session: Session, workspace_id: str) -> bool:
    """End the workspace's suspension. Return False if it was not suspended."""
    result = session.execute(
        sa.update(WorkspaceRow)
        .where(col(WorkspaceRow.workspace_id) == workspace_id, col(WorkspaceRow.suspended_since).is_not(None))
        .values(suspended_since=None, suspended_reason="")
        .returning(col(WorkspaceRow.workspace_id))
    )
    return result.first() is not None


def list_suspended(session: Session) -> tuple[Workspace, ...]:
    """Return every suspended workspace, by id."""
    query = select(WorkspaceRow).where(col(WorkspaceRow.suspended_since).is_not(None))
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(WorkspaceRow.workspace_id))))
