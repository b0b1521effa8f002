"""Jobs that run less often than the tick: channel checks, catch-up and pruning."""

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
"""How often missed messages are sent to the operator."""

EVENT_RETENTION = timedelta(days=2)
"""How long an event id is stored. Slack repeats an event for an hour at most."""

UNINSTALLED_RETENTION = timedelta(days=90)
"""How long the data of an uninstalled workspace is kept for its return."""

RATE_LIMIT_RETENTION = timedelta(hours=1)
"""How long an expired rate limit is stored."""


class MaintenanceReport(Struct, frozen=True):
    """Counts of a maintenance run."""

    recovered_channels: int = 0
    restored_workspaces: int = 0
    has_pruned: bool = False
    checked_channels: int = 0
    expired_overrides: int = 0


class Maintenance:
    """Runs each job when it is due. Of several processes, one runs it."""

    def __init__(
        self,
        database: Database,
        recovery: ChannelRecovery,
        keep_sent: timedelta,
        reconciler: ChannelReconciler | None = None,
        operator: OperatorChannel | None = None,
        expire_overrides: Callable[[datetime], int] = lambda _: 0,
    ) -> None:
        """Keep sent messages for `keep_sent`. `expire_overrides` returns how many overrides it ended."""
        self._database = database
        self._recovery = recovery
        self._keep_sent = keep_sent
        self._reconciler = reconciler
        self._operator = operator or OperatorChannel()
        self._expire_overrides = expire_overrides

    def run(self, now: datetime, stopped: Callable[[], bool] = lambda: False) -> MaintenanceReport:
        """Run the jobs that are due. Pruning and the daily channel check end early if stopped."""
        with self._database.read_only() as session:
            due_checks = len(channels.list_due_for_health_check(session, now, BATCH_SIZE))
        expired_overrides = self._expire_overrides(now)
        recovered_channels = self._recovery.run(now)
        restored_workspaces = self._recovery.restore_workspaces(now)
        checked_channels = self._reconciler.run(now, BATCH_SIZE - due_checks, stopped) if self._reconciler else 0
        notices.check_freshness(self._database, self._operator, now)
        self._catch_up(now)
        return MaintenanceReport(
            recovered_channels, restored_workspaces, self._prune(now, stopped), checked_channels, expired_overrides
        )

    def _catch_up(self, now: datetime) -> None:
        """Send the operator what was recorded before the operator's channel was known."""
        if self._claim("operator", CATCH_UP_INTERVAL, now):
            self._database.run(lambda session: self._operator.send_missed(session, now))

    def _claim(self, name: str, interval: timedelta, now: datetime) -> bool:
        """Claim a run of the job, if it is due. Only a due job takes a write."""
        with self._database.read_only() as session:
            is_due = job_runs.is_due(session, name, now, interval)
        return is_due and self._database.run(lambda session: job_runs.claim(session, name, now, interval))

    def _prune(self, now: datetime, stopped: Callable[[], bool]) -> bool:
        if not self._claim("prune", PRUNE_INTERVAL, now):
            return False
        cutoff = (now - self._keep_sent).date()
        after_id: int | None = 0
        while after_id is not None and not stopped():
            after_id = self._database.run(partial(outbox.prune, cutoff=cutoff, after_id=after_id))
        self._database.run(lambda session: outbox.delete_expired_rate_limits(session, now - RATE_LIMIT_RETENTION))
        self._database.run(lambda session: seen_events.delete_before(session, now - EVENT_RETENTION))
        self._database.run(lambda session: installations.delete_expired_states(session, now))
        self._erase_uninstalled(now)
        return True

    def _erase_uninstalled(self, now: datetime) -> None:
        """Delete the data of workspaces that uninstalled the bot and didn't return in time."""
        with self._database.read_only() as session:
            suspended = workspaces.list_suspended(session)
        for workspace in suspended:
            since = workspace.suspended_since or now
            if workspace.suspended_reason == UNINSTALLED and now - since >= UNINSTALLED_RETENTION:
                self._database.run(partial(_erase_if_uninstalled, workspace_id=workspace.workspace_id))


def _erase_if_uninstalled(session: Session, workspace_id: str) -> None:
    """Delete the workspace's data, unless it has returned since it was listed."""
    workspace = workspaces.find(session, workspace_id)
    if workspace is not None and workspace.suspended_reason == UNINSTALLED:
        workspace_data.delete(session, workspace_id)
