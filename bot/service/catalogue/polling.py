"""When an address is read: of several processes one does, not more often than the pace allows, and all of them told."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.policy.freshness import MIN_POLL_INTERVAL
from storage import sources
from storage.database import Database
from storage.facts import Source


class SourcePoll(Struct, frozen=True):
    """The attempts at one address, as its source row holds them."""

    database: Database
    product: str
    """The key of the row."""

    def claim(self, now: datetime, *, manual: bool = False) -> Source | None:
        """How the last attempt left it, where its time has come; from then on it counts as tried."""
        with self.database.read_only() as session:
            before = sources.find(session, self.product)
        if not _is_due(before, now, manual=manual):
            return None
        began = self.database.run(
            lambda session: sources.claim(session, now, MIN_POLL_INTERVAL, self.product, manual=manual)
        )
        return before if began else None

    def record_failure(self, before: Source, reason: str, now: datetime) -> None:
        """Notes why there was no reading; the next attempt is as soon as the pace allows."""
        self.save_result(replace(before, problem=reason, next_poll_at=now + MIN_POLL_INTERVAL))

    def save_result(self, source: Source) -> None:
        """Stores what an attempt came to."""
        self.database.run(lambda session: sources.save_poll_result(session, source))


def _is_due(source: Source, now: datetime, *, manual: bool) -> bool:
    """Whether an attempt may be made, as far as is known without asking for it."""
    if source.polled_at is not None and now - source.polled_at < MIN_POLL_INTERVAL:
        return False
    return manual or source.next_poll_at is None or source.next_poll_at <= now
