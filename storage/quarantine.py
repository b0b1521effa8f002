"""Quarantined values of the catalogue's readings, and their review."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import DLVM, QuarantineEntry, Resolution
from storage.tables import QuarantineEntryRow

ANONYMOUS = "deleted Slack user"
"""Replaces the reviewer's id after their workspace is deleted."""


def list_open(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """Return the entries pending review, oldest first."""
    return _list(session, product=product, resolution=Resolution.OPEN.value)


def list_open_or_rejected(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """Return the values on the page that the catalogue does not use: entries pending review, then rejected ones."""
    return (*list_open(session, product), *_list(session, product=product, resolution=Resolution.REJECTED.value))


def list_accepted(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """Return the accepted entries, oldest first."""
    return _list(session, product=product, resolution=Resolution.ACCEPTED.value)


def list_all(session: Session, product: str = DLVM) -> tuple[QuarantineEntry, ...]:
    """Return every entry, oldest first."""
    return _list(session, product=product)


def find(session: Session, entry_id: int) -> QuarantineEntry | None:
    """Return the entry as currently stored, or None if there is no such id."""
    row = session.get(QuarantineEntryRow, entry_id, populate_existing=True)
    return row.to_fact() if row is not None else None


def sync(
    session: Session, product: str, entries: Sequence[QuarantineEntry], now: datetime
) -> tuple[QuarantineEntry, ...]:
    """Store a reading's quarantined values. Return the entries that are new.

    Open and rejected entries that the reading no longer has are resolved as gone. A rejected value stays rejected, and
    is not pending review again, until the page changes it.
    """
    stored = {entry.key: entry for entry in list_open_or_rejected(session, product)}
    current = {entry.key: entry for entry in entries}
    for key, entry in stored.items():
        if key not in current:
            resolve(session, entry.entry_id, Resolution.GONE, entry.resolved_by, now, entry.resolver_workspace_id)
    rows = [QuarantineEntryRow.from_fact(entry) for key, entry in current.items() if key not in stored]
    session.add_all(rows)
    session.flush()
    return tuple(row.to_fact() for row in rows)


def resolve(
    session: Session,
    entry_id: int,
    resolution: Resolution,
    resolved_by: str,
    now: datetime,
    resolver_workspace_id: str = "",
) -> bool:
    """Resolve an open entry. Return False if it is already resolved. A rejected entry can still become gone."""
    before = [Resolution.OPEN, Resolution.REJECTED] if resolution is Resolution.GONE else [Resolution.OPEN]
    update = sa.update(QuarantineEntryRow).filter_by(id=entry_id).where(col(QuarantineEntryRow.resolution).in_(before))
    values = {"resolution": resolution.value, "resolved_by": resolved_by, "resolved_at": now}
    resolved = update.values(**values, resolver_workspace_id=resolver_workspace_id)
    return session.execute(resolved.returning(col(QuarantineEntryRow.id))).first() is not None


def anonymise(session: Session, workspace_id: str) -> None:
    """Replace the ids of the workspace's users in all resolutions."""
    is_from_workspace = col(QuarantineEntryRow.resolver_workspace_id) == workspace_id
    update = sa.update(QuarantineEntryRow).where(is_from_workspace)
    session.execute(update.values(resolved_by=ANONYMOUS, resolver_workspace_id=""))


def _list(session: Session, **conditions: str) -> tuple[QuarantineEntry, ...]:
    query = select(QuarantineEntryRow).filter_by(**conditions).order_by(col(QuarantineEntryRow.id))
    return tuple(row.to_fact() for row in session.exec(query))
