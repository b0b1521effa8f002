"""Engines: SQLite in WAL mode with full syncs and real transactions, and PostgreSQL."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import event
from sqlalchemy.sql.compiler import SQLCompiler

from storage.database import errors
from storage.database.errors import DatabaseError

MIN_SQLITE_VERSION = (3, 35, 0)
"""The first version with RETURNING and MATERIALIZED."""

WAL_ATTEMPTS = 80
WAL_PAUSE = 0.025
"""Seconds between attempts; about two seconds in all."""

_HEADER = b"SQLite format 3\x00"


def create(url: sa.URL, busy_timeout: float) -> sa.Engine:
    """Create the engine for a URL. With the execution option `reads_only`, it never waits for a writer."""
    return _create_sqlite(url, busy_timeout) if url.get_backend_name() == "sqlite" else _create_postgresql(url)


def _create_sqlite(url: sa.URL, busy_timeout: float) -> sa.Engine:
    if sqlite3.sqlite_version_info < MIN_SQLITE_VERSION:
        raise DatabaseError(
            f"SQLite {sqlite3.sqlite_version} is too old; dlvm needs 3.35.", "Use a newer version of Python."
        )
    _prepare_file(url.database or "")
    engine = sa.create_engine(url, pool_size=20, max_overflow=20)
    event.listen(engine, "connect", lambda connection, _: _set_up(connection, busy_timeout))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up(connection: sqlite3.Connection, busy_timeout: float) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    set_busy_timeout(cursor, busy_timeout)
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def set_busy_timeout(driver: sqlite3.Connection | sqlite3.Cursor, seconds: float) -> None:
    """Set how long an SQLite connection waits for a locked file."""
    driver.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _create_postgresql(url: sa.URL) -> sa.Engine:
    try:
        engine = sa.create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "PostgreSQL needs its driver, psycopg, which is not installed.",
            "Install it: .venv/bin/pip install 'psycopg[binary]'",
        ) from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


class PreparedStatement(Struct, frozen=True):
    """A statement in the form that a driver takes."""

    text: str
    positional_names: tuple[str, ...]
    """The order of the values, if the driver takes them by position. Empty if it takes them by name."""
    processors: Mapping[str, Callable[[Any], object]]
    """Conversions of values whose type the driver does not take."""

    def bind(self, values: Mapping[str, object]) -> Sequence[object] | Mapping[str, object]:
        """Return the values in the form that the driver takes."""
        converted = {name: self.processors[name](value) for name, value in values.items() if name in self.processors}
        merged = {**values, **converted} if converted else values
        return [merged[name] for name in self.positional_names] if self.positional_names else merged


def prepare(statement: sa.TextClause, dialect: sa.Dialect) -> PreparedStatement:
    """Compile the statement for a dialect's driver."""
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("expected an SQL statement")
    processors = {
        name: processor
        for name, bind in compiled.binds.items()
        if (processor := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    return PreparedStatement(str(compiled), tuple(compiled.positiontup or ()), processors)


def parse_url(url: str) -> sa.URL:
    """Parse a database URL and choose its driver. Raise DatabaseError if it is not supported."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseError("DATABASE_URL is not a database URL.", _URL_HINT) from None
    if parsed.get_backend_name() in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    raise DatabaseError("DATABASE_URL names an unsupported database.", _URL_HINT)


_URL_HINT = "Use a URL such as sqlite:///var/dlvm.db or postgresql://user@host/name."


def format_url(url: sa.URL) -> str:
    """Return the URL without secrets: the file of an SQLite database, or the host and name on PostgreSQL."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return f"postgresql://{url.host or 'localhost'}/{url.database or ''}"


def _prepare_file(path: str) -> None:
    """Create the folder of a new file. Raise DatabaseError if the file is not an SQLite database."""
    file = Path(path)
    try:
        if file.is_dir():
            raise DatabaseError(f"{path} is a folder, not a database file.", "Set DATABASE_URL to a file.")
        if file.exists() and file.stat().st_size:
            with file.open("rb") as opened:
                if opened.read(len(_HEADER)) != _HEADER:
                    raise errors.make_not_a_database_error(path)
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The database {path} can’t be opened: {error.strerror}.", "Check that the folder exists and is writable."
        ) from error


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("reads_only", False):
        raw: Any = connection.connection.dbapi_connection
        raw.execute("BEGIN")  # takes no lock yet, so it can't fail with an error that SQLAlchemy would have to wrap
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("reads_only", False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch to WAL, retrying: SQLite ignores the busy timeout while another process switches a new file."""
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
