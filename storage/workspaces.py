"""The workspaces the bot is installed in."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import Workspace
from storage.tables import WorkspaceRow, get_table

_WORKSPACES = get_table(WorkspaceRow)
_FIND = sa.select(_WORKSPACES).where(_WORKSPACES.c.workspace_id == sa.bindparam("workspace_id"))
_ALL = sa.select(_WORKSPACES).order_by(_WORKSPACES.c.workspace_id)


def find(session: Session, workspace_id: str) -> Workspace | None:
    """The workspace, where it is known."""
    row: Any = session.execute(_FIND, {"workspace_id": workspace_id}).one_or_none()
    return WorkspaceRow.to_fact(row) if row is not None else None


def list_all(session: Session) -> tuple[Workspace, ...]:
    """Every workspace."""
    rows: Any = session.execute(_ALL)
    return tuple(WorkspaceRow.to_fact(row) for row in rows)


def save(session: Session, workspace: Workspace) -> None:
    """Stores the workspace, new or changed."""
    session.merge(WorkspaceRow.from_fact(workspace))
    session.flush()


def suspend(session: Session, workspace_id: str, now: datetime, reason: str) -> bool:
    """Notes that Slack refuses the installation; False where that was known."""
    session.execute(
        insert_into(session, WorkspaceRow)
        .values(WorkspaceRow.from_fact(Workspace(workspace_id)).model_dump())
        .on_conflict_do_nothing(index_elements=["workspace_id"])
    )
    done = session.execute(
        sa.update(WorkspaceRow)
        .where(col(WorkspaceRow.workspace_id) == workspace_id, col(WorkspaceRow.suspended_since).is_(None))
        .values(suspended_since=now, suspended_reason=reason[:200])
        .returning(col(WorkspaceRow.workspace_id))
    )
    return done.first() is not None


def restore(session: Session, workspace_id: str) -> bool:
    """Notes that the installation works again; False where it was not suspended."""
    done = session.execute(
        sa.update(WorkspaceRow)
        .where(col(WorkspaceRow.workspace_id) == workspace_id, col(WorkspaceRow.suspended_since).is_not(None))
        .values(suspended_since=None, suspended_reason="")
        .returning(col(WorkspaceRow.workspace_id))
    )
    return done.first() is not None


def list_suspended(session: Session) -> tuple[Workspace, ...]:
    """Every workspace whose installation Slack refuses."""
    query = select(WorkspaceRow).where(col(WorkspaceRow.suspended_since).is_not(None))
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(WorkspaceRow.workspace_id))))
