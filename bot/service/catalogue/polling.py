"""When an address is read: of several processes one does, not more often than the pace allows, and all of them told."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.policy.freshness import PACE
from storage import sources
from storage.database import Database
from storage.facts import Source


class Visits(Struct, frozen=True):
    """The attempts at one address, as its source row holds them."""

    database: Database
    product: str
    """The key of the row."""

    def begin(self, now: datetime, *, by_hand: bool = False) -> Source | None:
        """How the last attempt left it, where its time has come; from then on it counts as tried."""
        with self.database.reading() as session:
            before = sources.find(session, self.product)
        if not _is_time(before, now, by_hand=by_hand):
            return None
        began = self.database.run(lambda session: sources.begin(session, now, PACE, self.product, by_hand=by_hand))
        return before if began else None

    def failed(self, before: Source, reason: str, now: datetime) -> None:
        """Notes why there was no reading; the next attempt is as soon as the pace allows."""
        self.tell(replace(before, problem=reason, next_at=now + PACE))

    def tell(self, source: Source) -> None:
        """Stores what an attempt came to."""
        self.database.run(lambda session: sources.tell(session, source))


def _is_time(source: Source, now: datetime, *, by_hand: bool) -> bool:
    """Whether an attempt may be made, as far as is known without asking for it."""
    if source.tried_at is not None and now - source.tried_at < PACE:
        return False
    return by_hand or source.next_at is None or source.next_at <= now
