"""Daily check of each subscribed channel, which corrects what missed events left wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.answers import HEALTH_BY_REACH, ChannelLook, ChannelReach
from bot.service.place import Place
from bot.service.workspaces import channel_health
from storage import channels, job_runs
from storage.database import Database
from storage.facts import Channel, Health

CHECK_INTERVAL = timedelta(days=1)
"""How often each channel is checked."""

RETRY_DELAY = timedelta(hours=1)
"""Time until the next check of a channel about which Slack didn't answer."""

RUN_INTERVAL = timedelta(minutes=1)
"""How often a batch is checked, by all processes together."""


class ChannelReconciler:
    """Checks channels with Slack, one batch a minute."""

    def __init__(self, database: Database, look_up: Callable[[Place], ChannelLook]) -> None:
        self._database = database
        self._look_up = look_up

    def run(self, now: datetime, limit: int, stopped: Callable[[], bool] = lambda: False) -> int:
        """Check up to `limit` channels until stopped. Return how many were checked."""
        with self._database.read_only() as session:
            can_run = limit > 0 and job_runs.is_due(session, "reconcile", now, RUN_INTERVAL)
            due = channels.list_unchecked_since(session, now - CHECK_INTERVAL, limit) if can_run else ()
        if not due or not self._database.run(lambda session: job_runs.claim(session, "reconcile", now, RUN_INTERVAL)):
            return 0
        for checked, channel in enumerate(due):
            if stopped():
                return checked
            self._check_channel(channel, now)
        return len(due)

    def _check_channel(self, channel: Channel, now: datetime) -> None:
        look = self._look_up(Place(channel.workspace_id, channel.channel_id))
        self._database.run(lambda session: reconcile_channel(session, channel, look, now))


def reconcile_channel(session: Session, channel: Channel, look: ChannelLook, now: datetime) -> None:
    """Store Slack's description of the channel, and pause or reopen the channel accordingly."""
    key = channel.workspace_id, channel.channel_id
    if look.reach is ChannelReach.UNCHECKED:
        channels.update_from_slack(session, *key, checked_at=now - CHECK_INTERVAL + RETRY_DELAY)
        return
    channels.update_from_slack(session, *key, checked_at=now)
    if look.reach is not ChannelReach.UNREACHABLE:
        name, creator = look.name or channel.name, look.creator or channel.creator
        channels.update_from_slack(
            session, *key, name=name, creator=creator, is_public=look.is_public, is_shared=look.is_shared
        )
    if look.reach in HEALTH_BY_REACH:
        channel_health.pause_without_post(session, *key, HEALTH_BY_REACH[look.reach], now)
    elif channel.health is not Health.BLOCKED_BY_POLICY:  # only a post can show whether the rule still applies
        channel_health.record_reach(session, Place(*key), look.reach, now)
