"""The pollers of Google's catalogue page, release notes and policy page, and what they log."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from bot.bootstrap.core import build_default_schedule
from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FEED_TYPES, PAGE_TYPES, FetchResult
from bot.policy import durations, freshness
from bot.service.catalogue import refresh, release_notes, support_policy
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.poller import Fetch, Poller
from bot.service.operator.channel import Notify, OperatorChannel
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings
from storage.database import Database
from storage.facts import DLVM, POLICY_PAGE, RELEASE_NOTES, Source

T = TypeVar("T")

SOURCE_TITLES = {RELEASE_NOTES: "release notes", POLICY_PAGE: "policy page"}
SOURCE_SETTINGS = {RELEASE_NOTES: "DLVM_NOTES_URL", POLICY_PAGE: "DLVM_POLICY_URL"}

logger = logging.getLogger(__name__)


def build_job(
    source: str,
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime],
    notify_operator: Notify,
    fetcher: Fetcher,
) -> Callable[[], object]:
    """Return a job that polls the source if it is due, and logs the result."""
    if source == DLVM:
        return log_results(build_catalogue_poller(settings, database, fetcher), log_refresh, clock)
    if source == RELEASE_NOTES:
        return log_results(build_release_notes_poller(settings, database, fetcher), _log_release_notes, clock)
    poller = support_policy.build_poller(database, _build_fetch(fetcher, settings.dlvm_policy_url), notify_operator)
    return log_results(poller, _log_support_policy, clock)


def build_catalogue_poller(settings: Settings, database: Database, fetcher: Fetcher) -> Poller[refresh.RefreshResult]:
    """Return the poller of the catalogue page in the settings."""
    url = settings.dlvm_catalogue_url
    operator = OperatorChannel(settings.dlvm_operator_channel)

    def report_conflict(session: Session, key: str, text: str, now: datetime) -> None:
        operator.notify(session, "contradicted", key, text, now=now, url=url)

    ingest = CatalogueIngest(database, SnapshotCache(), build_default_schedule(settings), report_conflict)
    return refresh.build_poller(database, ingest, url, _build_fetch(fetcher, url), operator)


def build_release_notes_poller(
    settings: Settings, database: Database, fetcher: Fetcher
) -> Poller[release_notes.ReleaseNotesResult]:
    """Return the poller of the release notes feed in the settings."""
    return release_notes.build_poller(database, _build_fetch(fetcher, settings.dlvm_notes_url, FEED_TYPES))


def log_results(poller: Poller[T], log: Callable[[T], None], clock: Callable[[], datetime]) -> Callable[[], T | None]:
    """Return a job that polls a source if it is due, and logs the result."""

    def run() -> T | None:
        result = poller.run(clock())
        if result is not None:
            log(result)
        return result

    return run


def describe_source(source: Source, now: datetime) -> tuple[bool, str]:
    """Return True if the source is healthy or off, and a short description of its last poll."""
    if source.polling_since is None:
        return True, f"not fetched: {SOURCE_SETTINGS[source.product]} is off, or dlvm has not run yet"
    unverified_since = freshness.find_unverified_since(source.polling_since, source.last_good_at, now)
    problem = f" ({source.problem})" if source.problem else ""
    if unverified_since is not None:
        return False, f"not read since {durations.format_date(unverified_since.date())}{problem}"
    if source.last_good_at is None:
        return not source.problem, f"not read yet{problem}"
    return not source.problem, f"last read {durations.format_date(source.last_good_at.date())}{problem}"


def _build_fetch(fetcher: Fetcher, url: str, content_types: tuple[str, ...] = PAGE_TYPES) -> Fetch:
    def fetch(source: Source) -> FetchResult:
        return fetcher.get(url, etag=source.etag, last_modified=source.last_modified, content_types=content_types)

    return fetch


def log_refresh(result: refresh.RefreshResult) -> None:
    """Log what needs attention after a poll of the catalogue page."""
    if result.problem:
        logger.warning("Could not refresh the catalogue: %s", result.problem)
    for entry in result.quarantined:
        logger.warning("Pending review (dlvm catalogue review): %s %s: %s", entry.family, entry.field, entry.reason)
    for change in result.changes:
        logger.info("%s: %s moved from %s to %s", change.version, change.milestone, change.before, change.after)


def _log_release_notes(result: release_notes.ReleaseNotesResult) -> None:
    if result.problem:
        notes = "all release notes" if result.is_read else "the release notes"
        logger.warning("Could not read %s: %s", notes, result.problem)
    for note, version in result.announced:
        logger.info("New release note for %s: %s", version, note)


def _log_support_policy(result: support_policy.SupportPolicyResult) -> None:
    if result.notice:
        logger.warning("%s", result.notice)
    elif result.problem:
        logger.warning("Could not read the policy page: %s", result.problem)
