"""Whether channels can be reached: noted when a post is refused, told once, and mended when the cause has gone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.answers import Reach
from bot.policy.post_outcomes import Refused
from bot.service.place import Place
from storage import channels, job_runs, outbox, workspaces
from storage.database import Database
from storage.facts import DLVM, Channel, Health, Kind, Reminder, Workspace

LOOK_AGAIN = timedelta(hours=1)
"""Until Slack is asked again whether a channel is open."""

TRY_AGAIN = timedelta(days=1)
"""Until a post is tried again where only a post can show that a rule has changed."""

UNINSTALLED = "uninstalled"
"""The reason of a suspension that is erased in the end."""

AT_ONCE = 40
"""Channels looked at in one run: Slack allows some fifty questions a minute."""

_REACHED = {
    Reach.NEEDS_INVITE: Health.NEEDS_INVITE,
    Reach.ARCHIVED: Health.ARCHIVED,
    Reach.UNREACHABLE: Health.UNREACHABLE,
}


def paused(session: Session, workspace_id: str, channel_id: str, refused: Refused, now: datetime) -> None:
    """Notes that a channel refuses posts; its subscribers are told once, for as long as the same is the matter."""
    channel = channels.find(session, workspace_id, channel_id)
    if channel is None:
        return
    wait = TRY_AGAIN if refused.health is Health.BLOCKED_BY_POLICY else LOOK_AGAIN
    known = channel.health is refused.health or (
        channel.health is Health.OK and channel.health_since is not None and channel.health_reason == refused.error
    )
    since = channel.health_since if known and channel.health_since else now
    channels.mark(session, channel, refused.health, since=since, reason=refused.error, check_at=now + wait)
    if not known:
        for person in channels.subscribers(session, workspace_id, channel_id):
            if person.startswith(("U", "W")):
                outbox.put(session, _note(channel, person, refused.health, now), now)


def seen(session: Session, place: Place, reach: Reach, now: datetime) -> None:
    """Notes what Slack said of a channel when it was asked; where it is open again, what was held goes out."""
    channel = channels.find(session, place.workspace_id, place.channel_id)
    if channel is None or reach is Reach.UNCHECKED:
        return
    if reach is Reach.OK:
        if channel.health is not Health.OK:
            _mended(session, channel, now)
        return
    health = _REACHED[reach]
    if channel.health is not Health.OK:
        since = channel.health_since if channel.health is health else now
        channels.mark(session, channel, health, since=since, reason=reach.value, check_at=now + LOOK_AGAIN)


class Healing:
    """Asks Slack about channels that could not be reached, a few at a time."""

    def __init__(
        self,
        database: Database,
        look: Callable[[Place], Reach],
        works: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._look = look
        self._works = works

    def run(self, now: datetime) -> int:
        """How many channels can be reached again."""
        with self._database.reading() as session:
            waiting = channels.unhealthy(session, now, AT_ONCE)
        return sum(self._examine(channel, now) for channel in waiting)

    def restore(self, now: datetime) -> int:
        """How many suspended workspaces accept the bot again; what was held for them goes out."""
        with self._database.reading() as session:
            last = job_runs.last(session, "restore")
            suspended = workspaces.suspended(session) if last is None or now - last >= LOOK_AGAIN else ()
        if not suspended or not self._database.run(lambda s: job_runs.take(s, "restore", now, LOOK_AGAIN)):
            return 0
        working = [w.workspace_id for w in suspended if not _shut_out(w) and self._works(w.workspace_id)]
        for workspace_id in working:
            self._database.run(partial(restored, workspace_id=workspace_id, now=now))
        return len(working)

    def _examine(self, channel: Channel, now: datetime) -> int:
        place = Place(channel.workspace_id, channel.channel_id)
        if channel.health is Health.BLOCKED_BY_POLICY:  # only a post can show whether the rule still holds
            self._database.run(lambda session: _tried(session, channel, now))
            return 0
        reach = self._look(place)
        if reach is Reach.UNCHECKED:
            return 0
        self._database.run(lambda session: seen(session, place, reach, now))
        return int(reach is Reach.OK)


def _shut_out(workspace: Workspace) -> bool:
    """Whether its organisation's token, which may well work, is not for it: only Slack's word lets it in again."""
    return bool(workspace.enterprise_id) and workspace.suspended_reason == UNINSTALLED


def restored(session: Session, workspace_id: str, now: datetime) -> None:
    """The installation works again: what was held goes out, for channels that can be reached."""
    if workspaces.restore(session, workspace_id):
        outbox.resume(session, workspace_id, now)


def _mended(session: Session, channel: Channel, now: datetime) -> None:
    channels.mark(session, channel, Health.OK, since=None, reason="", check_at=None)
    outbox.resume(session, channel.workspace_id, now, channel.channel_id)


def _tried(session: Session, channel: Channel, now: datetime) -> None:
    """Lets what was held try the channel once more; a refusal brings its health back, as old as it was."""
    since, reason = channel.health_since, channel.health_reason
    channels.mark(session, channel, Health.OK, since=since, reason=reason, check_at=None)
    outbox.resume(session, channel.workspace_id, now, channel.channel_id)


def _note(channel: Channel, person: str, health: Health, now: datetime) -> Reminder:
    return Reminder(
        workspace_id=channel.workspace_id,
        channel_id=person,
        product=DLVM,
        version=channel.channel_id,
        milestone=None,
        milestone_date=now.date(),
        rung=list(Health).index(health),
        kind=Kind.HEALTH,
    )
