"""Whether channels can be reached: noted when a post is refused, told once, and mended when the cause has gone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.answers import ChannelReach
from bot.policy.post_outcomes import Refused
from bot.service.place import Place
from storage import channels, job_runs, outbox, workspaces
from storage.database import Database
from storage.facts import DLVM, Channel, Health, MessageKind, Reminder, Workspace

CHECK_INTERVAL = timedelta(hours=1)
"""Until Slack is asked again whether a channel is open."""

RETRY_INTERVAL = timedelta(days=1)
"""Until a post is tried again where only a post can show that a rule has changed."""

UNINSTALLED = "uninstalled"
"""The reason of a suspension that is erased in the end."""

BATCH_SIZE = 40
"""Channels looked at in one run: Slack allows some fifty questions a minute."""

_HEALTH_BY_REACH = {
    ChannelReach.NEEDS_INVITE: Health.NEEDS_INVITE,
    ChannelReach.ARCHIVED: Health.ARCHIVED,
    ChannelReach.UNREACHABLE: Health.UNREACHABLE,
}


def pause(session: Session, workspace_id: str, channel_id: str, refused: Refused, now: datetime) -> None:
    """Notes that a channel refuses posts; its subscribers are told once, for as long as the same is the matter."""
    channel = channels.find(session, workspace_id, channel_id)
    if channel is None:
        return
    wait = RETRY_INTERVAL if refused.health is Health.BLOCKED_BY_POLICY else CHECK_INTERVAL
    known = channel.health is refused.health or (
        channel.health is Health.OK and channel.health_since is not None and channel.health_reason == refused.error
    )
    since = channel.health_since if known and channel.health_since else now
    channels.update_health(session, channel, refused.health, since=since, reason=refused.error, check_at=now + wait)
    if not known:
        for person in channels.list_subscribers(session, workspace_id, channel_id):
            if person.startswith(("U", "W")):
                outbox.add(session, _build_note(channel, person, refused.health, now), now)


def record_reach(session: Session, place: Place, reach: ChannelReach, now: datetime) -> None:
    """Notes what Slack said of a channel when it was asked; where it is open again, what was held goes out."""
    channel = channels.find(session, place.workspace_id, place.channel_id)
    if channel is None or reach is ChannelReach.UNCHECKED:
        return
    if reach is ChannelReach.OK:
        if channel.health is not Health.OK:
            _reopen(session, channel, now)
        return
    health = _HEALTH_BY_REACH[reach]
    if channel.health is not Health.OK:
        since = channel.health_since if channel.health is health else now
        channels.update_health(session, channel, health, since=since, reason=reach.value, check_at=now + CHECK_INTERVAL)


class ChannelRecovery:
    """Asks Slack about channels that could not be reached, a few at a time."""

    def __init__(
        self,
        database: Database,
        check_reach: Callable[[Place], ChannelReach],
        is_token_valid: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._check_reach = check_reach
        self._is_token_valid = is_token_valid

    def run(self, now: datetime) -> int:
        """How many channels can be reached again."""
        with self._database.read_only() as session:
            waiting = channels.list_due_for_health_check(session, now, BATCH_SIZE)
        return sum(self._check_channel(channel, now) for channel in waiting)

    def restore_workspaces(self, now: datetime) -> int:
        """How many suspended workspaces accept the bot again; what was held for them goes out."""
        with self._database.read_only() as session:
            last = job_runs.find_last_run(session, "restore")
            suspended = workspaces.list_suspended(session) if last is None or now - last >= CHECK_INTERVAL else ()
        if not suspended or not self._database.run(lambda s: job_runs.claim(s, "restore", now, CHECK_INTERVAL)):
            return 0
        working = [
            w.workspace_id
            for w in suspended
            if not _is_revoked_by_organisation(w) and self._is_token_valid(w.workspace_id)
        ]
        for workspace_id in working:
            self._database.run(partial(restore_workspace, workspace_id=workspace_id, now=now))
        return len(working)

    def _check_channel(self, channel: Channel, now: datetime) -> int:
        place = Place(channel.workspace_id, channel.channel_id)
        if channel.health is Health.BLOCKED_BY_POLICY:  # only a post can show whether the rule still holds
            self._database.run(lambda session: _retry(session, channel, now))
            return 0
        reach = self._check_reach(place)
        if reach is ChannelReach.UNCHECKED:
            return 0
        self._database.run(lambda session: record_reach(session, place, reach, now))
        return int(reach is ChannelReach.OK)


def _is_revoked_by_organisation(workspace: Workspace) -> bool:
    """Whether its organisation's token, which may well work, is not for it: only Slack's word lets it in again."""
    return bool(workspace.enterprise_id) and workspace.suspended_reason == UNINSTALLED


def restore_workspace(session: Session, workspace_id: str, now: datetime) -> None:
    """The installation works again: what was held goes out, for channels that can be reached."""
    if workspaces.restore(session, workspace_id):
        outbox.resume_held(session, workspace_id, now)


def _reopen(session: Session, channel: Channel, now: datetime) -> None:
    channels.update_health(session, channel, Health.OK, since=None, reason="", check_at=None)
    outbox.resume_held(session, channel.workspace_id, now, channel.channel_id)


def _retry(session: Session, channel: Channel, now: datetime) -> None:
    """Lets what was held try the channel once more; a refusal brings its health back, as old as it was."""
    since, reason = channel.health_since, channel.health_reason
    channels.update_health(session, channel, Health.OK, since=since, reason=reason, check_at=None)
    outbox.resume_held(session, channel.workspace_id, now, channel.channel_id)


def _build_note(channel: Channel, person: str, health: Health, now: datetime) -> Reminder:
    return Reminder(
        workspace_id=channel.workspace_id,
        channel_id=person,
        product=DLVM,
        version=channel.channel_id,
        milestone=None,
        milestone_date=now.date(),
        rung=list(Health).index(health),
        kind=MessageKind.HEALTH,
    )
