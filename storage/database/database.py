"""The two doors to the database: a transaction to write in, a reading to look around in.

SQLite and PostgreSQL behave alike here: a write transaction holds the write lock from its first statement
(`BEGIN IMMEDIATE`), so that what it read is still so when it writes; a reading never waits for a writer.
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
"""Seconds that a migration waits for another one."""

MAX_ATTEMPTS = 6
RETRY_PAUSE = 0.02
"""Seconds before a transaction is run again, at most, doubled each time."""


class Database:
    """A database by its URL; connects when it is first used."""

    def __init__(self, url: str, *, busy_timeout: float = 2.0) -> None:
        self._url = engine.parse_url(url)
        self._busy_timeout = busy_timeout
        self._chance = SystemRandom()
        self.dialect = self._url.get_backend_name()
        self.display_url = engine.format_url(self._url)
        self._engine = engine.create(self._url, busy_timeout)
        self._readers = self._engine.execution_options(reads_only=True)
        self._alone = AutocommitConnection(self._engine, busy_timeout)

    @contextmanager
    def transaction(self, *, wait: float | None = None) -> Iterator[Session]:
        """A session to write in: committed at the end, forgotten where anything was raised.

        `wait` is how many seconds to wait for a locked database, instead of the two a person may wait.
        """
        with self._session(reads_only=False, wait=wait) as session:
            yield session
            session.commit()

    def run(self, work: Callable[[Session], T], *, wait: float | None = None) -> T:
        """Does the work in one transaction; again, a few times, where PostgreSQL chose it to end a deadlock."""
        for attempt in range(MAX_ATTEMPTS):
            try:
                with self.transaction(wait=wait) as session:
                    return work(session)
            except SQLAlchemyError as error:
                if attempt == MAX_ATTEMPTS - 1 or not errors.is_transient(error):
                    raise
                time.sleep(self._chance.uniform(0, RETRY_PAUSE * 2**attempt))
        raise AssertionError("unreachable: the last run returns or raises")

    @contextmanager
    def read_only(self) -> Iterator[Session]:
        """A session to read in; whatever it changes is forgotten."""
        with self._session(reads_only=True, wait=None) as session:
            yield session

    def fetch(self, statement: sa.TextClause, values: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
        """The rows of one statement that reads, by the driver alone; columns are what the driver gives.

        For what is asked most, where a session would take four times as long as the database.
        """
        with self._told():
            return self._alone.read(statement, values)

    def write(
        self, statement: sa.TextClause, values: Mapping[str, object], *, wait: float = 0.0
    ) -> Sequence[tuple[Any, ...]]:
        """The same of one statement that writes and returns rows: a transaction of its own, never within another.

        It has to be one that may be run twice: it is where the connection was lost. `wait` is how many seconds to wait
        for a locked database, at least.
        """
        with self._told():
            return self._alone.write(statement, values, max(wait, self._busy_timeout))

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """A bare connection inside a write transaction, for migrations."""
        with self._told(), self._engine.connect() as connection:
            self._wait(connection, MIGRATION_WAIT)
            try:
                with connection.begin():
                    yield connection
            finally:
                self._wait(connection, self._busy_timeout)

    def check_integrity(self) -> None:
        """Raises DatabaseError where an SQLite file is damaged; reads the whole file, so only at a start."""
        if self.dialect != "sqlite":
            return
        with self.read_only() as session:
            found = session.execute(sa.text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise DatabaseError(
                f"The database {self.display_url} is damaged.", errors.DAMAGE_HINT.format(name=self.display_url)
            )

    def fetch_now(self) -> datetime:
        """The instant by the database's own clock, UTC; only PostgreSQL has one."""
        with self.read_only() as session:
            found: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return found.astimezone(UTC)

    def close(self) -> None:
        """Closes every connection."""
        self._alone.close()
        self._engine.dispose()

    @contextmanager
    def _session(self, *, reads_only: bool, wait: float | None) -> Iterator[Session]:
        with self._told(), (self._readers if reads_only else self._engine).connect() as connection:
            self._wait(connection, wait)
            try:
                with Session(connection, expire_on_commit=False) as session:
                    yield session
            finally:
                if wait is not None:
                    connection.rollback()
                    self._wait(connection, self._busy_timeout)

    def _wait(self, connection: sa.Connection, seconds: float | None) -> None:
        """How long this SQLite connection waits for others; PostgreSQL waits by itself."""
        if seconds is not None and self.dialect == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            engine.set_busy_timeout(raw, seconds)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            sentence = errors.explain(error, self.display_url)
            if sentence is None:
                raise
            raise sentence from error
        except UnicodeEncodeError as error:
            raise ValueError("a text holds half a character") from error


def insert_into(session: Session, table: type[SQLModel]) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT of the session's database, which knows ON CONFLICT."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - takes as long to import as all tables, and SQLite needs none

    return postgresql.insert(table)
