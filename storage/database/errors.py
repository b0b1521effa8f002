"""Errors that keep a database from being used, with messages for people."""

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError


class DatabaseError(Exception):
    """A problem with the database that a person can fix: a message, and a hint what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


DAMAGE_HINT = "Restore a backup, or save what is readable: sqlite3 {name} .recover"
_NOT_A_DATABASE = (
    "{name} is not an SQLite database; nothing in it was changed.",
    "Set DATABASE_URL to another file, or restore a backup.",
)
_SQLITE_ERRORS = (
    (
        "database is locked",
        "The database {name} is locked by another process.",
        "Try again in a moment. `fuser {name}` shows which process holds the lock.",
    ),
    ("database table is locked", "The database {name} is locked by another process.", "Try again in a moment."),
    ("readonly", "The database {name} is read-only.", "Check the permissions of the file and its folder."),
    ("not a database", *_NOT_A_DATABASE),
    ("malformed", "The database {name} is damaged.", DAMAGE_HINT),
    (
        "full",
        "There is no space left to write the database {name}; nothing was changed.",
        "Free up disk space and try again.",
    ),
    ("unable to open", "The database {name} can’t be opened.", "Check that its folder exists and is writable."),
    (
        "disk i/o error",
        "The database {name} can’t be read from or written to its disk.",
        "Check the disk; nothing was changed.",
    ),
)
"""A part of SQLite's message, our message, and the hint."""

_CONNECTION_SQLSTATES = {"", "08", "28", "3D", "57"}
"""SQLSTATE classes: no response, connection failure, wrong password, no such database, shutdown."""


def make_not_a_database_error(path: str) -> DatabaseError:
    """Return the error for a file that is not an SQLite database."""
    message, hint = _NOT_A_DATABASE
    return DatabaseError(message.format(name=path), hint)


def explain(error: SQLAlchemyError, name: str) -> DatabaseError | None:
    """Return the error to show for the database `name`, or None if the statement itself is wrong."""
    if isinstance(error, sa.exc.TimeoutError):
        return DatabaseError(f"The database {name} had no free connection in time.", "Try again in a moment.")
    if not isinstance(error, DBAPIError):
        return None
    is_sqlite = "sqlite" in type(error.orig).__module__
    return _explain_sqlite(error, name) if is_sqlite else _explain_postgresql(error, name)


def _explain_sqlite(error: DBAPIError, name: str) -> DatabaseError | None:
    text = str(error.orig).lower()
    for sign, message, hint in _SQLITE_ERRORS:
        if sign in text:
            return DatabaseError(message.format(name=name), hint.format(name=name))
    return None


def _explain_postgresql(error: DBAPIError, name: str) -> DatabaseError | None:
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if state.startswith("53"):
        return DatabaseError(
            f"PostgreSQL has no space or connections left: {name}.", "Free up space or connections, and try again."
        )
    if error.connection_invalidated or (isinstance(error, OperationalError) and state[:2] in _CONNECTION_SQLSTATES):
        return DatabaseError(
            f"PostgreSQL can’t be reached or used: {name}.",
            "Check that it is running, and the address and password in DATABASE_URL.",
        )
    return None


def is_transient(error: SQLAlchemyError) -> bool:
    """Return True if PostgreSQL ended the transaction because of a deadlock or a serialization failure."""
    orig = getattr(error, "orig", None)
    return getattr(orig, "sqlstate", None) in {"40001", "40P01"}
