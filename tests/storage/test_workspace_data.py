"""Deleting and exporting a workspace covers every table."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from storage import tables, workspace_data
from storage.database import Database

SHARED = {"catalogue_edition", "image_family", "date_change", "schedule", "job_run", "oauth_state", "seen_event"}
SHARED |= {"source", "quarantine", "catalogue_history", "page_text", "date_override"}
SHARED |= {"catalogue_event", "release_note", "operator_note"}
"""Tables whose rows belong to no workspace: the data Google publishes, and the bot's own state."""

MOMENT = datetime(2027, 1, 13, 9, tzinfo=UTC)


def list_tables() -> list[sa.Table]:
    """Return the tables of the product. Tests can declare others."""
    names = {str(getattr(tables, name).__tablename__) for name in dir(tables) if name.endswith("Row")}
    return [table for table in SQLModel.metadata.sorted_tables if table.name in names]


def make_value(column: sa.Column[Any], workspace_id: str) -> object:
    if column.name == "workspace_id":
        return workspace_id
    values = {"AutoString": f"some {column.name}", "UTCDateTime": MOMENT, "Date": MOMENT.date(), "Boolean": False}
    return values.get(type(column.type).__name__, 1)


def fill(session: Session, workspace_id: str) -> None:
    """Insert a row of the workspace into every table that is not shared."""
    session.execute(sa.insert(tables.ScheduleRow).values(make_schedule(workspace_id)))
    schedule_id = session.execute(sa.select(sa.func.max(tables.ScheduleRow.id))).scalar_one()
    for table in list_tables():
        if table.name not in SHARED:
            values = {c.name: make_value(c, workspace_id) for c in table.c if c.name != "id"}
            if "schedule_id" in values:
                values["schedule_id"] = schedule_id
            session.execute(sa.insert(table).values(values))


def make_schedule(zone: str) -> dict[str, object]:
    columns = tables.get_table(tables.ScheduleRow).c
    return {c.name: make_value(c, zone) for c in columns if c.name != "id"} | {"zone": f"of {zone}"}


def list_filled_tables(session: Session, workspace_id: str) -> set[str]:
    names = set()
    for table in list_tables():
        rows = session.execute(sa.select(table)).all()
        if any(workspace_id in map(str, row) for row in rows):
            names.add(table.name)
    return names


def test_every_table_is_shared_or_belongs_to_a_workspace() -> None:
    names = {table.name for table in list_tables()}
    assert len(names) > 15
    assert {table.name for table in workspace_data.list_workspace_tables()} == names - SHARED


def test_delete_removes_the_workspace_and_nothing_else(database: Database) -> None:
    with database.transaction() as session:
        fill(session, "T1")
        fill(session, "T2")
        before = list_filled_tables(session, "T2")
    count = database.run(lambda session: workspace_data.delete(session, "T1"))
    with database.read_only() as session:
        assert list_filled_tables(session, "T1") == set()
        assert list_filled_tables(session, "T2") == before
    assert count == len(before)
    assert database.run(lambda session: workspace_data.delete(session, "T1")) == 0


def test_export_has_every_table_and_no_token(database: Database) -> None:
    with database.transaction() as session:
        fill(session, "T1")
        fill(session, "T2")
    with database.read_only() as session:
        exported = workspace_data.export(session, "T1")
        assert workspace_data.export(session, "T3") == {}
    assert set(exported) == {table.name for table in workspace_data.list_workspace_tables()}
    text = json.dumps(exported)
    assert "T2" not in text
    assert "some token" not in text
    assert exported["installation"][0]["installed_at"] == MOMENT.isoformat()
