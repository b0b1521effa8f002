"""Engines as dlvm uses them: SQLite in WAL mode with full syncs and real transactions, and PostgreSQL."""

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
"""The first with RETURNING and MATERIALIZED."""

WAL_ATTEMPTS = 80
WAL_PAUSE = 0.025
"""Seconds; with the attempts two seconds in all."""

_HEADER = b"SQLite format 3\x00"


def create(url: sa.URL, busy_timeout: float) -> sa.Engine:
    """The engine of an address; one that carries `reads_only` among its options never waits for a writer."""
    return _sqlite(url, busy_timeout) if url.get_backend_name() == "sqlite" else _postgresql(url)


def _sqlite(url: sa.URL, busy_timeout: float) -> sa.Engine:
    if sqlite3.sqlite_version_info < MIN_SQLITE_VERSION:
        raise DatabaseError(f"SQLite {sqlite3.sqlite_version} is too old; dlvm needs 3.35.", "Use a newer Python.")
    _prepare_file(url.database or "")
    engine = sa.create_engine(url, pool_size=20, max_overflow=20)
    event.listen(engine, "connect", lambda connection, _: _set_up(connection, busy_timeout))
    event.listen(engine, "begin", _begin)
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
    """How long an SQLite connection waits for a locked file from now on."""
    driver.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _postgresql(url: sa.URL) -> sa.Engine:
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
    """A statement as a driver takes it."""

    text: str
    positional_names: tuple[str, ...]
    """Of its values, where the driver knows them by their place; empty where by their names."""
    processors: Mapping[str, Callable[[Any], object]]
    """What makes of a value what the driver takes, where its type wants that."""

    def bind(self, values: Mapping[str, object]) -> Sequence[object] | Mapping[str, object]:
        """The values as the driver takes them."""
        given = {name: self.processors[name](value) for name, value in values.items() if name in self.processors}
        whole = {**values, **given} if given else values
        return [whole[name] for name in self.positional_names] if self.positional_names else whole


def prepare(statement: sa.TextClause, dialect: sa.Dialect) -> PreparedStatement:
    """The statement for the driver of a dialect."""
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("not a statement with values")
    found = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    processors = {name: processor for name, processor in found.items() if processor is not None}
    return PreparedStatement(str(compiled), tuple(compiled.positiontup or ()), processors)


def parse_url(url: str) -> sa.URL:
    """The address with the driver that is used; raises DatabaseError."""
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


def format_url(url: sa.URL) -> str:
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
                    raise errors.make_not_a_database_error(path)
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"The database {path} can’t be opened: {error.strerror}.",
            "Check that the folder exists and may be written.",
        ) from error


def _begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("reads_only", False):
        raw: Any = connection.connection.dbapi_connection
        raw.execute("BEGIN")  # takes no lock yet, so that nothing of it can fail
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


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
