"""Brings a database to the schema of this code, and refuses one that is newer."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.database import Database, DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
"""The newest revision under `versions/`; named here so that a database that is current costs one query."""

_LOCK = 704_230_117
"""The key of PostgreSQL's advisory lock around a migration: any number that nobody else uses."""


def find_revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.read_only() as session:
        try:
            found = session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        except DBAPIError as error:
            if "alembic_version" in str(error.orig):
                return None
            raise
    return str(found) if found else None


def require_current(database: Database) -> None:
    """Raises DatabaseError unless the database is at this code's revision."""
    at = find_revision(database)
    if at != HEAD:
        raise (
            _newer(database)
            if at is not None and at > HEAD
            else DatabaseError(f"The database {database.display_url} is not migrated yet.", "Run: dlvm migrate")
        )


def migrate(database: Database) -> bool:
    """Upgrades the database; True where anything was applied. Of several that start at once one migrates."""
    at = find_revision(database)
    if at == HEAD:
        return False
    if at is not None and at > HEAD:
        raise _newer(database)
    return migrate_to(database, HEAD)


def migrate_to(database: Database, target: str) -> bool:
    """Takes the database to a revision, up or down; `base` is empty."""
    from alembic import command  # noqa: PLC0415 - slow to import, and needed only when there is something to do

    with database.connection() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _at(connection) == target:  # another process did it while this one waited for the lock
            return False
        config = _config(connection)
        if target == "base" or (_at(connection) or "") > target:
            command.downgrade(config, target)
        else:
            command.upgrade(config, target)
    return True


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def _at(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _newer(database: Database) -> DatabaseError:
    return DatabaseError(
        f"The database {database.display_url} was written by a newer dlvm than this one; nothing was changed.",
        "Run the newer dlvm, or name another database in DATABASE_URL.",
    )
