"""What is read beside the table, put together: the release notes and the policy page, and what the log says of them."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FEED_TYPES, FetchResult
from bot.policy import durations, freshness
from bot.service.catalogue.release_notes import ReleaseNotesPoller, ReleaseNotesResult
from bot.service.catalogue.support_policy import SupportPolicyPoller, SupportPolicyResult
from bot.service.operator.channel import Notify
from bot.settings import Settings
from storage.database import Database
from storage.facts import POLICY_PAGE, RELEASE_NOTES, Source

Clock = Callable[[], datetime]

SOURCE_TITLES = {RELEASE_NOTES: "release notes", POLICY_PAGE: "policy page"}
SOURCE_SETTINGS = {RELEASE_NOTES: "DLVM_NOTES_URL", POLICY_PAGE: "DLVM_POLICY_URL"}

logger = logging.getLogger(__name__)


def build_release_notes_poller(settings: Settings, database: Database, fetcher: Fetcher) -> ReleaseNotesPoller:
    """What reads the release notes of the settings."""

    def get(source: Source) -> FetchResult:
        return fetcher.get(
            settings.dlvm_notes_url, etag=source.etag, last_modified=source.last_modified, content_types=FEED_TYPES
        )

    return ReleaseNotesPoller(database, get)


def build_support_policy_poller(
    settings: Settings, database: Database, notify_operator: Notify, fetcher: Fetcher
) -> SupportPolicyPoller:
    """What watches the policy page of the settings."""

    def get(source: Source) -> FetchResult:
        return fetcher.get(settings.dlvm_policy_url, etag=source.etag, last_modified=source.last_modified)

    return SupportPolicyPoller(database, get, notify_operator)


def build_release_notes_job(poller: ReleaseNotesPoller, clock: Clock) -> Callable[[], ReleaseNotesResult | None]:
    """An attempt at the release notes where its time has come."""
    return lambda: _log_release_notes(poller.run(clock()))


def build_support_policy_job(poller: SupportPolicyPoller, clock: Clock) -> Callable[[], SupportPolicyResult | None]:
    """An attempt at the policy page where its time has come."""
    return lambda: _log_support_policy(poller.run(clock()))


def describe_source(source: Source, now: datetime) -> tuple[bool, str]:
    """Whether a reading is well, and how it stands, in a few words."""
    if source.polling_since is None:
        return True, f"not fetched: {SOURCE_SETTINGS[source.product]} is off, or dlvm has not run yet"
    since = freshness.find_unverified_since(source.polling_since, source.last_good_at, now)
    why = f" ({source.problem})" if source.problem else ""
    if since is not None:
        return False, f"not read since {durations.format_date(since.date())}{why}"
    read = f"last read {durations.format_date(source.last_good_at.date())}" if source.last_good_at else "not read yet"
    return not source.problem, f"{read}{why}"


def _log_release_notes(done: ReleaseNotesResult | None) -> ReleaseNotesResult | None:
    if done is not None and done.problem:
        what = "in part not be read" if done.is_read else "not be read"
        logger.warning("the release notes could %s: %s", what, done.problem)
    for note, version in done.announced if done is not None else ():
        logger.info("the release notes tell of %s: %s", version, note)
    return done


def _log_support_policy(done: SupportPolicyResult | None) -> SupportPolicyResult | None:
    if done is not None and done.notice:
        logger.warning("%s", done.notice)
    elif done is not None and done.problem:
        logger.warning("the policy page could not be read: %s", done.problem)
    return done
