"""Once a day each channel that watches something is looked at, to mend what events missed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import ChannelLook, ChannelReach
from bot.policy.post_outcomes import Refused, Remedy
from bot.service.place import Place
from bot.service.workspaces import channel_health
from storage import channels, job_runs
from storage.database import Database
from storage.facts import Channel, Health

CHECK_INTERVAL = timedelta(days=1)

RETRY_DELAY = timedelta(hours=1)
"""Until a channel is asked about again of which Slack said nothing."""

RUN_INTERVAL = timedelta(minutes=1)
"""How often some are looked at, over all processes."""

_REFUSALS = {
    ChannelReach.NEEDS_INVITE: Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE),
    ChannelReach.ARCHIVED: Refused("is_archived", Remedy.PAUSE_CHANNEL, health=Health.ARCHIVED),
    ChannelReach.UNREACHABLE: Refused("channel_not_found", Remedy.PAUSE_CHANNEL, health=Health.UNREACHABLE),
}


class ChannelReconciler:
    """Asks Slack about channels, some a minute."""

    def __init__(self, database: Database, look_up: Callable[[Place], ChannelLook]) -> None:
        self._database = database
        self._look_up = look_up

    def run(self, now: datetime, limit: int, stopped: Callable[[], bool] = lambda: False) -> int:
        """How many channels were looked at, `room` at most."""
        with self._database.read_only() as session:
            last = job_runs.find_last_run(session, "reconcile")
            early = last is not None and now - last < RUN_INTERVAL
            waiting = () if early or limit < 1 else channels.list_unchecked_since(session, now - CHECK_INTERVAL, limit)
        if not waiting or not self._database.run(
            lambda session: job_runs.claim(session, "reconcile", now, RUN_INTERVAL)
        ):
            return 0
        looked = 0
        for channel in waiting:
            if stopped():
                break
            self._check_channel(channel, now)
            looked += 1
        return looked

    def _check_channel(self, channel: Channel, now: datetime) -> None:
        seen = self._look_up(Place(channel.workspace_id, channel.channel_id))
        self._database.run(lambda session: reconcile_channel(session, channel, seen, now))


def reconcile_channel(session: Session, channel: Channel, look: ChannelLook, now: datetime) -> None:
    """Notes what Slack says of the channel, and mends what differs."""
    where = channel.workspace_id, channel.channel_id
    if look.reach is ChannelReach.UNCHECKED:
        channels.update_from_slack(session, *where, looked_at=now - CHECK_INTERVAL + RETRY_DELAY)
        return
    channels.update_from_slack(session, *where, looked_at=now)
    if look.reach is not ChannelReach.UNREACHABLE:
        said = replace(look, name=look.name or channel.name, creator=look.creator or channel.creator)
        channels.update_from_slack(
            session, *where, name=said.name, creator=said.creator, is_public=said.is_public, is_shared=said.is_shared
        )
    if look.reach in _REFUSALS:
        channel_health.pause(session, *where, _REFUSALS[look.reach], now)
    elif channel.health is not Health.BLOCKED_BY_POLICY:  # only a post shows whether a rule still holds
        channel_health.record_reach(session, Place(*where), look.reach, now)
