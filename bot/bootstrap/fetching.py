"""The refresh put together: the page of the settings, fetched within its hosts, and what the log says of it."""

import logging
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot.bootstrap.core import default_schedule
from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import Outcome
from bot.catalogue.page.description import DEEP_LEARNING_VM_IMAGES
from bot.service.catalogue.ingest import Refresh
from bot.service.catalogue.refresh import Refreshed, Refreshing
from bot.service.operator.channel import Operator
from bot.service.versions.snapshot import KnownVersions
from bot.settings import Settings
from storage.database import Database
from storage.facts import Source

logger = logging.getLogger(__name__)


def refreshing(settings: Settings, database: Database, fetch: Fetcher) -> Refreshing:
    """What reads the page of the settings."""
    description = replace(DEEP_LEARNING_VM_IMAGES, address=settings.dlvm_catalogue_url)

    def get(source: Source) -> Outcome:
        return fetch.get(description.address, etag=source.etag, last_modified=source.last_modified)

    operator = Operator(settings.dlvm_operator_channel)

    def witness(session: Session, key: str, sentence: str, now: datetime) -> None:
        operator.tell(session, "contradicted", key, sentence, now=now, url=description.address)

    refresh = Refresh(database, KnownVersions(), default_schedule(settings), witness)
    return Refreshing(database, refresh, description, get, operator)


def job(found: Refreshing, clock: Callable[[], datetime]) -> Callable[[], Refreshed | None]:
    """An attempt where its time has come; the log tells what wants a person."""

    def attempt() -> Refreshed | None:
        done = found.run(clock())
        if done is not None:
            tell(done)
        return done

    return attempt


def tell(done: Refreshed) -> None:
    """Says in the log what an attempt came to, where anybody has to know."""
    if done.problem:
        logger.warning("the page could not be taken: %s", done.problem)
    for one in done.held:
        logger.warning("held back, see dlvm catalogue review: %s %s: %s", one.family, one.field, one.reason)
    for change in done.changes:
        logger.info("%s: %s moved from %s to %s", change.version, change.milestone, change.before, change.after)
