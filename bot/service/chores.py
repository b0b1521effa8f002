"""What runs now and then beside the tick: channels looked at again, and old rows pruned."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.service.health import Healing
from storage import channels, chores, outbox
from storage.database import Database

PRUNE_EVERY = timedelta(days=1)

PACE_KEPT = timedelta(hours=1)
"""How long a pace that is free again is kept."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run of the chores did."""

    healed: int = 0
    restored: int = 0
    pruned: bool = False


class Chores:
    """Runs each chore when its time has come; of several processes one runs it."""

    def __init__(self, database: Database, healing: Healing, keep_sent: timedelta) -> None:
        self._database = database
        self._healing = healing
        self._keep_sent = keep_sent

    def run(self, now: datetime, stopped: Callable[[], bool] = lambda: False) -> Done:
        """Does what is to be done at this moment."""
        healed, restored = self._healing.run(now), self._healing.restore(now)
        return Done(healed, restored, self._prune(now, stopped))

    def next_check(self) -> datetime | None:
        """When the next channel is looked at again; None while all can be reached."""
        with self._database.reading() as session:
            return channels.next_check(session)

    def _prune(self, now: datetime, stopped: Callable[[], bool]) -> bool:
        with self._database.reading() as session:
            last = chores.last(session, "prune")
        if last is not None and now - last < PRUNE_EVERY:
            return False
        if not self._database.run(lambda session: chores.take(session, "prune", now, PRUNE_EVERY)):
            return False
        before = (now - self._keep_sent).date()
        after_id: int | None = 0
        while after_id is not None and not stopped():
            after_id = self._database.run(partial(outbox.prune, before=before, after_id=after_id))
        self._database.run(lambda session: outbox.forget(session, now - PACE_KEPT))
        return True
