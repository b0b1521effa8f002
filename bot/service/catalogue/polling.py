"""Polling of an external source: which process may fetch it, and when."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.catalogue.http.results import FetchResult
from bot.policy.freshness import MIN_POLL_INTERVAL
from storage import sources
from storage.database import Database
from storage.facts import Source

Fetch = Callable[[Source], FetchResult]
"""Fetch a source, conditionally if it has an ETag or modification time."""


class SourcePoll(Struct, frozen=True):
    """Polls of one source, coordinated between processes by its stored state."""

    database: Database
    product: str
    """Key of the source."""

    def claim(self, now: datetime, *, manual: bool = False) -> Source | None:
        """Claim the next poll. Return the source as the last poll left it, or None if no poll may start.

        A poll may start when it is due, or at any time if manual, but at most once per MIN_POLL_INTERVAL. Only one
        process can claim it.
        """
        with self.database.read_only() as session:
            source = sources.find(session, self.product)
        if not _is_due(source, now, manual=manual):
            return None
        is_claimed = self.database.run(
            lambda session: sources.claim(session, now, MIN_POLL_INTERVAL, self.product, manual=manual)
        )
        return source if is_claimed else None

    def record_failure(self, source: Source, reason: str, now: datetime) -> None:
        """Store why the poll failed, and schedule the next after MIN_POLL_INTERVAL."""
        self.save_result(replace(source, problem=reason, next_poll_at=now + MIN_POLL_INTERVAL))

    def save_result(self, source: Source) -> None:
        """Store the source as the poll left it."""
        self.database.run(lambda session: sources.save_poll_result(session, source))


def _is_due(source: Source, now: datetime, *, manual: bool) -> bool:
    """Return False if a claim would certainly fail. This check needs no write."""
    if source.polled_at is not None and now - source.polled_at < MIN_POLL_INTERVAL:
        return False
    return manual or source.next_poll_at is None or source.next_poll_at <= now
