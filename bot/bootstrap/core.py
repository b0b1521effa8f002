"""The composition root: puts the parts together that need no Slack, and is the only reader of the clock.

`bot.house` adds what speaks to Slack; it is apart because Bolt is slow to import and a question in the terminal
needs none of it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.catalogue import local_file
from bot.commands.dispatcher import UNSEEN, Conversation, Governing, Seen
from bot.service.access.audit import Audit
from bot.service.access.permissions import People, Permissions, Unasked
from bot.service.catalogue import bundled
from bot.service.place import Place
from bot.service.subscriptions.import_export import Bulk
from bot.service.subscriptions.preview import Previews
from bot.service.subscriptions.settings import ChannelSettings
from bot.service.subscriptions.subscribe import Subscriptions
from bot.service.teams.overview import Overview
from bot.service.teams.teams import Teams
from bot.service.versions.history import Histories
from bot.service.versions.lookup import Lookup
from bot.service.versions.snapshot import KnownVersions
from bot.settings import Settings, SettingsError
from storage import migrations
from storage.database import Database
from storage.facts import Schedule


def now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock


def epoch() -> float:
    """The present instant in seconds, for the timestamps of signatures."""
    return time.time()  # noqa: TID251 - the same


def default_schedule(settings: Settings) -> Schedule:
    """The schedule of channels that set none."""
    return Schedule(zone=settings.dlvm_zone, hour=settings.dlvm_hour)


def opened(settings: Settings) -> Database:
    """The database of the settings, whatever state it is in; raises DatabaseError."""
    return Database(settings.database_url)


def ready(settings: Settings) -> Database:
    """The database, migrated where it is dlvm's own file; on PostgreSQL `dlvm migrate` has to have run."""
    check_file(settings)
    database = opened(settings)
    if database.dialect == "sqlite":
        migrated(database, settings.dlvm_catalogue_file)
    else:
        migrations.require_current(database)
    return database


def migrated(database: Database, file: Path | None = None) -> bool:
    """Brings the database and its catalogue up to date; True where anything changed."""
    changed = migrations.migrate(database)
    return bundled.load(database, now(), file) or changed


def check_file(settings: Settings) -> None:
    """Raises SettingsError where the file in place of the bundled table can't be read."""
    file = settings.dlvm_catalogue_file
    if file is None:
        return

    try:
        local_file.read(file)
    except local_file.FileError as error:
        raise SettingsError((f"DLVM_CATALOGUE_FILE can’t be read: {file.name}, {error}.",)) from None


def file_left_out(database: Database, settings: Settings) -> str:
    """Why the file of the settings is not what the catalogue says; empty where it is, or there is none."""
    file = settings.dlvm_catalogue_file
    return bundled.left_out(database, file) if file is not None else ""


def talking(
    database: Database,
    default: Schedule,
    look: Callable[[Place], Seen] = lambda _: UNSEEN,
    people: People | None = None,
) -> tuple[Conversation, Lookup]:
    """What answers commands; without Slack, no channel is looked at and everybody is a member."""
    known = KnownVersions()
    lookup = Lookup(database, known, default)
    settings = ChannelSettings(database, known, default)
    permissions = Permissions(database, people or Unasked())
    governing = Governing(
        permissions,
        Audit(database, default),
        Teams(database, known, default, permissions),
        Overview(database, known, default),
        Bulk(database, known, default, settings),
    )
    conversation = Conversation(
        lookup,
        Subscriptions(database, known, default),
        settings,
        Previews(database, known, default),
        governing,
        Histories(database, known, default),
        look,
    )
    return conversation, lookup


def clock_of(database: Database) -> Callable[[], datetime]:
    """The clock that all processes on a database share: PostgreSQL's own; beside an SQLite file, the machine's."""
    return now if database.dialect == "sqlite" else database.now
