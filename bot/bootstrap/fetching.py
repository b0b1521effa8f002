"""The refresh of the catalogue from Google's page, and what it logs."""

import logging
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot.bootstrap.core import build_default_schedule
from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FetchResult
from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.refresh import CatalogueRefresh, RefreshResult
from bot.service.operator.channel import OperatorChannel
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings
from storage.database import Database
from storage.facts import Source

logger = logging.getLogger(__name__)


def build_catalogue_refresh(settings: Settings, database: Database, fetcher: Fetcher) -> CatalogueRefresh:
    """Return the refresh from the catalogue page in the settings."""
    description = replace(DEEP_LEARNING_VM_IMAGES, address=settings.dlvm_catalogue_url)
    operator = OperatorChannel(settings.dlvm_operator_channel)

    def fetch(source: Source) -> FetchResult:
        return fetcher.get(description.address, etag=source.etag, last_modified=source.last_modified)

    def report_conflict(session: Session, key: str, text: str, now: datetime) -> None:
        operator.notify(session, "contradicted", key, text, now=now, url=description.address)

    ingest = CatalogueIngest(database, SnapshotCache(), build_default_schedule(settings), report_conflict)
    return CatalogueRefresh(database, ingest, description, fetch, operator)


def build_refresh_job(refresh: CatalogueRefresh, clock: Callable[[], datetime]) -> Callable[[], RefreshResult | None]:
    """Return a job that refreshes the catalogue if it is due, and logs the result."""

    def run() -> RefreshResult | None:
        result = refresh.run(clock())
        if result is not None:
            _log(result)
        return result

    return run


def _log(result: RefreshResult) -> None:
    if result.problem:
        logger.warning("Could not refresh the catalogue: %s", result.problem)
    for entry in result.quarantined:
        logger.warning("Pending review (dlvm catalogue review): %s %s: %s", entry.family, entry.field, entry.reason)
    for change in result.changes:
        logger.info("%s: %s moved from %s to %s", change.version, change.milestone, change.before, change.after)
