"""Databases on PostgreSQL that are brought back to what they held at first: a third of the time of making new ones."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of a database beyond which a new one is quicker."""

_FORM = """
SELECT md5(string_agg(format('%s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull), ','
                      ORDER BY attrelid::regclass::text, attnum)),
       (SELECT string_agg(version_num, ',') FROM alembic_version),
       pg_database_size(current_database())
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND attnum > 0
"""
"""How the tables look, which revision they are, and how large all is."""

_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_KEEP = """
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

_REFILL = """
DO $$
DECLARE
    name text;
    number record;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;  -- in whatever order, without looking at foreign keys
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
    """A copy of a template; each time it is asked for, it holds what the template held."""

    server: sa.URL
    name: str
    template: str
    _form: tuple[Any, ...] = field(default=(), init=False)

    def reset(self) -> str:
        """The address of the database, in which nobody is connected and nothing has happened yet."""
        if not self._form or not self._refilled():
            self._renew()
        return build_url(self.server, self.name)

    def drop(self) -> None:
        """Takes it away."""
        execute(self.server, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def _renew(self) -> None:
        self.drop()
        execute(self.server, f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
        own = self.server.set(database=self.name)
        execute(own, _KEEP)
        with connect(own) as connection:
            self._form = tuple(connection.execute(sa.text(_FORM)).one())[:2]

    def _refilled(self) -> bool:
        """Whether it could be brought back; not where a test changed the tables themselves, or it grew."""
        try:
            with connect(self.server.set(database=self.name)) as connection:
                connection.execute(sa.text(_OTHERS))
                *form, size = connection.execute(sa.text(_FORM)).one()
                if tuple(form) != self._form or size > MAX_BYTES:
                    return False
                connection.execute(sa.text(_REFILL))
        except sa.exc.ProgrammingError:
            return False
        return True


def build_url(server: sa.URL, name: str) -> str:
    return server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def connect(server: sa.URL) -> sa.Connection:
    """A connection of its own, in which each statement is done at once."""
    return sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect()


def execute(server: sa.URL, *statements: str) -> None:
    with connect(server) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
