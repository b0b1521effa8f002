"""Health of channels: paused when a post is refused, and reopened when the cause is gone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.answers import HEALTH_BY_REACH, ChannelReach
from bot.policy.post_outcomes import Refused, Remedy
from bot.service.place import Place, build_notice
from storage import channels, job_runs, outbox, workspaces
from storage.database import Database
from storage.facts import Channel, Health, MessageKind, Workspace

CHECK_INTERVAL = timedelta(hours=1)
"""How often Slack is asked whether a paused channel is open again."""

RETRY_INTERVAL = timedelta(days=1)
"""How often a post is tried in a channel where a workspace rule forbids it."""

UNINSTALLED = "uninstalled"
"""The `suspended_reason` of a workspace that removed the bot. Its data is erased if it doesn't return."""

BATCH_SIZE = 40
"""Channels to check in a run. Slack allows about fifty calls a minute."""

_ERROR_CODES = {
    Health.NEEDS_INVITE: "not_in_channel",
    Health.ARCHIVED: "is_archived",
    Health.UNREACHABLE: "channel_not_found",
}
"""The error with which Slack refuses a post."""


def pause(session: Session, workspace_id: str, channel_id: str, refused: Refused, now: datetime) -> None:
    """Mark the channel as refusing posts. Its subscribers are notified once while the problem persists."""
    channel = channels.find(session, workspace_id, channel_id)
    if channel is None:
        return
    wait = RETRY_INTERVAL if refused.health is Health.BLOCKED_BY_POLICY else CHECK_INTERVAL
    is_known = channel.health is refused.health or (
        channel.health is Health.OK and channel.health_since is not None and channel.health_reason == refused.error
    )
    since = channel.health_since if is_known and channel.health_since else now
    channels.update_health(session, channel, refused.health, since=since, reason=refused.error, check_at=now + wait)
    if is_known:
        return
    for person in channels.list_subscribers(session, workspace_id, channel_id):
        if person.startswith(("U", "W")):
            place = Place(workspace_id, person)
            notice = build_notice(place, now.date(), MessageKind.HEALTH, channel_id, refused.health)
            outbox.add(session, notice, now)


def pause_without_post(session: Session, workspace_id: str, channel_id: str, health: Health, now: datetime) -> None:
    """Pause the channel as if Slack had just refused a post for this problem."""
    refused = Refused(_ERROR_CODES[health], Remedy.PAUSE_CHANNEL, health=health)
    pause(session, workspace_id, channel_id, refused, now)


def record_reach(session: Session, place: Place, reach: ChannelReach, now: datetime) -> None:
    """Update the health of a paused channel by what Slack says. An open one gets its held messages."""
    channel = channels.find(session, place.workspace_id, place.channel_id)
    if channel is None or channel.health is Health.OK or reach is ChannelReach.UNCHECKED:
        return
    if reach is ChannelReach.OK:
        _reopen(session, channel, now)
        return
    health = HEALTH_BY_REACH[reach]
    since = channel.health_since if channel.health is health else now
    channels.update_health(session, channel, health, since=since, reason=reach.value, check_at=now + CHECK_INTERVAL)


class ChannelRecovery:
    """Checks paused channels and suspended workspaces, and reopens those that work again."""

    def __init__(
        self, database: Database, check_reach: Callable[[Place], ChannelReach], is_token_valid: Callable[[str], bool]
    ) -> None:
        self._database = database
        self._check_reach = check_reach
        self._is_token_valid = is_token_valid

    def run(self, now: datetime) -> int:
        """Check the paused channels that are due, at most BATCH_SIZE. Return how many are open again."""
        with self._database.read_only() as session:
            due = channels.list_due_for_health_check(session, now, BATCH_SIZE)
        return sum(self._check_channel(channel, now) for channel in due)

    def restore_workspaces(self, now: datetime) -> int:
        """Check the suspended workspaces every CHECK_INTERVAL. Return how many were restored."""
        with self._database.read_only() as session:
            is_due = job_runs.is_due(session, "restore", now, CHECK_INTERVAL)
            suspended = workspaces.list_suspended(session) if is_due else ()
        if not suspended or not self._database.run(lambda s: job_runs.claim(s, "restore", now, CHECK_INTERVAL)):
            return 0
        working = [
            workspace.workspace_id
            for workspace in suspended
            if not _is_revoked_by_organisation(workspace) and self._is_token_valid(workspace.workspace_id)
        ]
        for workspace_id in working:
            self._database.run(partial(restore_workspace, workspace_id=workspace_id, now=now))
        return len(working)

    def _check_channel(self, channel: Channel, now: datetime) -> bool:
        if channel.health is Health.BLOCKED_BY_POLICY:  # only a post can show whether the rule still applies
            self._database.run(lambda session: _reopen(session, channel, now, is_trial=True))
            return False
        place = Place(channel.workspace_id, channel.channel_id)
        reach = self._check_reach(place)
        if reach is not ChannelReach.UNCHECKED:
            self._database.run(lambda session: record_reach(session, place, reach, now))
        return reach is ChannelReach.OK


def _is_revoked_by_organisation(workspace: Workspace) -> bool:
    """Return True if an organisation took the bot away from the workspace.

    The organisation's token might still work, but only an event from Slack gives the bot back to the workspace.
    """
    return bool(workspace.enterprise_id) and workspace.suspended_reason == UNINSTALLED


def restore_workspace(session: Session, workspace_id: str, now: datetime) -> None:
    """End the suspension of the workspace and release its held messages, except those of paused channels."""
    if workspaces.restore(session, workspace_id):
        outbox.resume_held(session, workspace_id, now)


def _reopen(session: Session, channel: Channel, now: datetime, *, is_trial: bool = False) -> None:
    """Release the held messages. After a trial, another refusal counts as the same problem: its facts stay stored."""
    since, reason = (channel.health_since, channel.health_reason) if is_trial else (None, "")
    channels.update_health(session, channel, Health.OK, since=since, reason=reason, check_at=None)
    outbox.resume_held(session, channel.workspace_id, now, channel.channel_id)
