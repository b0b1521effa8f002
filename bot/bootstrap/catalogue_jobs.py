"""What is read of Google's pages while the bot runs, each job put together at its first run.

What takes pages apart is slow to import, and a process that only answers needs none of it.
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
    """What fetches within the hosts of the settings."""
    return Fetcher(_get_version(), allowed_hosts=AllowedHosts(settings.catalogue_hosts))


def list_polled_sources(settings: Settings) -> frozenset[str]:
    """The keys of what is on."""
    on = {
        DLVM: settings.should_fetch_catalogue,
        RELEASE_NOTES: settings.should_fetch_release_notes,
        POLICY_PAGE: settings.should_fetch_support_policy,
    }
    return frozenset(key for key, is_on in on.items() if is_on)


def record_polled_sources(session: Session, keys: Collection[str], now: datetime) -> None:
    """Notes that these are read from now on, and the others no longer."""
    for key in (DLVM, RELEASE_NOTES, POLICY_PAGE):
        sources.set_polling(session, now if key in keys else None, key)


def build_jobs(
    settings: Settings, database: Database, clock: Clock, notify_operator: Notify, fetcher: Fetcher
) -> dict[str, Job]:
    """A job for each of what is on, so that none can disturb another."""

    def table() -> Job:
        from bot.bootstrap import fetching  # noqa: PLC0415 - put together at its first run

        return fetching.build_refresh_job(fetching.build_catalogue_refresh(settings, database, fetcher), clock)

    def notes() -> Job:
        from bot.bootstrap import catalogue_readers  # noqa: PLC0415 - the same

        return catalogue_readers.build_release_notes_job(
            catalogue_readers.build_release_notes_poller(settings, database, fetcher), clock
        )

    def policy() -> Job:
        from bot.bootstrap import catalogue_readers  # noqa: PLC0415 - the same

        return catalogue_readers.build_support_policy_job(
            catalogue_readers.build_support_policy_poller(settings, database, notify_operator, fetcher), clock
        )

    made = {DLVM: ("refresh", table), RELEASE_NOTES: ("notes", notes), POLICY_PAGE: ("policy", policy)}
    return {name: _build_lazily(make) for key, (name, make) in made.items() if key in list_polled_sources(settings)}


def _build_lazily(make: Callable[[], Job]) -> Job:
    made = cache(make)

    def run() -> object:
        return made()()

    return run


def _get_version() -> str:
    try:
        return version("dlvm")
    except PackageNotFoundError:
        return "0"
