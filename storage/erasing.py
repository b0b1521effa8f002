"""Everything of one workspace, whatever tables there are: erased, or given as plain values."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from storage import quarantine, tables

SECRET = frozenset({"token"})
"""Columns that leave the database for nobody."""


def tenant_tables() -> tuple[sa.Table, ...]:
    """The tables whose rows belong to a workspace, those that others refer to first."""
    known = [table for table in SQLModel.metadata.sorted_tables if "workspace_id" in table.c]
    return tuple(table for table in known if table.name in _OURS)


def erase(session: Session, workspace_id: str) -> int:
    """Deletes every row of the workspace, and says how many."""
    quarantine.forget_people(session, workspace_id)
    counted = 0
    for table in reversed(tenant_tables()):
        done = session.execute(sa.delete(table).where(table.c.workspace_id == workspace_id))
        counted += int(done.rowcount)  # type: ignore[attr-defined] # rows changed; typed for SELECTs only
    return counted


def export(session: Session, workspace_id: str) -> dict[str, list[dict[str, object]]]:
    """Every row of the workspace by table, without tokens; tables without any are left out."""
    found = {}
    for table in tenant_tables():
        query = sa.select(table).where(table.c.workspace_id == workspace_id).order_by(*table.primary_key.columns)
        rows = [_plain(row) for row in session.execute(query).mappings()]
        if rows:
            found[table.name] = rows
    return found


def _plain(row: sa.RowMapping) -> dict[str, object]:
    shown = {str(name): value for name, value in row.items() if name not in SECRET}
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in shown.items()}


_OURS = frozenset(str(getattr(tables, name).__tablename__) for name in tables.__all__ if name.endswith("Row"))
