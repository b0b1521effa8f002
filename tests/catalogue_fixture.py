"""The bundled catalogue as the bot stores it: stored by the bot once in a test process, and copied from then on."""

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
    """Gives an empty database what `seeding.load_bundled` gives it, which takes ten times as long."""
    with database.transaction() as session:
        if catalogue.find_last_reading(session, DLVM) is not None:
            return
        for table, rows in _rows(read_at):
            session.execute(table.insert(), rows)


@lru_cache(maxsize=4)
def _rows(read_at: datetime) -> Rows:
    with tempfile.TemporaryDirectory(prefix="dlvm-stock-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'stock.db'}")
        migrations.migrate(database)
        bundled.load_bundled(database, read_at)
        with database.read_only() as session:
            tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in WORKSPACE_TABLES]
            found = [(table, [_row(table, row) for row in session.execute(sa.select(table))]) for table in tables]
        database.close()
    return tuple((table, rows) for table, rows in found if rows)


def _row(table: sa.Table, row: sa.Row[Any]) -> dict[str, Any]:
    """Without the number that the database gives."""
    return {name: value for name, value in row._mapping.items() if table.c[name] is not table.autoincrement_column}
