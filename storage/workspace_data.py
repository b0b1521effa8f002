"""A channel that got another id: every row of it follows, in one transaction."""

from collections.abc import Iterator
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from storage import quarantine, tables
from storage.facts import MessageKind
from storage.tables import ChannelRow, OutboxRow, validate_text


def move_channel(session: Session, workspace_id: str, old_id: str, new_id: str) -> int:
    """Gives all that belongs to a channel its new id, and says how many rows; where both have the same, one stays."""
    validate_text(new_id)
    if old_id == new_id:
        return 0
    channel: sa.Table = ChannelRow.__table__  # type: ignore[attr-defined] # SQLModel's tables have it
    _copy(session, channel, workspace_id, old_id, new_id)
    counted = 0
    for table in list_workspace_tables():
        if "channel_id" in table.c and table is not channel:
            counted += _follow(session, table, workspace_id, old_id, new_id)
    counted += _about(session, workspace_id, old_id, new_id)
    session.execute(sa.delete(channel).where(*_of(channel, workspace_id, old_id)))
    return counted


def _copy(session: Session, channel: sa.Table, workspace_id: str, before: str, after: str) -> None:
    """The channel's settings under its new id, unless that has some already: other rows refer to it."""
    if session.execute(sa.select(channel.c.channel_id).where(*_of(channel, workspace_id, after))).first() is None:
        values = [sa.literal(after) if column.name == "channel_id" else column for column in channel.c]
        session.execute(
            sa.insert(channel).from_select(
                [column.name for column in channel.c], sa.select(*values).where(*_of(channel, workspace_id, before))
            )
        )


def _follow(session: Session, table: sa.Table, workspace_id: str, before: str, after: str) -> int:
    for names in _keys(table):
        there = table.alias("there")
        same = [there.c[name] == table.c[name] for name in names if name != "channel_id"]
        twin = sa.exists().where(there.c.channel_id == after, *same)
        session.execute(sa.delete(table).where(*_of(table, workspace_id, before), twin))
    done = session.execute(sa.update(table).where(*_of(table, workspace_id, before)).values(channel_id=after))
    return int(done.rowcount)  # type: ignore[attr-defined] # rows changed; typed for SELECTs only


def _keys(table: sa.Table) -> Iterator[list[str]]:
    """The names of the columns of each key that has the channel in it."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            names = [column.name for column in constraint.columns]
            if "channel_id" in names:
                yield names


def _about(session: Session, workspace_id: str, before: str, after: str) -> int:
    """Notes to people about the channel's health, which name it; those on their way only."""
    done = session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.workspace_id) == workspace_id, col(OutboxRow.kind) == MessageKind.HEALTH.value)
        .where(col(OutboxRow.version) == before, col(OutboxRow.state).in_(("pending", "held")))
        .values(version=after)
    )
    return int(done.rowcount)  # type: ignore[attr-defined] # the same


def _of(table: sa.Table, workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.workspace_id == workspace_id, table.c.channel_id == channel_id


SECRET_COLUMNS = frozenset({"token"})
"""Columns that leave the database for nobody."""


def list_workspace_tables() -> tuple[sa.Table, ...]:
    """The tables whose rows belong to a workspace, those that others refer to first."""
    known = [table for table in SQLModel.metadata.sorted_tables if "workspace_id" in table.c]
    return tuple(table for table in known if table.name in _OURS)


def delete(session: Session, workspace_id: str) -> int:
    """Deletes every row of the workspace, and says how many."""
    quarantine.anonymise(session, workspace_id)
    counted = 0
    for table in reversed(list_workspace_tables()):
        done = session.execute(sa.delete(table).where(table.c.workspace_id == workspace_id))
        counted += int(done.rowcount)  # type: ignore[attr-defined] # rows changed; typed for SELECTs only
    return counted


def export(session: Session, workspace_id: str) -> dict[str, list[dict[str, object]]]:
    """Every row of the workspace by table, without tokens; tables without any are left out."""
    found = {}
    for table in list_workspace_tables():
        query = sa.select(table).where(table.c.workspace_id == workspace_id).order_by(*table.primary_key.columns)
        rows = [_plain(row) for row in session.execute(query).mappings()]
        if rows:
            found[table.name] = rows
    return found


def _plain(row: sa.RowMapping) -> dict[str, object]:
    shown = {str(name): value for name, value in row.items() if name not in SECRET_COLUMNS}
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in shown.items()}


_OURS = frozenset(str(getattr(tables, name).__tablename__) for name in tables.__all__ if name.endswith("Row"))
