"""The composition root: puts the parts together that need no Slack, and is the only reader of the clock.

`bot.house` adds what speaks to Slack; it is apart because Bolt is slow to import and a question in the terminal
needs none of it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.catalogue import files
from bot.service import seeding
from bot.service.audit import Audit
from bot.service.bulk import Bulk
from bot.service.history import Histories
from bot.service.known import KnownVersions
from bot.service.lookup import Lookup
from bot.service.permissions import People, Permissions, Unasked
from bot.service.place import Place
from bot.service.preview import Previews
from bot.service.progress import Overview
from bot.service.settings import ChannelSettings
from bot.service.subscriptions import Subscriptions
from bot.service.teams import Teams
from bot.settings import Settings, SettingsError
from bot.slack.conversation import UNSEEN, Conversation, Governing, Seen
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
    return seeding.load(database, now(), file) or changed


def check_file(settings: Settings) -> None:
    """Raises SettingsError where the file in place of the bundled table can't be read."""
    file = settings.dlvm_catalogue_file
    if file is None:
        return

    try:
        files.read(file)
    except files.FileError as error:
        raise SettingsError((f"DLVM_CATALOGUE_FILE can’t be read: {file.name}, {error}.",)) from None


def file_left_out(database: Database, settings: Settings) -> str:
    """Why the file of the settings is not what the catalogue says; empty where it is, or there is none."""
    file = settings.dlvm_catalogue_file
    return seeding.left_out(database, file) if file is not None else ""


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
