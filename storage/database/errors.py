"""What keeps a database from being used, in sentences for a person."""

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError


class DatabaseError(Exception):
    """What keeps the database from being used, in a sentence for a person, and what to do about it."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.message = sentence
        self.hint = hint


def make_not_a_database_error(path: str) -> DatabaseError:
    """A file that is something else."""
    return DatabaseError(
        f"{path} is not an SQLite database; nothing in it was changed.",
        "Name another file in DATABASE_URL, or put a backup in its place.",
    )


DAMAGE_HINT = "Put a backup in its place, or save what can be read: sqlite3 {name} .recover"

_SQLITE_TROUBLE = (
    (
        "database is locked",
        "The database {name} is locked by another process.",
        "Try again in a moment; `fuser {name}` shows who holds it.",
    ),
    ("database table is locked", "The database {name} is locked by another process.", "Try again in a moment."),
    ("readonly", "The database {name} may only be read, not written.", "Check the rights of the file and its folder."),
    (
        "not a database",
        "{name} is not an SQLite database; nothing in it was changed.",
        "Name another file in DATABASE_URL, or put a backup in its place.",
    ),
    (
        "malformed",
        "The database {name} is damaged.",
        DAMAGE_HINT,
    ),
    (
        "full",
        "There is no room left to write the database {name}; nothing was changed.",
        "Make room on the disk and try again.",
    ),
    ("unable to open", "The database {name} can’t be opened.", "Check that its folder exists and may be written."),
    (
        "disk i/o error",
        "The database {name} can’t be read from or written to its disk.",
        "Check the disk; nothing was changed.",
    ),
)


_NO_CONNECTION = {"", "08", "28", "3D", "57"}
"""SQLSTATE classes: no answer, connection, password, no such database, shutting down."""


def explain(error: SQLAlchemyError, name: str) -> DatabaseError | None:
    """The trouble in a sentence, where it is the database's and not our statement's."""
    if not isinstance(error, DBAPIError):
        return (
            DatabaseError(f"The database {name} gave no connection in time.", "Try again in a moment.")
            if isinstance(error, sa.exc.TimeoutError)
            else None
        )
    text = str(error.orig).lower()
    if "sqlite" in type(error.orig).__module__:
        for sign, sentence, hint in _SQLITE_TROUBLE:
            if sign in text:
                return DatabaseError(sentence.format(name=name), hint.format(name=name))
        return None
    state = str(getattr(error.orig, "sqlstate", "") or "")
    if state.startswith("53"):
        return DatabaseError(f"PostgreSQL has no room or connections left: {name}.", "Make room and try again.")
    if error.connection_invalidated or (isinstance(error, OperationalError) and state[:2] in _NO_CONNECTION):
        return DatabaseError(
            f"PostgreSQL can’t be reached or used: {name}.",
            "Check that it runs, and the address and password in DATABASE_URL.",
        )
    return None


def is_transient(error: SQLAlchemyError) -> bool:
    """Whether PostgreSQL ended the transaction for another's sake: a deadlock, or an order that can't be kept."""
    orig = getattr(error, "orig", None)
    return getattr(orig, "sqlstate", None) in {"40001", "40P01"}
