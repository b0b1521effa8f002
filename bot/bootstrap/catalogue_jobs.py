"""The scheduler jobs that poll Google's pages.

Each job is built at its first run: page parsers are slow to import, and a process that only serves requests needs
none of them.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from sqlmodel import Session

from bot.catalogue.http.allowed_hosts import AllowedHosts
from bot.catalogue.http.fetcher import Fetcher
from bot.service.operator.channel import Notify
from bot.settings import Settings
from storage import sources
from storage.database import Database
from storage.facts import DLVM, POLICY_PAGE, RELEASE_NOTES

Clock = Callable[[], datetime]
Job = Callable[[], object]


def build_fetcher(settings: Settings) -> Fetcher:
    """Return a fetcher limited to the hosts in the settings."""
    return Fetcher(_get_version(), allowed_hosts=AllowedHosts(settings.catalogue_hosts))


def list_polled_sources(settings: Settings) -> frozenset[str]:
    """Return the keys of the sources that the settings enable."""
    is_enabled = {
        DLVM: settings.should_fetch_catalogue,
        RELEASE_NOTES: settings.should_fetch_release_notes,
        POLICY_PAGE: settings.should_fetch_support_policy,
    }
    return frozenset(key for key, enabled in is_enabled.items() if enabled)


def record_polled_sources(session: Session, keys: Collection[str], now: datetime) -> None:
    """Mark the sources in `keys` as polled from `now` on, and all others as not polled."""
    for key in (DLVM, RELEASE_NOTES, POLICY_PAGE):
        sources.set_polling(session, now if key in keys else None, key)


def build_jobs(
    settings: Settings, database: Database, clock: Clock, notify_operator: Notify, fetcher: Fetcher
) -> dict[str, Job]:
    """Return one job for each enabled source, by name. A job that fails doesn't affect the others."""

    def build_refresh() -> Job:
        from bot.bootstrap import fetching  # noqa: PLC0415 - slow to import

        return fetching.build_refresh_job(fetching.build_catalogue_refresh(settings, database, fetcher), clock)

    def build_release_notes() -> Job:
        from bot.bootstrap import catalogue_readers  # noqa: PLC0415 - slow to import

        poller = catalogue_readers.build_release_notes_poller(settings, database, fetcher)
        return catalogue_readers.build_release_notes_job(poller, clock)

    def build_support_policy() -> Job:
        from bot.bootstrap import catalogue_readers  # noqa: PLC0415 - slow to import

        poller = catalogue_readers.build_support_policy_poller(settings, database, notify_operator, fetcher)
        return catalogue_readers.build_support_policy_job(poller, clock)

    builders = {
        DLVM: ("refresh", build_refresh),
        RELEASE_NOTES: ("notes", build_release_notes),
        POLICY_PAGE: ("policy", build_support_policy),
    }
    polled = list_polled_sources(settings)
    return {name: _build_lazily(build_job) for key, (name, build_job) in builders.items() if key in polled}


def _build_lazily(build_job: Callable[[], Job]) -> Job:
    get_job = cache(build_job)

    def run() -> object:
        return get_job()()

    return run


def _get_version() -> str:
    try:
        return version("dlvm")
    except PackageNotFoundError:
        return "0"
