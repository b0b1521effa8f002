"""Everything of a workspace can be erased and given, whatever tables there are."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from storage import tables, workspace_data
from storage.database import Database

SHARED = {"catalogue_reading", "image_family", "date_change", "schedule", "job_run", "oauth_state", "seen_event"}
SHARED |= {"source", "finding", "former_value", "page_text", "date_override"}
SHARED |= {"catalogue_event", "release_note", "operator_note"}
"""Tables whose rows are nobody's: what Google publishes, and what the bot needs by itself."""

MOMENT = datetime(2027, 1, 13, 9, tzinfo=UTC)


def list_tables() -> list[sa.Table]:
    """The tables that the bot has; tests may declare others."""
    ours = {str(getattr(tables, name).__tablename__) for name in tables.__all__ if name.endswith("Row")}
    return [table for table in SQLModel.metadata.sorted_tables if table.name in ours]


def make_value(column: sa.Column[Any], workspace_id: str) -> object:
    if column.name == "workspace_id":
        return workspace_id
    kinds = {"AutoString": f"some {column.name}", "UTCDateTime": MOMENT, "Date": MOMENT.date(), "Boolean": False}
    return kinds.get(type(column.type).__name__, 1)


def fill(session: Session, workspace_id: str) -> None:
    """A row of the workspace in every table that is not shared."""
    session.execute(sa.insert(tables.ScheduleRow).values(make_schedule(workspace_id)))
    schedule_id = session.execute(sa.select(sa.func.max(tables.ScheduleRow.id))).scalar_one()
    for table in list_tables():
        if table.name not in SHARED:
            values = {c.name: make_value(c, workspace_id) for c in table.c if c.name != "id"}
            if "schedule_id" in values:
                values["schedule_id"] = schedule_id
            session.execute(sa.insert(table).values(values))


def make_schedule(zone: str) -> dict[str, object]:
    table: sa.Table = tables.ScheduleRow.__table__  # type: ignore[attr-defined] # SQLModel's tables have it
    return {c.name: make_value(c, zone) for c in table.c if c.name != "id"} | {"zone": f"of {zone}"}


def list_filled_tables(session: Session, workspace_id: str) -> set[str]:
    found = set()
    for table in list_tables():
        rows = session.execute(sa.select(table)).all()
        if any(workspace_id in map(str, row) for row in rows):
            found.add(table.name)
    return found


def test_every_table_is_either_shared_or_a_workspaces() -> None:
    names = {table.name for table in list_tables()}
    assert len(names) > 15
    assert {table.name for table in workspace_data.list_workspace_tables()} == names - SHARED


def test_erasing_leaves_nothing_of_the_workspace_and_all_of_the_others(database: Database) -> None:
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


def test_an_export_gives_every_table_and_no_token(database: Database) -> None:
    with database.transaction() as session:
        fill(session, "T1")
        fill(session, "T2")
    with database.read_only() as session:
        found = workspace_data.export(session, "T1")
        assert workspace_data.export(session, "T3") == {}
    assert set(found) == {table.name for table in workspace_data.list_workspace_tables()}
    text = json.dumps(found)
    assert "T2" not in text
    assert "some token" not in text
    assert found["installation"][0]["installed_at"] == MOMENT.isoformat()
