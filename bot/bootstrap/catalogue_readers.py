"""What is read beside the table, put together: the release notes and the policy page, and what the log says of them."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.catalogue.http.fetcher import Fetcher
from bot.catalogue.http.results import FEEDS, Outcome
from bot.policy import durations, freshness
from bot.service.catalogue.release_notes import NotesRead, Noting
from bot.service.catalogue.support_policy import PolicyPage, PolicyRead
from bot.service.operator.channel import Tell
from bot.settings import Settings
from storage.database import Database
from storage.facts import NOTES, POLICY, Source

Clock = Callable[[], datetime]

TITLES = {NOTES: "release notes", POLICY: "policy page"}
SETTINGS = {NOTES: "DLVM_NOTES_URL", POLICY: "DLVM_POLICY_URL"}

logger = logging.getLogger(__name__)


def noting(settings: Settings, database: Database, fetch: Fetcher) -> Noting:
    """What reads the release notes of the settings."""

    def get(source: Source) -> Outcome:
        return fetch.get(settings.dlvm_notes_url, etag=source.etag, last_modified=source.last_modified, kinds=FEEDS)

    return Noting(database, get)


def policy_page(settings: Settings, database: Database, tell: Tell, fetch: Fetcher) -> PolicyPage:
    """What watches the policy page of the settings."""

    def get(source: Source) -> Outcome:
        return fetch.get(settings.dlvm_policy_url, etag=source.etag, last_modified=source.last_modified)

    return PolicyPage(database, get, tell)


def notes_job(found: Noting, clock: Clock) -> Callable[[], NotesRead | None]:
    """An attempt at the release notes where its time has come."""
    return lambda: _notes_told(found.run(clock()))


def policy_job(found: PolicyPage, clock: Clock) -> Callable[[], PolicyRead | None]:
    """An attempt at the policy page where its time has come."""
    return lambda: _policy_told(found.run(clock()))


def standing(source: Source, now: datetime) -> tuple[bool, str]:
    """Whether a reading is well, and how it stands, in a few words."""
    if source.watched_since is None:
        return True, f"not fetched: {SETTINGS[source.product]} is off, or dlvm has not run yet"
    since = freshness.unverified_since(source.watched_since, source.good_at, now)
    why = f" ({source.problem})" if source.problem else ""
    if since is not None:
        return False, f"not read since {durations.plain_date(since.date())}{why}"
    read = f"last read {durations.plain_date(source.good_at.date())}" if source.good_at else "not read yet"
    return not source.problem, f"{read}{why}"


def _notes_told(done: NotesRead | None) -> NotesRead | None:
    if done is not None and done.problem:
        what = "in part not be read" if done.is_read else "not be read"
        logger.warning("the release notes could %s: %s", what, done.problem)
    for note, version in done.told if done is not None else ():
        logger.info("the release notes tell of %s: %s", version, note)
    return done


def _policy_told(done: PolicyRead | None) -> PolicyRead | None:
    if done is not None and done.told:
        logger.warning("%s", done.told)
    elif done is not None and done.problem:
        logger.warning("the policy page could not be read: %s", done.problem)
    return done
