"""The database: transactions to write, and read-only transactions.

SQLite and PostgreSQL behave alike here. A write transaction takes SQLite's write lock at its start (`BEGIN IMMEDIATE`),
so what it reads is still true when it writes. A read-only transaction never waits for a writer.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from storage.database import engine, errors
from storage.database.autocommit import AutocommitConnection
from storage.database.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")

__all__ = ["Database", "DatabaseError", "insert_into"]

MIGRATION_WAIT = 30.0
"""Seconds a migration waits for another process's migration."""

MAX_ATTEMPTS = 6
RETRY_PAUSE = 0.02
"""Maximum seconds before the first retry of a transaction. Doubles with each retry."""


class Database:
    """A database given by its URL. It connects on first use."""

    def __init__(self, url: str, *, busy_timeout: float = 2.0) -> None:
        self._url = engine.parse_url(url)
        self._busy_timeout = busy_timeout
        self._random = SystemRandom()
        self.dialect = self._url.get_backend_name()
        self.display_url = engine.format_url(self._url)
        self._engine = engine.create(self._url, busy_timeout)
        self._read_only_engine = self._engine.execution_options(reads_only=True)
        self._autocommit = AutocommitConnection(self._engine, busy_timeout)

    @contextmanager
    def transaction(self, *, wait: float | None = None) -> Iterator[Session]:
        """Open a session to write. Commit at the end, or roll back if an exception is raised.

        `wait` is how many seconds to wait for a locked SQLite database, instead of the busy timeout.
        """
        with self._session(reads_only=False, wait=wait) as session:
            yield session
            session.commit()

    def run(self, work: Callable[[Session], T], *, wait: float | None = None) -> T:
        """Run the work in one transaction and return its result. Retry after a deadlock or serialization failure."""
        for attempt in range(MAX_ATTEMPTS):
            try:
                with self.transaction(wait=wait) as session:
                    return work(session)
            except SQLAlchemyError as error:
                if attempt == MAX_ATTEMPTS - 1 or not errors.is_transient(error):
                    raise
                time.sleep(self._random.uniform(0, RETRY_PAUSE * 2**attempt))
        raise AssertionError("unreachable: the last attempt returns or raises")

    @contextmanager
    def read_only(self) -> Iterator[Session]:
        """Open a session to read. Changes made in it are discarded."""
        with self._session(reads_only=True, wait=None) as session:
            yield session

    def fetch(self, statement: sa.TextClause, values: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
        """Return the rows of one query, run through the driver alone. Column values are what the driver returns.

        For the most frequent queries, where a session would take four times as long as the database.
        """
        with self._translated_errors():
            return self._autocommit.read(statement, values)

    def write(
        self, statement: sa.TextClause, values: Mapping[str, object], *, wait: float = 0.0
    ) -> Sequence[tuple[Any, ...]]:
        """Run one writing statement through the driver alone, and return its rows.

        It commits by itself, so never call this within a transaction. It has to be idempotent, because it is repeated
        after a lost connection. `wait` is the minimum number of seconds to wait for a locked SQLite database.
        """
        with self._translated_errors():
            return self._autocommit.write(statement, values, max(wait, self._busy_timeout))

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """Open a Core connection inside a write transaction, for migrations."""
        with self._translated_errors(), self._engine.connect() as connection:
            self._set_busy_timeout(connection, MIGRATION_WAIT)
            try:
                with connection.begin():
                    yield connection
            finally:
                self._set_busy_timeout(connection, self._busy_timeout)

    def check_integrity(self) -> None:
        """Raise DatabaseError if an SQLite file is damaged. Reads the whole file, so call it only at startup."""
        if self.dialect != "sqlite":
            return
        with self.read_only() as session:
            result = session.execute(sa.text("PRAGMA quick_check(1)")).scalar()
        if result != "ok":
            raise DatabaseError(
                f"The database {self.display_url} is damaged.", errors.DAMAGE_HINT.format(name=self.display_url)
            )

    def fetch_now(self) -> datetime:
        """Return the current time of the PostgreSQL server, in UTC."""
        with self.read_only() as session:
            now: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return now.astimezone(UTC)

    def close(self) -> None:
        """Close every connection."""
        self._autocommit.close()
        self._engine.dispose()

    @contextmanager
    def _session(self, *, reads_only: bool, wait: float | None) -> Iterator[Session]:
        source = self._read_only_engine if reads_only else self._engine
        with self._translated_errors(), source.connect() as connection:
            self._set_busy_timeout(connection, wait)
            try:
                with Session(connection, expire_on_commit=False) as session:
                    yield session
            finally:
                if wait is not None:
                    connection.rollback()
                    self._set_busy_timeout(connection, self._busy_timeout)

    def _set_busy_timeout(self, connection: sa.Connection, seconds: float | None) -> None:
        """Set how long this SQLite connection waits for a lock. PostgreSQL waits without a timeout."""
        if seconds is not None and self.dialect == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            engine.set_busy_timeout(raw, seconds)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Raise DatabaseError for SQLAlchemy's errors that a person can do something about."""
        try:
            yield
        except SQLAlchemyError as error:
            translated = errors.explain(error, self.display_url)
            if translated is None:
                raise
            raise translated from error
        except UnicodeEncodeError as error:
            raise ValueError("the text has a lone surrogate") from error


def insert_into(session: Session, table: type[SQLModel]) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT for the session's database, with support for ON CONFLICT."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - slow to import, and SQLite does not need it

    return postgresql.insert(table)
