"""Loading of the bundled table, or of a local file that replaces it."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from bot.catalogue import local_file, seed
from bot.catalogue.seed import Seed
from bot.policy.durations import format_date
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue, sources
from storage.database import Database
from storage.facts import CatalogueEdition, ImageFamily, Schedule


def load(database: Database, now: datetime, file: Path | None) -> bool:
    """Load the file, or the bundled table if there is none. Return True if the catalogue was updated.

    Raise local_file.FileError if the file is invalid.
    """
    return load_file(database, now, file) if file is not None else load_bundled(database, now)


def load_bundled(database: Database, now: datetime) -> bool:
    """Load the bundled table if the catalogue is empty or older. Return True if it was loaded."""
    table = seed.load()
    with database.read_only() as session:
        last_reading = catalogue.find_last_reading(session, table.product)
    if last_reading is not None and last_reading.as_of >= table.as_of:
        return False
    _build_ingest(database).apply(table.families, _build_reading(table, now), now)
    return True


def load_file(database: Database, now: datetime, path: Path) -> bool:
    """Load a file that differs from the catalogue and is newer. Return True if it was loaded.

    A file of the same day counts as newer until the page has been read. Families missing from the file, or marked as
    unlisted in it, become vanished. Raise local_file.FileError if the file is invalid.
    """
    table = local_file.read(path)
    with database.read_only() as session:
        known, vanished = catalogue.list_all(session, table.product), catalogue.list_vanished(session, table.product)
        is_newer = _is_newer(session, table)
    if not is_newer or _is_unchanged(table, known, vanished):
        return False
    ingest, reading = _build_ingest(database), _build_reading(table, now)
    known_families = {row.family for row in known}
    listed = [row for row in table.families if row.family not in table.unlisted]
    new_unlisted = [row for row in table.families if row.family in table.unlisted and row.family not in known_families]
    if new_unlisted:  # a family must be stored before it can vanish
        ingest.apply([*listed, *new_unlisted], reading, now)
        known_families |= {row.family for row in new_unlisted}
    newly_vanished = sorted(known_families - vanished - {row.family for row in listed})
    ingest.apply(listed, reading, now, vanished=newly_vanished)
    return True


def find_skip_reason(database: Database, path: Path) -> str:
    """Return why a file that differs from the catalogue was not loaded, or an empty string.

    Raise local_file.FileError if the file is invalid.
    """
    table = local_file.read(path)
    with database.read_only() as session:
        known, vanished = catalogue.list_all(session, table.product), catalogue.list_vanished(session, table.product)
        last_reading, is_newer = catalogue.find_last_reading(session, table.product), _is_newer(session, table)
    if last_reading is None or is_newer or _is_unchanged(table, known, vanished):
        return ""
    file_day, catalogue_day = format_date(table.as_of), format_date(last_reading.as_of)
    return f"{path.name} ({file_day}) is not newer than the catalogue ({catalogue_day})"


def _is_newer(session: Session, table: Seed) -> bool:
    last_reading = catalogue.find_last_reading(session, table.product)
    if last_reading is None or table.as_of > last_reading.as_of:
        return True
    return table.as_of == last_reading.as_of and sources.find(session, table.product).last_good_at is None


def _is_unchanged(table: Seed, known: tuple[ImageFamily, ...], vanished: frozenset[str]) -> bool:
    listed = {row for row in table.families if row.family not in table.unlisted}
    return bool(known) and listed == {row for row in known if row.family not in vanished}


def _build_ingest(database: Database) -> CatalogueIngest:
    return CatalogueIngest(database, SnapshotCache(), Schedule())


def _build_reading(table: Seed, now: datetime) -> CatalogueEdition:
    quarantined = tuple(f"{issue.family}: {issue.reason}" for issue in table.issues)
    return CatalogueEdition(table.product, table.source_url, table.as_of, now, len(table.families), quarantined)
