"""Polling of an external source: claimed by one process, fetched, handled, and recorded."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.http.results import FetchedPage, FetchResult, NotModified, Unavailable
from bot.policy.freshness import MIN_POLL_INTERVAL
from storage import sources
from storage.database import Database
from storage.facts import Source

Fetch = Callable[[Source], FetchResult]
"""Fetch a source, conditionally if it has an ETag or modification time."""

T = TypeVar("T")
ResultT_co = TypeVar("ResultT_co", covariant=True)


class Document(Struct, frozen=True):
    """A fetched document, and the state of its source around this poll."""

    page: FetchedPage
    before: Source
    """The source as the last poll left it."""
    after: Source
    """The source as a good poll leaves it."""


class Handler(Protocol[ResultT_co]):
    """Handles the documents of a source. The three methods return the result of a poll."""

    def handle(self, document: Document, now: datetime) -> ResultT_co:
        """Apply the document, and store the source along with it. Raise ValueError if the document is unreadable."""
        ...

    def keep(self, now: datetime) -> ResultT_co:
        """Handle a poll that found the document unmodified."""
        ...

    def fail(self, reason: str) -> ResultT_co:
        """Handle a poll without a readable document. Everything stored stays."""
        ...


class Poller(Generic[T]):
    """Polls one source, at most once per MIN_POLL_INTERVAL, coordinated between processes by its stored state."""

    def __init__(self, database: Database, source: str, every: timedelta, fetch: Fetch, handler: Handler[T]) -> None:
        self._database = database
        self._source = source
        self._every = every
        self._fetch = fetch
        self._handler = handler

    def run(self, now: datetime, *, manual: bool = False) -> T | None:
        """Poll the source if that is due or manual. Return None if it is too early or another process polls.

        No transaction is open while the source is fetched.
        """
        before = self._claim(now, manual=manual)
        if before is None:
            return None
        fetched = self._fetch(before)
        if isinstance(fetched, Unavailable):
            return self._fail(before, fetched.reason, now)
        after = replace(before, problem="", last_good_at=now, next_poll_at=now + self._every)
        if isinstance(fetched, NotModified):
            self._save(after)
            return self._handler.keep(now)
        after = replace(after, etag=fetched.etag, last_modified=fetched.last_modified)
        try:
            return self._handler.handle(Document(fetched, before, after), now)
        except ValueError as error:  # the document is unreadable, or the database rejects a text
            return self._fail(before, str(error), now)

    def _claim(self, now: datetime, *, manual: bool) -> Source | None:
        """Claim the next poll. Return the source as the last poll left it, or None if no poll can start."""
        with self._database.read_only() as session:
            source = sources.find(session, self._source)
        if not _is_due(source, now, manual=manual):
            return None
        is_claimed = self._database.run(
            lambda session: sources.claim(session, now, MIN_POLL_INTERVAL, self._source, manual=manual)
        )
        return source if is_claimed else None

    def _fail(self, before: Source, reason: str, now: datetime) -> T:
        self._save(replace(before, problem=reason, next_poll_at=now + MIN_POLL_INTERVAL))
        return self._handler.fail(reason)

    def _save(self, source: Source) -> None:
        self._database.run(lambda session: sources.save_poll_result(session, source))


def _is_due(source: Source, now: datetime, *, manual: bool) -> bool:
    """Return False if a claim would certainly fail. This check needs no write."""
    if source.polled_at is not None and now - source.polled_at < MIN_POLL_INTERVAL:
        return False
    return manual or source.next_poll_at is None or source.next_poll_at <= now
