"""The scheduler jobs that poll Google's pages.

Each job is built at its first run: page parsers are slow to import, and a process that only serves requests needs
none of them.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache, partial
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

JOBS = {DLVM: "refresh", RELEASE_NOTES: "notes", POLICY_PAGE: "policy"}
"""The name of each source's job."""


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
    for key in JOBS:
        sources.set_polling(session, now if key in keys else None, key)


def build_jobs(
    settings: Settings, database: Database, clock: Clock, notify_operator: Notify, fetcher: Fetcher
) -> dict[str, Job]:
    """Return one job for each enabled source, by name. A job that fails doesn't affect the others."""

    @cache
    def build(source: str) -> Job:
        from bot.bootstrap import catalogue_pollers  # noqa: PLC0415 - slow to import

        return catalogue_pollers.build_job(source, settings, database, clock, notify_operator, fetcher)

    def run(source: str) -> object:
        return build(source)()

    polled = list_polled_sources(settings)
    return {name: partial(run, source) for source, name in JOBS.items() if source in polled}


def _get_version() -> str:
    try:
        return version("dlvm")
    except PackageNotFoundError:
        return "0"
