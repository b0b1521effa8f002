"""Migrations of the database to the schema of this code. A database of a newer schema is refused."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from storage.database import Database, DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0007"
"""The newest revision under `versions/`, repeated here so that an up-to-date database costs one query."""

_LOCK_KEY = 704_230_117
"""The key of PostgreSQL's advisory lock around a migration; arbitrary, but unique on the server."""


def find_revision(database: Database) -> str | None:
    """Return the database's revision, or None if the database is empty."""
    with database.read_only() as session:
        try:
            revision = session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        except DBAPIError as error:
            if "alembic_version" in str(error.orig):
                return None
            raise
    return str(revision) if revision else None


def require_current(database: Database) -> None:
    """Raise DatabaseError unless the database is at this code's revision."""
    revision = find_revision(database)
    if revision == HEAD:
        return
    _refuse_newer(database, revision)
    raise DatabaseError(f"The database {database.display_url} is not migrated yet.", "Run: dlvm migrate")


def migrate(database: Database) -> bool:
    """Upgrade the database. Return False if it was up to date. If several processes call this, one migrates."""
    revision = find_revision(database)
    if revision == HEAD:
        return False
    _refuse_newer(database, revision)
    return migrate_to(database, HEAD)


def migrate_to(database: Database, target: str) -> bool:
    """Upgrade or downgrade the database to a revision; `base` is empty. Return False if it is already there."""
    from alembic import command  # noqa: PLC0415 - slow to import, and needed only if there is something to migrate

    with database.connection() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        revision = _read_revision(connection)
        if revision == target:  # Another process migrated while this one waited for the lock.
            return False
        config = _build_config(connection)
        if target == "base" or (revision or "") > target:
            command.downgrade(config, target)
        else:
            command.upgrade(config, target)
    return True


def _build_config(connection: sa.Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - slow to import, and needed only for a migration

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def _read_revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(database: Database, revision: str | None) -> None:
    if revision is not None and revision > HEAD:
        raise DatabaseError(
            f"The database {database.display_url} was written by a newer version of dlvm; nothing was changed.",
            "Run the newer dlvm, or set DATABASE_URL to another database.",
        )
