"""The bundled table brought into the catalogue, or a file in its place."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from bot.catalogue import local_file, seed
from bot.catalogue.seed import Seed
from bot.policy.durations import plain_date
from bot.service.catalogue.ingest import Refresh
from bot.service.versions.snapshot import KnownVersions
from storage import catalogue, sources
from storage.database import Database
from storage.facts import CatalogueReading, ImageFamily, Schedule


def load(database: Database, now: datetime, file: Path | None) -> bool:
    """Loads the file where one is given, otherwise the bundle; True when it did. Raises files.FileError."""
    return load_file(database, now, file) if file is not None else load_bundled(database, now)


def load_bundled(database: Database, now: datetime) -> bool:
    """Loads the bundled table where the catalogue is empty or as of an earlier day; True when it did."""
    bundled = seed.load()
    with database.reading() as session:
        stored = catalogue.last_reading(session, bundled.product)
    if stored is not None and stored.as_of >= bundled.as_of:
        return False
    _refresh(database).take(bundled.families, _reading(bundled, now), now)
    return True


def load_file(database: Database, now: datetime, path: Path) -> bool:
    """Loads a file that says something else than the catalogue and is newer; True when it did.

    One of the same day counts as newer as long as the page was never read. What it does not list has vanished.
    """
    table = local_file.read(path)
    with database.reading() as session:
        known, gone = catalogue.all(session, table.product), catalogue.gone(session, table.product)
        newer = _is_newer(session, table)
    if not newer or _says_the_same(table, known, gone):
        return False
    refresh, reading = _refresh(database), _reading(table, now)
    stored = {row.family for row in known}
    listed = [row for row in table.families if row.family not in table.unlisted]
    unheard = [row for row in table.families if row.family in table.unlisted and row.family not in stored]
    if unheard:
        refresh.take([*listed, *unheard], reading, now)
        stored |= {row.family for row in unheard}
    vanished = sorted(stored - gone - {row.family for row in listed})
    refresh.take(listed, reading, now, gone=vanished)
    return True


def left_out(database: Database, path: Path) -> str:
    """Why a file was not loaded although it says something else than the catalogue; empty where it was."""
    table = local_file.read(path)
    with database.reading() as session:
        known, gone = catalogue.all(session, table.product), catalogue.gone(session, table.product)
        stored, newer = catalogue.last_reading(session, table.product), _is_newer(session, table)
    if stored is None or newer or _says_the_same(table, known, gone):
        return ""
    return f"{path.name} is as of {plain_date(table.as_of)}, and the catalogue as of {plain_date(stored.as_of)} already"


def _is_newer(session: Session, table: Seed) -> bool:
    stored = catalogue.last_reading(session, table.product)
    if stored is None or table.as_of > stored.as_of:
        return True
    return table.as_of == stored.as_of and sources.find(session, table.product).good_at is None


def _says_the_same(table: Seed, known: tuple[ImageFamily, ...], gone: frozenset[str]) -> bool:
    listed = {row for row in table.families if row.family not in table.unlisted}
    return bool(known) and listed == {row for row in known if row.family not in gone}


def _refresh(database: Database) -> Refresh:
    return Refresh(database, KnownVersions(), Schedule())


def _reading(table: Seed, now: datetime) -> CatalogueReading:
    return CatalogueReading(
        product=table.product,
        source_url=table.source_url,
        as_of=table.as_of,
        read_at=now,
        rows=len(table.families),
        held_back=tuple(f"{held.family}: {held.reason}" for held in table.held),
    )
