"""Clock and database, which every process needs. No other module reads the clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.catalogue import local_file
from bot.service.catalogue import bundled
from bot.settings import Settings, SettingsError
from storage import migrations
from storage.database import Database
from storage.facts import Schedule


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the only place that reads the clock


def get_unix_time() -> float:
    """Return the current Unix time in seconds, for checking the timestamps of signatures."""
    return time.time()  # noqa: TID251 - the only place that reads the clock


def build_default_schedule(settings: Settings) -> Schedule:
    """Return the schedule of channels that set none of their own."""
    return Schedule(zone=settings.dlvm_zone, hour=settings.dlvm_hour)


def open_database(settings: Settings) -> Database:
    """Open the database in the settings without checking its schema. Raises DatabaseError."""
    return Database(settings.database_url)


def prepare_database(settings: Settings) -> Database:
    """Open the database and make sure its schema is current.

    Migrates an SQLite file. On PostgreSQL, raises DatabaseError until `dlvm migrate` has run.
    """
    check_catalogue_file(settings)
    database = open_database(settings)
    if database.dialect == "sqlite":
        migrate_database(database, settings.dlvm_catalogue_file)
    else:
        migrations.require_current(database)
    return database


def migrate_database(database: Database, file: Path | None = None) -> bool:
    """Migrate the database and load the bundled catalogue, or `file`. Return True if anything changed."""
    changed = migrations.migrate(database)
    return bundled.load(database, now(), file) or changed


def check_catalogue_file(settings: Settings) -> None:
    """Raise SettingsError if DLVM_CATALOGUE_FILE is set but can't be read."""
    file = settings.dlvm_catalogue_file
    if file is None:
        return
    try:
        local_file.read(file)
    except local_file.FileError as error:
        raise SettingsError((f"DLVM_CATALOGUE_FILE can’t be read: {file.name}, {error}.",)) from None


def explain_ignored_file(database: Database, settings: Settings) -> str:
    """Return why the catalogue ignores DLVM_CATALOGUE_FILE. Empty if it doesn't, or no file is set."""
    file = settings.dlvm_catalogue_file
    return bundled.find_skip_reason(database, file) if file is not None else ""


def get_shared_clock(database: Database) -> Callable[[], datetime]:
    """Return a clock that every process on the database shares: PostgreSQL's, or the machine's for SQLite."""
    return now if database.dialect == "sqlite" else database.fetch_now
