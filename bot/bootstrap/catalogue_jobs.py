"""What is read of Google's pages while the bot runs, each job put together at its first run.

What takes pages apart is slow to import, and a process that only answers needs none of it.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from sqlmodel import Session

from bot.catalogue.http.allowed_hosts import Reach
from bot.catalogue.http.fetcher import Fetcher
from bot.service.operator.channel import Tell
from bot.settings import Settings
from storage import sources
from storage.database import Database
from storage.facts import DLVM, NOTES, POLICY

Clock = Callable[[], datetime]
Job = Callable[[], object]


def fetcher(settings: Settings) -> Fetcher:
    """What fetches within the hosts of the settings."""
    return Fetcher(_version(), reach=Reach(settings.catalogue_hosts))


def read(settings: Settings) -> frozenset[str]:
    """The keys of what is on."""
    on = {DLVM: settings.fetches, NOTES: settings.reads_notes, POLICY: settings.watches_policy}
    return frozenset(key for key, is_on in on.items() if is_on)


def watch(session: Session, keys: Collection[str], now: datetime) -> None:
    """Notes that these are read from now on, and the others no longer."""
    for key in (DLVM, NOTES, POLICY):
        sources.watch(session, now if key in keys else None, key)


def jobs(settings: Settings, database: Database, clock: Clock, tell: Tell, fetch: Fetcher) -> dict[str, Job]:
    """A job for each of what is on, so that none can disturb another."""

    def table() -> Job:
        from bot.bootstrap import fetching  # noqa: PLC0415 - put together at its first run

        return fetching.job(fetching.refreshing(settings, database, fetch), clock)

    def notes() -> Job:
        from bot.bootstrap import catalogue_readers  # noqa: PLC0415 - the same

        return catalogue_readers.notes_job(catalogue_readers.noting(settings, database, fetch), clock)

    def policy() -> Job:
        from bot.bootstrap import catalogue_readers  # noqa: PLC0415 - the same

        return catalogue_readers.policy_job(catalogue_readers.policy_page(settings, database, tell, fetch), clock)

    made = {DLVM: ("refresh", table), NOTES: ("notes", notes), POLICY: ("policy", policy)}
    return {name: _late(make) for key, (name, make) in made.items() if key in read(settings)}


def _late(make: Callable[[], Job]) -> Job:
    made = cache(make)

    def run() -> object:
        return made()()

    return run


def _version() -> str:
    try:
        return version("dlvm")
    except PackageNotFoundError:
        return "0"
