"""The bundled table brought into the catalogue."""

from datetime import datetime

from bot.catalogue import seed
from bot.service.known import KnownVersions
from bot.service.refresh import Refresh
from storage import catalogue
from storage.database import Database
from storage.facts import CatalogueReading, Schedule


def load_bundled(database: Database, now: datetime) -> bool:
    """Loads the bundled table where the catalogue is empty or as of an earlier day; True when it did."""
    bundled = seed.load()
    with database.reading() as session:
        stored = catalogue.last_reading(session, bundled.product)
    if stored is not None and stored.as_of >= bundled.as_of:
        return False
    reading = CatalogueReading(
        product=bundled.product,
        source_url=bundled.source_url,
        as_of=bundled.as_of,
        read_at=now,
        rows=len(bundled.families),
        held_back=tuple(f"{held.family}: {held.reason}" for held in bundled.held),
    )
    Refresh(database, KnownVersions(), Schedule()).take(bundled.families, reading, now)
    return True
