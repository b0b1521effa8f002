"""PostgreSQL databases that tests reset to their first content, in a third of the time of creating new ones."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

MAX_BYTES = 32 * 1024 * 1024
"""The size beyond which creating a database is faster than resetting it."""

_DESCRIBE = """
SELECT md5(string_agg(format('%s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull), ','
                      ORDER BY attrelid::regclass::text, attnum)),
       (SELECT string_agg(version_num, ',') FROM alembic_version),
       pg_database_size(current_database())
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND attnum > 0
"""
"""A hash of the schema, the revision, and the size in bytes."""

_CLOSE_OTHER_CONNECTIONS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_SAVE = """
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    CREATE SCHEMA kept;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
        END IF;
    END LOOP;
    CREATE TABLE kept.numbers AS
        SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public';
END $$
"""

_RESTORE = """
DO $$
DECLARE
    name text;
    number record;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- skips the checks of foreign keys, so the order does not matter
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM public.%I', name);
        END IF;
        IF to_regclass(format('kept.%I', name)) IS NOT NULL THEN
            EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
        END IF;
    END LOOP;
    FOR number IN SELECT * FROM kept.numbers LOOP
        PERFORM setval(format('public.%I', number.sequencename)::regclass,
                       coalesce(number.last_value, number.start_value), number.last_value IS NOT NULL);
    END LOOP;
END $$
"""


@dataclass
class ReusableDatabase:
    """A copy of a template database that can be reset to the template's content."""

    server: sa.URL
    name: str
    template: str
    _schema: tuple[Any, ...] = field(default=(), init=False)
    """The hash of the schema and the revision after the last creation."""

    def reset(self) -> str:
        """Reset the database and close its connections. Return its URL."""
        if not self._schema or not self._restore():
            self._create()
        return build_url(self.server, self.name)

    def drop(self) -> None:
        """Drop the database if it exists."""
        execute(self.server, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _create(self) -> None:
        self.drop()
        execute(self.server, f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
        url = self.server.set(database=self.name)
        execute(url, _SAVE)
        with connect(url) as connection:
            self._schema = tuple(connection.execute(sa.text(_DESCRIBE)).one())[:2]

    def _restore(self) -> bool:
        """Restore the first content. Return False if a test changed the schema, or if the database grew too large."""
        try:
            with connect(self.server.set(database=self.name)) as connection:
                connection.execute(sa.text(_CLOSE_OTHER_CONNECTIONS))
                *schema, size = connection.execute(sa.text(_DESCRIBE)).one()
                if tuple(schema) != self._schema or size > MAX_BYTES:
                    return False
                connection.execute(sa.text(_RESTORE))
        except sa.exc.ProgrammingError:
            return False
        return True


def build_url(server: sa.URL, name: str) -> str:
    return server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def connect(server: sa.URL) -> sa.Connection:
    """Open a connection that commits each statement."""
    return sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect()


def execute(server: sa.URL, *statements: str) -> None:
    with connect(server) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
