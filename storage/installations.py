"""Installations in workspaces and organisations. Tokens arrive here encrypted."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import Installation
from storage.tables import InstallationRow, OauthStateRow


def find(session: Session, enterprise_id: str, workspace_id: str) -> Installation | None:
    """Return the workspace's own installation, else that of its organisation, else None. An empty id matches none."""
    if workspace_id:  # the rows of organisations have an empty one
        row = session.exec(select(InstallationRow).where(InstallationRow.workspace_id == workspace_id)).first()
        if row is not None:
            return row.to_fact()
    return find_for_organisation(session, enterprise_id)


def find_for_organisation(session: Session, enterprise_id: str) -> Installation | None:
    """Return the installation that covers a whole organisation, or None. An empty id matches nothing."""
    row = session.get(InstallationRow, (enterprise_id, "")) if enterprise_id else None
    return row.to_fact() if row is not None else None


def list_all(session: Session) -> tuple[Installation, ...]:
    """Return every installation, by organisation and workspace."""
    query = select(InstallationRow).order_by(col(InstallationRow.enterprise_id), col(InstallationRow.workspace_id))
    return tuple(row.to_fact() for row in session.exec(query))


def save(session: Session, installation: Installation) -> None:
    """Store the installation, replacing an earlier one."""
    session.merge(InstallationRow.from_fact(installation))
    session.flush()


def delete(session: Session, enterprise_id: str, workspace_id: str) -> bool:
    """Delete the installation with its token. Return False if there was none."""
    deletion = sa.delete(InstallationRow).filter_by(enterprise_id=enterprise_id, workspace_id=workspace_id)
    return session.execute(deletion.returning(col(InstallationRow.workspace_id))).first() is not None


def add_state(session: Session, state: str, ends_at: datetime) -> None:
    """Store the hash of the state of an installation that was started."""
    session.add(OauthStateRow(digest=_hash(state), ends_at=ends_at))
    session.flush()


def delete_expired_states(session: Session, now: datetime) -> None:
    """Delete the states of installations that were never completed."""
    session.execute(sa.delete(OauthStateRow).where(col(OauthStateRow.ends_at) <= now))


def consume_state(session: Session, state: str, now: datetime) -> bool:
    """Delete the state. Return True if it was issued, not expired and not used before."""
    result = session.execute(
        sa.delete(OauthStateRow)
        .where(col(OauthStateRow.digest) == _hash(state), col(OauthStateRow.ends_at) > now)
        .returning(col(OauthStateRow.digest))
    )
    is_valid = result.first() is not None
    delete_expired_states(session, now)
    return is_valid


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
