"""How the bot got into workspaces and organisations; tokens are encrypted before they come here."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import Installation
from storage.tables import InstallationRow, OauthStateRow


def find(session: Session, enterprise_id: str, workspace_id: str) -> Installation | None:
    """The workspace's own installation, else the one for its whole organisation."""
    own = session.exec(select(InstallationRow).where(InstallationRow.workspace_id == workspace_id)).first()
    if own is None and enterprise_id:
        own = session.get(InstallationRow, (enterprise_id, ""))
    return own.to_fact() if own is not None else None


def find_for_organisation(session: Session, enterprise_id: str) -> Installation | None:
    """The installation for all of an organisation."""
    row = session.get(InstallationRow, (enterprise_id, ""))
    return row.to_fact() if row is not None else None


def list_all(session: Session) -> tuple[Installation, ...]:
    """Every installation of any workspace."""
    ordered = select(InstallationRow).order_by(col(InstallationRow.enterprise_id), col(InstallationRow.workspace_id))
    return tuple(row.to_fact() for row in session.exec(ordered))


def save(session: Session, installation: Installation) -> None:
    """Stores the installation, new or renewed."""
    session.merge(InstallationRow.from_fact(installation))
    session.flush()


def delete(session: Session, enterprise_id: str, workspace_id: str) -> bool:
    """Forgets the installation with its token; False where there was none."""
    done = session.execute(
        sa.delete(InstallationRow)
        .where(col(InstallationRow.enterprise_id) == enterprise_id, col(InstallationRow.workspace_id) == workspace_id)
        .returning(col(InstallationRow.workspace_id))
    )
    return done.first() is not None


def add_state(session: Session, state: str, ends_at: datetime) -> None:
    """Remembers the state of an installation that was begun, by its hash."""
    session.add(OauthStateRow(digest=_digest(state), ends_at=ends_at))
    session.flush()


def delete_expired_states(session: Session, now: datetime) -> None:
    """Forgets installations that were begun and came to nothing."""
    session.execute(sa.delete(OauthStateRow).where(col(OauthStateRow.ends_at) <= now))


def consume_state(session: Session, state: str, now: datetime) -> bool:
    """Whether the state was issued, is not too old, and was not used before; then it is used. Old ones go."""
    done = session.execute(
        sa.delete(OauthStateRow)
        .where(col(OauthStateRow.digest) == _digest(state), col(OauthStateRow.ends_at) > now)
        .returning(col(OauthStateRow.digest))
    )
    found = done.first() is not None
    delete_expired_states(session, now)
    return found


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
