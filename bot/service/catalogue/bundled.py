"""The bundled table brought into the catalogue, or a file in its place."""

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
from storage.facts import CatalogueReading, ImageFamily, Schedule


def load(database: Database, now: datetime, file: Path | None) -> bool:
    """Loads the file where one is given, otherwise the bundle; True when it did. Raises files.FileError."""
    return load_file(database, now, file) if file is not None else load_bundled(database, now)


def load_bundled(database: Database, now: datetime) -> bool:
    """Loads the bundled table where the catalogue is empty or as of an earlier day; True when it did."""
    bundled = seed.load()
    with database.read_only() as session:
        stored = catalogue.find_last_reading(session, bundled.product)
    if stored is not None and stored.as_of >= bundled.as_of:
        return False
    _build_ingest(database).apply(bundled.families, _build_reading(bundled, now), now)
    return True


def load_file(database: Database, now: datetime, path: Path) -> bool:
    """Loads a file that says something else than the catalogue and is newer; True when it did.

    One of the same day counts as newer as long as the page was never read. What it does not list has vanished.
    """
    table = local_file.read(path)
    with database.read_only() as session:
        known, gone = catalogue.list_all(session, table.product), catalogue.list_vanished(session, table.product)
        newer = _is_newer(session, table)
    if not newer or _is_unchanged(table, known, gone):
        return False
    refresh, reading = _build_ingest(database), _build_reading(table, now)
    stored = {row.family for row in known}
    listed = [row for row in table.families if row.family not in table.unlisted]
    unheard = [row for row in table.families if row.family in table.unlisted and row.family not in stored]
    if unheard:
        refresh.apply([*listed, *unheard], reading, now)
        stored |= {row.family for row in unheard}
    vanished = sorted(stored - gone - {row.family for row in listed})
    refresh.apply(listed, reading, now, vanished=vanished)
    return True


def find_skip_reason(database: Database, path: Path) -> str:
    """Why a file was not loaded although it says something else than the catalogue; empty where it was."""
    table = local_file.read(path)
    with database.read_only() as session:
        known, gone = catalogue.list_all(session, table.product), catalogue.list_vanished(session, table.product)
        stored, newer = catalogue.find_last_reading(session, table.product), _is_newer(session, table)
    if stored is None or newer or _is_unchanged(table, known, gone):
        return ""
    return (
        f"{path.name} is as of {format_date(table.as_of)}, and the catalogue as of {format_date(stored.as_of)} already"
    )


def _is_newer(session: Session, table: Seed) -> bool:
    stored = catalogue.find_last_reading(session, table.product)
    if stored is None or table.as_of > stored.as_of:
        return True
    return table.as_of == stored.as_of and sources.find(session, table.product).last_good_at is None


def _is_unchanged(table: Seed, known: tuple[ImageFamily, ...], vanished: frozenset[str]) -> bool:
    listed = {row for row in table.families if row.family not in table.unlisted}
    return bool(known) and listed == {row for row in known if row.family not in vanished}


def _build_ingest(database: Database) -> CatalogueIngest:
    return CatalogueIngest(database, SnapshotCache(), Schedule())


def _build_reading(table: Seed, now: datetime) -> CatalogueReading:
    return CatalogueReading(
        product=table.product,
        source_url=table.source_url,
        as_of=table.as_of,
        read_at=now,
        rows=len(table.families),
        quarantined=tuple(f"{held.family}: {held.reason}" for held in table.issues),
    )
