"""The workspaces the bot is installed in."""

from sqlmodel import Session, col, select

from storage.facts import Workspace
from storage.tables import WorkspaceRow


def find(session: Session, workspace_id: str) -> Workspace | None:
    """The workspace, where it is known."""
    row = session.get(WorkspaceRow, workspace_id)
    return row.fact() if row is not None else None


def all(session: Session) -> tuple[Workspace, ...]:  # noqa: A001 - a verb of storage: `workspaces.all`
    """Every workspace."""
    return tuple(row.fact() for row in session.exec(select(WorkspaceRow).order_by(col(WorkspaceRow.workspace_id))))


def save(session: Session, workspace: Workspace) -> None:
    """Stores the workspace, new or changed."""
    session.merge(WorkspaceRow.of(workspace))
    session.flush()
