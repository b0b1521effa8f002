"""What runs now and then beside the tick: channels looked at again, and old rows pruned."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct
from sqlmodel import Session

from bot.service import verifying
from bot.service.operator.channel import Operator
from bot.service.workspaces.channel_health import AT_ONCE, UNINSTALLED, Healing
from bot.service.workspaces.reconcile import Reconciling
from storage import channels, erasing, installations, job_runs, outbox, seen_events, workspaces
from storage.database import Database

PRUNE_EVERY = timedelta(days=1)

CATCH_UP_EVERY = timedelta(hours=1)
"""How often is looked whether the operator was told everything."""

EVENTS_KEPT = timedelta(days=2)
"""How long an event is remembered: Slack tells it again for an hour at most."""

WAITS_FOR_RETURN = timedelta(days=90)
"""How long what an uninstalled workspace had is kept for its return."""

PACE_KEPT = timedelta(hours=1)
"""How long a pace that is free again is kept."""


class Done(Struct, frozen=True):
    """What a run of the chores did."""

    healed: int = 0
    restored: int = 0
    pruned: bool = False
    looked: int = 0
    expired: int = 0
    """Dates set by hand that were over."""


class Chores:
    """Runs each chore when its time has come; of several processes one runs it."""

    def __init__(
        self,
        database: Database,
        healing: Healing,
        keep_sent: timedelta,
        reconciling: Reconciling | None = None,
        operator: Operator | None = None,
        expire: Callable[[datetime], int] = lambda _: 0,
    ) -> None:
        """`expire` ends dates set by hand whose last day is behind, and says how many."""
        self._database = database
        self._healing = healing
        self._keep_sent = keep_sent
        self._reconciling = reconciling
        self._operator = operator or Operator()
        self._expire = expire

    def run(self, now: datetime, stopped: Callable[[], bool] = lambda: False) -> Done:
        """Does what is to be done at this moment."""
        with self._database.reading() as session:
            asking = len(channels.unhealthy(session, now, AT_ONCE))
        expired = self._expire(now)
        healed, restored = self._healing.run(now), self._healing.restore(now)
        looked = self._reconciling.run(now, AT_ONCE - asking, stopped) if self._reconciling else 0
        verifying.watch(self._database, self._operator, now)
        self._catch_up(now)
        return Done(healed, restored, self._prune(now, stopped), looked, expired)

    def _catch_up(self, now: datetime) -> None:
        """What the operator was to hear while nobody knew where goes out, once that is known."""
        with self._database.reading() as session:
            last = job_runs.last(session, "operator")
        if last is None or now - last >= CATCH_UP_EVERY:
            self._database.run(lambda s: job_runs.take(s, "operator", now, CATCH_UP_EVERY))
            self._database.run(lambda s: self._operator.catch_up(s, now))

    def _prune(self, now: datetime, stopped: Callable[[], bool]) -> bool:
        with self._database.reading() as session:
            last = job_runs.last(session, "prune")
        if last is not None and now - last < PRUNE_EVERY:
            return False
        if not self._database.run(lambda session: job_runs.take(session, "prune", now, PRUNE_EVERY)):
            return False
        before = (now - self._keep_sent).date()
        after_id: int | None = 0
        while after_id is not None and not stopped():
            after_id = self._database.run(partial(outbox.prune, before=before, after_id=after_id))
        self._database.run(lambda session: outbox.forget(session, now - PACE_KEPT))
        self._database.run(lambda session: seen_events.forget(session, now - EVENTS_KEPT))
        self._database.run(lambda session: installations.forget_states(session, now))
        self._erase(now)
        return True

    def _erase(self, now: datetime) -> None:
        """Whoever uninstalled the bot and has not come back for long is forgotten."""
        with self._database.reading() as session:
            suspended = workspaces.suspended(session)
        for workspace in suspended:
            since = workspace.suspended_since or now
            if workspace.suspended_reason == UNINSTALLED and now - since >= WAITS_FOR_RETURN:
                self._database.run(partial(_erase_if_gone, workspace_id=workspace.workspace_id))


def _erase_if_gone(session: Session, workspace_id: str) -> None:
    """Looks once more in the transaction that erases: somebody may just have come back."""
    found = workspaces.find(session, workspace_id)
    if found is not None and found.suspended_reason == UNINSTALLED:
        erasing.erase(session, workspace_id)
