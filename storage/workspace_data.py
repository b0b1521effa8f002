"""Operations on all rows of a workspace or channel, in any table: delete, export, and change a channel's id."""

from collections.abc import Iterator
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from storage import quarantine, tables
from storage.facts import MessageKind
from storage.tables import ChannelRow, OutboxRow, get_table, validate_text

SECRET_COLUMNS = frozenset({"token"})
"""Columns that are never exported."""

_TABLE_NAMES = frozenset(str(getattr(tables, name).__tablename__) for name in dir(tables) if name.endswith("Row"))


def list_workspace_tables() -> tuple[sa.Table, ...]:
    """Return the tables whose rows belong to a workspace, with referenced tables first."""
    return tuple(
        table for table in SQLModel.metadata.sorted_tables if "workspace_id" in table.c and table.name in _TABLE_NAMES
    )


def delete(session: Session, workspace_id: str) -> int:
    """Delete every row of the workspace. Return their number."""
    quarantine.anonymise(session, workspace_id)
    row_count = 0
    for table in reversed(list_workspace_tables()):
        result = session.execute(sa.delete(table).where(table.c.workspace_id == workspace_id))
        row_count += int(result.rowcount)  # type: ignore[attr-defined] # SQLAlchemy types it for SELECT only
    return row_count


def export(session: Session, workspace_id: str) -> dict[str, list[dict[str, object]]]:
    """Return every row of the workspace by table, without tokens. Empty tables are omitted."""
    exported = {}
    for table in list_workspace_tables():
        query = sa.select(table).where(table.c.workspace_id == workspace_id).order_by(*table.primary_key.columns)
        rows = [_to_json(row) for row in session.execute(query).mappings()]
        if rows:
            exported[table.name] = rows
    return exported


def move_channel(session: Session, workspace_id: str, old_id: str, new_id: str) -> int:
    """Change the channel's id in every table. Return the number of rows moved.

    A row that already exists under the new id wins over the moved one.
    """
    validate_text(new_id)
    if old_id == new_id:
        return 0
    channel = get_table(ChannelRow)
    _copy_channel(session, channel, workspace_id, old_id, new_id)
    row_count = 0
    for table in list_workspace_tables():
        if "channel_id" in table.c and table is not channel:
            row_count += _move_rows(session, table, workspace_id, old_id, new_id)
    row_count += _move_health_messages(session, workspace_id, old_id, new_id)
    session.execute(sa.delete(channel).where(*_is_channel(channel, workspace_id, old_id)))
    return row_count


def _to_json(row: sa.RowMapping) -> dict[str, object]:
    return {
        str(name): value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
        if name not in SECRET_COLUMNS
    }


def _copy_channel(session: Session, channel: sa.Table, workspace_id: str, old_id: str, new_id: str) -> None:
    """Copy the channel's settings to its new id, unless it exists. Rows of other tables refer to it."""
    query = sa.select(channel.c.channel_id).where(*_is_channel(channel, workspace_id, new_id))
    if session.execute(query).first() is not None:
        return
    values = [sa.literal(new_id) if column.name == "channel_id" else column for column in channel.c]
    copy = sa.select(*values).where(*_is_channel(channel, workspace_id, old_id))
    session.execute(sa.insert(channel).from_select(list(channel.c), copy))


def _move_rows(session: Session, table: sa.Table, workspace_id: str, old_id: str, new_id: str) -> int:
    for key in _list_keys(table):
        existing = table.alias("existing")
        is_equal = [existing.c[name] == table.c[name] for name in key if name != "channel_id"]
        exists = sa.exists().where(existing.c.channel_id == new_id, *is_equal)
        session.execute(sa.delete(table).where(*_is_channel(table, workspace_id, old_id), exists))
    update = sa.update(table).where(*_is_channel(table, workspace_id, old_id))
    result = session.execute(update.values(channel_id=new_id))
    return int(result.rowcount)  # type: ignore[attr-defined] # SQLAlchemy types it for SELECT only


def _list_keys(table: sa.Table) -> Iterator[list[str]]:
    """Yield the column names of each primary or unique key that contains the channel."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            names = [column.name for column in constraint.columns]
            if "channel_id" in names:
                yield names


def _move_health_messages(session: Session, workspace_id: str, old_id: str, new_id: str) -> int:
    """Change the id in unsent direct messages about the channel's health."""
    result = session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.workspace_id) == workspace_id, col(OutboxRow.kind) == MessageKind.HEALTH.value)
        .where(col(OutboxRow.subject) == old_id, col(OutboxRow.state).in_(("pending", "held")))
        .values(subject=new_id)
    )
    return int(result.rowcount)  # type: ignore[attr-defined] # SQLAlchemy types it for SELECT only


def _is_channel(table: sa.Table, workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.workspace_id == workspace_id, table.c.channel_id == channel_id
