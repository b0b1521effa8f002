"""The bundled catalogue as the bot stores it, loaded once in a test process and then copied."""

import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.service.catalogue import bundled
from storage import catalogue, migrations
from storage.database import Database
from storage.facts import DLVM
from tests.tenancy import WORKSPACE_TABLES

Rows = tuple[tuple[sa.Table, list[dict[str, Any]]], ...]


def fill(database: Database, read_at: datetime) -> None:
    """Insert what `bundled.load_bundled` would store into an empty database, in a tenth of the time."""
    with database.transaction() as session:
        if catalogue.find_last_reading(session, DLVM) is not None:
            return
        for table, rows in _load_rows(read_at):
            session.execute(table.insert(), rows)


@lru_cache(maxsize=4)
def _load_rows(read_at: datetime) -> Rows:
    with tempfile.TemporaryDirectory(prefix="dlvm-catalogue-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'dlvm.db'}")
        migrations.migrate(database)
        bundled.load_bundled(database, read_at)
        with database.read_only() as session:
            tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in WORKSPACE_TABLES]
            rows = [(table, [_to_values(table, row) for row in session.execute(sa.select(table))]) for table in tables]
        database.close()
    return tuple((table, values) for table, values in rows if values)


def _to_values(table: sa.Table, row: sa.Row[Any]) -> dict[str, Any]:
    """Return the values of a row without its id, which the database assigns."""
    return {name: value for name, value in row._mapping.items() if table.c[name] is not table.autoincrement_column}
