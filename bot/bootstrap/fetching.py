"""The refresh put together: the page of the settings, fetched within its hosts, and what the log says of it."""

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
    """What reads the page of the settings."""
    description = replace(DEEP_LEARNING_VM_IMAGES, address=settings.dlvm_catalogue_url)

    def get(source: Source) -> FetchResult:
        return fetcher.get(description.address, etag=source.etag, last_modified=source.last_modified)

    operator = OperatorChannel(settings.dlvm_operator_channel)

    def witness(session: Session, key: str, sentence: str, now: datetime) -> None:
        operator.notify(session, "contradicted", key, sentence, now=now, url=description.address)

    refresh = CatalogueIngest(database, SnapshotCache(), build_default_schedule(settings), witness)
    return CatalogueRefresh(database, refresh, description, get, operator)


def build_refresh_job(refresh: CatalogueRefresh, clock: Callable[[], datetime]) -> Callable[[], RefreshResult | None]:
    """An attempt where its time has come; the log tells what wants a person."""

    def attempt() -> RefreshResult | None:
        done = refresh.run(clock())
        if done is not None:
            log_refresh(done)
        return done

    return attempt


def log_refresh(done: RefreshResult) -> None:
    """Says in the log what an attempt came to, where anybody has to know."""
    if done.problem:
        logger.warning("the page could not be taken: %s", done.problem)
    for one in done.quarantined:
        logger.warning("held back, see dlvm catalogue review: %s %s: %s", one.family, one.field, one.reason)
    for change in done.changes:
        logger.info("%s: %s moved from %s to %s", change.version, change.milestone, change.before, change.after)
