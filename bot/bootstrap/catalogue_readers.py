"""The readers of Google's pages: the refresh of the catalogue, two pollers, and what they log."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from bot.bootstrap.core import build_default_schedule
from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FEED_TYPES, FetchResult
from bot.policy import durations, freshness
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.catalogue.refresh import CatalogueRefresh, RefreshResult
from bot.service.catalogue.release_notes import ReleaseNotesPoller, ReleaseNotesResult
from bot.service.catalogue.support_policy import SupportPolicyPoller, SupportPolicyResult
from bot.service.operator.channel import Notify, OperatorChannel
from bot.service.versions.snapshot import SnapshotCache
from bot.settings import Settings
from storage.database import Database
from storage.facts import POLICY_PAGE, RELEASE_NOTES, Source

Clock = Callable[[], datetime]

SOURCE_TITLES = {RELEASE_NOTES: "release notes", POLICY_PAGE: "policy page"}
SOURCE_SETTINGS = {RELEASE_NOTES: "DLVM_NOTES_URL", POLICY_PAGE: "DLVM_POLICY_URL"}

logger = logging.getLogger(__name__)


def build_catalogue_refresh(settings: Settings, database: Database, fetcher: Fetcher) -> CatalogueRefresh:
    """Return the refresh from the catalogue page in the settings."""
    url = settings.dlvm_catalogue_url
    operator = OperatorChannel(settings.dlvm_operator_channel)

    def fetch(source: Source) -> FetchResult:
        return fetcher.get(url, etag=source.etag, last_modified=source.last_modified)

    def report_conflict(session: Session, key: str, text: str, now: datetime) -> None:
        operator.notify(session, "contradicted", key, text, now=now, url=url)

    ingest = CatalogueIngest(database, SnapshotCache(), build_default_schedule(settings), report_conflict)
    return CatalogueRefresh(database, ingest, url, fetch, operator)


def build_refresh_job(refresh: CatalogueRefresh, clock: Clock) -> Callable[[], RefreshResult | None]:
    """Return a job that refreshes the catalogue if it is due, and logs the result."""

    def run() -> RefreshResult | None:
        result = refresh.run(clock())
        if result is not None:
            _log_refresh(result)
        return result

    return run


def build_release_notes_poller(settings: Settings, database: Database, fetcher: Fetcher) -> ReleaseNotesPoller:
    """Return the poller of the release notes feed in the settings."""

    def fetch(source: Source) -> FetchResult:
        return fetcher.get(
            settings.dlvm_notes_url, etag=source.etag, last_modified=source.last_modified, content_types=FEED_TYPES
        )

    return ReleaseNotesPoller(database, fetch)


def build_support_policy_poller(
    settings: Settings, database: Database, notify_operator: Notify, fetcher: Fetcher
) -> SupportPolicyPoller:
    """Return the poller of the policy page in the settings."""

    def fetch(source: Source) -> FetchResult:
        return fetcher.get(settings.dlvm_policy_url, etag=source.etag, last_modified=source.last_modified)

    return SupportPolicyPoller(database, fetch, notify_operator)


def build_release_notes_job(poller: ReleaseNotesPoller, clock: Clock) -> Callable[[], ReleaseNotesResult | None]:
    """Return a job that polls the release notes if they are due, and logs the result."""
    return lambda: _log_release_notes(poller.run(clock()))


def build_support_policy_job(poller: SupportPolicyPoller, clock: Clock) -> Callable[[], SupportPolicyResult | None]:
    """Return a job that polls the policy page if it is due, and logs the result."""
    return lambda: _log_support_policy(poller.run(clock()))


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


def _log_refresh(result: RefreshResult) -> None:
    if result.problem:
        logger.warning("Could not refresh the catalogue: %s", result.problem)
    for entry in result.quarantined:
        logger.warning("Pending review (dlvm catalogue review): %s %s: %s", entry.family, entry.field, entry.reason)
    for change in result.changes:
        logger.info("%s: %s moved from %s to %s", change.version, change.milestone, change.before, change.after)


def _log_release_notes(result: ReleaseNotesResult | None) -> ReleaseNotesResult | None:
    if result is None:
        return None
    if result.problem:
        notes = "all release notes" if result.is_read else "the release notes"
        logger.warning("Could not read %s: %s", notes, result.problem)
    for note, version in result.announced:
        logger.info("New release note for %s: %s", version, note)
    return result


def _log_support_policy(result: SupportPolicyResult | None) -> SupportPolicyResult | None:
    if result is not None and result.notice:
        logger.warning("%s", result.notice)
    elif result is not None and result.problem:
        logger.warning("Could not read the policy page: %s", result.problem)
    return result
