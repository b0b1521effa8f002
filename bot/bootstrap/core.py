"""The composition root: puts the parts together that need no Slack, and is the only reader of the clock.

`bot.house` adds what speaks to Slack; it is apart because Bolt is slow to import and a question in the terminal
needs none of it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.catalogue import local_file
from bot.commands.dispatcher import UNCHECKED, AccessUseCases, ChannelLook, Dispatcher
from bot.service.access.audit import AuditLog
from bot.service.access.permissions import OfflineDirectory, Permissions, UserDirectory
from bot.service.catalogue import bundled
from bot.service.place import Place
from bot.service.subscriptions.import_export import ImportExport
from bot.service.subscriptions.preview import ReminderPreviews
from bot.service.subscriptions.settings import SettingsEditor
from bot.service.subscriptions.subscribe import Subscriptions
from bot.service.teams.overview import Overview
from bot.service.teams.teams import Teams
from bot.service.versions.history import VersionHistories
from bot.service.versions.lookup import VersionLookup
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings, SettingsError
from storage import migrations
from storage.database import Database
from storage.facts import Schedule


def now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock


def get_unix_time() -> float:
    """The present instant in seconds, for the timestamps of signatures."""
    return time.time()  # noqa: TID251 - the same


def build_default_schedule(settings: Settings) -> Schedule:
    """The schedule of channels that set none."""
    return Schedule(zone=settings.dlvm_zone, hour=settings.dlvm_hour)


def open_database(settings: Settings) -> Database:
    """The database of the settings, whatever state it is in; raises DatabaseError."""
    return Database(settings.database_url)


def prepare_database(settings: Settings) -> Database:
    """The database, migrated where it is dlvm's own file; on PostgreSQL `dlvm migrate` has to have run."""
    check_catalogue_file(settings)
    database = open_database(settings)
    if database.dialect == "sqlite":
        migrate_database(database, settings.dlvm_catalogue_file)
    else:
        migrations.require_current(database)
    return database


def migrate_database(database: Database, file: Path | None = None) -> bool:
    """Brings the database and its catalogue up to date; True where anything changed."""
    changed = migrations.migrate(database)
    return bundled.load(database, now(), file) or changed


def check_catalogue_file(settings: Settings) -> None:
    """Raises SettingsError where the file in place of the bundled table can't be read."""
    file = settings.dlvm_catalogue_file
    if file is None:
        return

    try:
        local_file.read(file)
    except local_file.FileError as error:
        raise SettingsError((f"DLVM_CATALOGUE_FILE can’t be read: {file.name}, {error}.",)) from None


def explain_ignored_file(database: Database, settings: Settings) -> str:
    """Why the file of the settings is not what the catalogue says; empty where it is, or there is none."""
    file = settings.dlvm_catalogue_file
    return bundled.find_skip_reason(database, file) if file is not None else ""


def build_dispatcher(
    database: Database,
    default: Schedule,
    look_up: Callable[[Place], ChannelLook] = lambda _: UNCHECKED,
    users: UserDirectory | None = None,
) -> tuple[Dispatcher, VersionLookup]:
    """What answers commands; without Slack, no channel is looked at and everybody is a member."""
    snapshots = SnapshotCache()
    lookup = VersionLookup(database, snapshots, default)
    settings = SettingsEditor(database, snapshots, default)
    permissions = Permissions(database, users or OfflineDirectory())
    access = AccessUseCases(
        permissions,
        AuditLog(database, default),
        Teams(database, snapshots, default, permissions),
        Overview(database, snapshots, default),
        ImportExport(database, snapshots, default, settings),
    )
    dispatcher = Dispatcher(
        lookup,
        Subscriptions(database, snapshots, default),
        settings,
        ReminderPreviews(database, snapshots, default),
        access,
        VersionHistories(database, snapshots, default),
        look_up,
    )
    return dispatcher, lookup


def get_shared_clock(database: Database) -> Callable[[], datetime]:
    """The clock that all processes on a database share: PostgreSQL's own; beside an SQLite file, the machine's."""
    return now if database.dialect == "sqlite" else database.fetch_now
