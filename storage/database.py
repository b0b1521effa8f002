"""The two doors to the database: a transaction to write in, a reading to look around in.

SQLite and PostgreSQL behave alike here: a write transaction holds the write lock from its first statement
(`BEGIN IMMEDIATE`), so that what it read is still so when it writes; a reading never waits for a writer.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from storage import trouble
from storage.trouble import DatabaseError

T = TypeVar("T")

__all__ = ["Database", "DatabaseError", "insert_into"]

OLDEST_SQLITE = (3, 35, 0)
"""The first with RETURNING and MATERIALIZED."""

MIGRATION_WAIT = 30.0
"""Seconds that a migration waits for another one."""

MOST_RUNS = 6
RUN_PAUSE = 0.02
"""Seconds before a transaction is run again, at most, doubled each time."""

WAL_ATTEMPTS = 80
WAL_PAUSE = 0.025
"""Seconds; with the attempts two seconds in all."""

_HEADER = b"SQLite format 3\x00"


class Database:
    """A database by its URL; connects when it is first used."""

    def __init__(self, url: str, *, busy_timeout: float = 2.0) -> None:
        self._url = _normalised(url)
        self._busy_timeout = busy_timeout
        self._chance = SystemRandom()
        self.dialect = self._url.get_backend_name()
        self.url_shown = _shown(self._url)
        self._engine = self._sqlite() if self.dialect == "sqlite" else self._postgresql()

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
        for attempt in range(MOST_RUNS):
            try:
                with self.transaction(wait=wait) as session:
                    return work(session)
            except SQLAlchemyError as error:
                if attempt == MOST_RUNS - 1 or not trouble.is_passing(error):
                    raise
                time.sleep(self._chance.uniform(0, RUN_PAUSE * 2**attempt))
        raise AssertionError("unreachable: the last run returns or raises")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to read in; whatever it changes is forgotten."""
        with self._session(reads_only=True, wait=None) as session:
            yield session

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

    def check(self) -> None:
        """Raises DatabaseError where an SQLite file is damaged; reads the whole file, so only at a start."""
        if self.dialect != "sqlite":
            return
        with self.reading() as session:
            found = session.execute(sa.text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise DatabaseError(
                f"The database {self.url_shown} is damaged.", trouble.MEND_DAMAGE.format(name=self.url_shown)
            )

    def now(self) -> datetime:
        """The instant by the database's own clock, UTC; only PostgreSQL has one."""
        with self.reading() as session:
            found: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return found.astimezone(UTC)

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    @contextmanager
    def _session(self, *, reads_only: bool, wait: float | None) -> Iterator[Session]:
        with self._told(), self._engine.connect() as raw:
            connection = raw.execution_options(reads_only=reads_only)
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
            raw.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            sentence = trouble.told(error, self.url_shown)
            if sentence is None:
                raise
            raise sentence from error
        except UnicodeEncodeError as error:
            raise ValueError("a text holds half a character") from error

    def _sqlite(self) -> sa.Engine:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DatabaseError(f"SQLite {sqlite3.sqlite_version} is too old; dlvm needs 3.35.", "Use a newer Python.")
        _prepare_file(self._url.database or "")
        engine = sa.create_engine(self._url, pool_size=20, max_overflow=20)
        event.listen(engine, "connect", self._on_connect)
        event.listen(engine, "begin", _begin)
        return engine

    def _on_connect(self, connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(self._busy_timeout * 1000)}")
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    def _postgresql(self) -> sa.Engine:
        try:
            engine = sa.create_engine(self._url, pool_size=10, max_overflow=10, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise DatabaseError(
                "PostgreSQL needs its driver, psycopg, which is not installed.",
                "Install it: .venv/bin/pip install 'psycopg[binary]'",
            ) from error
        event.listen(engine, "begin", _begin_postgresql)
        return engine


def insert_into(session: Session, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of the session's database, which knows ON CONFLICT."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def _normalised(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseError(
            "DATABASE_URL is not a database address.",
            "Write it like sqlite:///var/dlvm.db or postgresql://user@host/name.",
        ) from None
    if parsed.get_backend_name() in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    raise DatabaseError(
        "DATABASE_URL names no engine dlvm knows.",
        "Write it like sqlite:///var/dlvm.db or postgresql://user@host/name.",
    )


def _shown(url: sa.URL) -> str:
    """The address without its secrets: a file, or host and name."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return f"postgresql://{url.host or 'localhost'}/{url.database or ''}"


def _prepare_file(path: str) -> None:
    """Makes the folder of a new file; a file that is something else is never touched."""
    file = Path(path)
    try:
        if file.is_dir():
            raise DatabaseError(f"{path} is a folder, not a database file.", "Name a file in DATABASE_URL.")
        if file.exists() and file.stat().st_size:
            with file.open("rb") as opened:
                if opened.read(len(_HEADER)) != _HEADER:
                    raise trouble.not_a_database(path)
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The database {path} can’t be opened: {error.strerror}.",
            "Check that the folder exists and may be written.",
        ) from error


def _begin(connection: sa.Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("reads_only", False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switches to WAL, again and again: SQLite itself does not wait for others that switch a new file."""
    for _ in range(WAL_ATTEMPTS):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(WAL_PAUSE)
        else:
            return
    cursor.execute("PRAGMA journal_mode = WAL")
