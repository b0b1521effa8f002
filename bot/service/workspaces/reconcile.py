"""Once a day each channel that watches something is looked at, to mend what events missed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import Reach, Seen
from bot.policy.post_outcomes import Refused, Remedy
from bot.service.place import Place
from bot.service.workspaces import channel_health
from storage import channels, job_runs
from storage.database import Database
from storage.facts import Channel, Health

EVERY = timedelta(days=1)

AFTER_SILENCE = timedelta(hours=1)
"""Until a channel is asked about again of which Slack said nothing."""

PACE = timedelta(minutes=1)
"""How often some are looked at, over all processes."""

_SAYS = {
    Reach.NEEDS_INVITE: Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE),
    Reach.ARCHIVED: Refused("is_archived", Remedy.PAUSE_CHANNEL, health=Health.ARCHIVED),
    Reach.UNREACHABLE: Refused("channel_not_found", Remedy.PAUSE_CHANNEL, health=Health.UNREACHABLE),
}


class Reconciling:
    """Asks Slack about channels, some a minute."""

    def __init__(self, database: Database, look: Callable[[Place], Seen]) -> None:
        self._database = database
        self._look = look

    def run(self, now: datetime, room: int, stopped: Callable[[], bool] = lambda: False) -> int:
        """How many channels were looked at, `room` at most."""
        with self._database.reading() as session:
            last = job_runs.last(session, "reconcile")
            early = last is not None and now - last < PACE
            waiting = () if early or room < 1 else channels.not_looked_at_since(session, now - EVERY, room)
        if not waiting or not self._database.run(lambda session: job_runs.take(session, "reconcile", now, PACE)):
            return 0
        looked = 0
        for channel in waiting:
            if stopped():
                break
            self._examine(channel, now)
            looked += 1
        return looked

    def _examine(self, channel: Channel, now: datetime) -> None:
        seen = self._look(Place(channel.workspace_id, channel.channel_id))
        self._database.run(lambda session: compare(session, channel, seen, now))


def compare(session: Session, channel: Channel, seen: Seen, now: datetime) -> None:
    """Notes what Slack says of the channel, and mends what differs."""
    where = channel.workspace_id, channel.channel_id
    if seen.reach is Reach.UNCHECKED:
        channels.told(session, *where, looked_at=now - EVERY + AFTER_SILENCE)
        return
    channels.told(session, *where, looked_at=now)
    if seen.reach is not Reach.UNREACHABLE:
        said = replace(seen, name=seen.name or channel.name, creator=seen.creator or channel.creator)
        channels.told(
            session, *where, name=said.name, creator=said.creator, is_public=said.is_public, is_shared=said.is_shared
        )
    if seen.reach in _SAYS:
        channel_health.paused(session, *where, _SAYS[seen.reach], now)
    elif channel.health is not Health.BLOCKED_BY_POLICY:  # only a post shows whether a rule still holds
        channel_health.seen(session, Place(*where), seen.reach, now)
