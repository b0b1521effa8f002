"""What runs now and then beside the tick: channels looked at again, and old rows pruned."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct
from sqlmodel import Session

from bot.service.operator import notices
from bot.service.operator.channel import OperatorChannel
from bot.service.workspaces.channel_health import BATCH_SIZE, UNINSTALLED, ChannelRecovery
from bot.service.workspaces.reconcile import ChannelReconciler
from storage import channels, installations, job_runs, outbox, seen_events, workspace_data, workspaces
from storage.database import Database

PRUNE_INTERVAL = timedelta(days=1)

CATCH_UP_INTERVAL = timedelta(hours=1)
"""How often is looked whether the operator was told everything."""

EVENT_RETENTION = timedelta(days=2)
"""How long an event is remembered: Slack tells it again for an hour at most."""

UNINSTALLED_RETENTION = timedelta(days=90)
"""How long what an uninstalled workspace had is kept for its return."""

RATE_LIMIT_RETENTION = timedelta(hours=1)
"""How long a pace that is free again is kept."""


class MaintenanceReport(Struct, frozen=True):
    """What a run of the chores did."""

    recovered_channels: int = 0
    restored_workspaces: int = 0
    pruned: bool = False
    checked_channels: int = 0
    expired_overrides: int = 0
    """Dates set by hand that were over."""


class Maintenance:
    """Runs each chore when its time has come; of several processes one runs it."""

    def __init__(
        self,
        database: Database,
        recovery: ChannelRecovery,
        keep_sent: timedelta,
        reconciler: ChannelReconciler | None = None,
        operator: OperatorChannel | None = None,
        expire_overrides: Callable[[datetime], int] = lambda _: 0,
    ) -> None:
        """`expire` ends dates set by hand whose last day is behind, and says how many."""
        self._database = database
        self._recovery = recovery
        self._keep_sent = keep_sent
        self._reconciler = reconciler
        self._operator = operator or OperatorChannel()
        self._expire_overrides = expire_overrides

    def run(self, now: datetime, stopped: Callable[[], bool] = lambda: False) -> MaintenanceReport:
        """Does what is to be done at this moment."""
        with self._database.read_only() as session:
            asking = len(channels.list_due_for_health_check(session, now, BATCH_SIZE))
        expired = self._expire_overrides(now)
        healed, restored = self._recovery.run(now), self._recovery.restore_workspaces(now)
        looked = self._reconciler.run(now, BATCH_SIZE - asking, stopped) if self._reconciler else 0
        notices.check_freshness(self._database, self._operator, now)
        self._catch_up(now)
        return MaintenanceReport(healed, restored, self._prune(now, stopped), looked, expired)

    def _catch_up(self, now: datetime) -> None:
        """What the operator was to hear while nobody knew where goes out, once that is known."""
        with self._database.read_only() as session:
            last = job_runs.find_last_run(session, "operator")
        if last is None or now - last >= CATCH_UP_INTERVAL:
            self._database.run(lambda s: job_runs.claim(s, "operator", now, CATCH_UP_INTERVAL))
            self._database.run(lambda s: self._operator.send_missed(s, now))

    def _prune(self, now: datetime, stopped: Callable[[], bool]) -> bool:
        with self._database.read_only() as session:
            last = job_runs.find_last_run(session, "prune")
        if last is not None and now - last < PRUNE_INTERVAL:
            return False
        if not self._database.run(lambda session: job_runs.claim(session, "prune", now, PRUNE_INTERVAL)):
            return False
        before = (now - self._keep_sent).date()
        after_id: int | None = 0
        while after_id is not None and not stopped():
            after_id = self._database.run(partial(outbox.prune, cutoff=before, after_id=after_id))
        self._database.run(lambda session: outbox.delete_expired_rate_limits(session, now - RATE_LIMIT_RETENTION))
        self._database.run(lambda session: seen_events.delete_before(session, now - EVENT_RETENTION))
        self._database.run(lambda session: installations.delete_expired_states(session, now))
        self._erase_uninstalled(now)
        return True

    def _erase_uninstalled(self, now: datetime) -> None:
        """Whoever uninstalled the bot and has not come back for long is forgotten."""
        with self._database.read_only() as session:
            suspended = workspaces.list_suspended(session)
        for workspace in suspended:
            since = workspace.suspended_since or now
            if workspace.suspended_reason == UNINSTALLED and now - since >= UNINSTALLED_RETENTION:
                self._database.run(partial(_erase_if_uninstalled, workspace_id=workspace.workspace_id))


def _erase_if_uninstalled(session: Session, workspace_id: str) -> None:
    """Looks once more in the transaction that erases: somebody may just have come back."""
    found = workspaces.find(session, workspace_id)
    if found is not None and found.suspended_reason == UNINSTALLED:
        workspace_data.delete(session, workspace_id)
