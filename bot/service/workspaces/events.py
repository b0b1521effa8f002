"""Slack's events about workspaces and channels. Each takes effect once, however often and in any order it arrives."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import ChannelReach
from bot.service.place import Place, build_notice
from bot.service.workspaces import channel_health
from bot.service.workspaces.channel_health import UNINSTALLED
from storage import channels, installations, outbox, seen_events, workspace_data, workspaces
from storage.database import Database
from storage.facts import Health, MessageKind, Workspace


class SlackEvent(Struct, frozen=True):
    """An event from Slack, without its content."""

    event_id: str
    """Empty if Slack sent none. The event is then processed each time it arrives."""
    workspace_id: str
    received_at: datetime
    happened_at: datetime
    enterprise_id: str = ""
    is_org_wide: bool = False
    """True if the event is about the installation for a whole organisation."""


class WorkspaceEvents:
    """Updates the stored workspaces and channels by Slack's events."""

    def __init__(self, database: Database, evict: Callable[[str], None]) -> None:
        self._database = database
        self._evict = evict

    def mark_unreachable(self, event: SlackEvent, channel_id: str, health: Health) -> None:
        """Pause the channel, because it was archived or deleted or the bot left it. Its messages are held."""
        key, now = (event.workspace_id, channel_id), event.received_at
        self._run_once(event, lambda s: channel_health.pause_without_post(s, *key, health, now))

    def mark_unarchived(self, event: SlackEvent, channel_id: str) -> None:
        """Reopen a channel that was paused as archived."""
        self._run_once(event, lambda s: _reopen(s, event, channel_id, (Health.ARCHIVED,)))

    def handle_join(self, event: SlackEvent, channel_id: str, person_id: str, invited_by: str) -> None:
        """Reopen the channel if the bot joined it, and introduce the bot once in each channel.

        Nothing happens if a person joined.
        """

        def update(session: Session) -> None:
            workspace = workspaces.find(session, event.workspace_id)
            if workspace is None or person_id != workspace.bot_user_id:
                return
            _reopen(session, event, channel_id, (Health.NEEDS_INVITE, Health.UNREACHABLE))
            if not outbox.has_introduction(session, event.workspace_id, channel_id):
                place, day = Place(event.workspace_id, channel_id), event.received_at.date()
                introduction = build_notice(place, day, MessageKind.INTRODUCTION, invited_by)
                outbox.add(session, introduction, event.received_at)

        self._run_once(event, update)

    def rename_channel(self, event: SlackEvent, channel_id: str, name: str) -> None:
        """Store the channel's new name."""
        self._run_once(event, lambda s: channels.update_from_slack(s, event.workspace_id, channel_id, name=name))

    def change_channel_id(self, event: SlackEvent, before: str, after: str) -> None:
        """Move everything that belongs to the channel to its new id."""
        self._run_once(event, lambda s: workspace_data.move_channel(s, event.workspace_id, before, after))

    def set_shared(self, event: SlackEvent, channel_id: str, *, is_shared: bool) -> None:
        """Store whether people of other organisations are in the channel."""
        key = event.workspace_id, channel_id
        self._run_once(event, lambda s: channels.update_from_slack(s, *key, is_shared=is_shared))

    def uninstall(self, event: SlackEvent) -> None:
        """Delete the bot's token and suspend its workspaces. Their data is kept for a return."""
        self._run_once(event, partial(_uninstall, event=event))
        self._evict("" if event.is_org_wide else event.workspace_id)

    def grant_workspaces(self, event: SlackEvent, workspace_ids: tuple[str, ...]) -> None:
        """Add workspaces to the installation of their organisation, and restore them."""

        def update(session: Session) -> None:
            for workspace_id in workspace_ids:
                workspace = workspaces.find(session, workspace_id) or Workspace(workspace_id)
                enterprise_id = event.enterprise_id or workspace.enterprise_id
                workspaces.save(session, replace(workspace, enterprise_id=enterprise_id))
                channel_health.restore_workspace(session, workspace_id, event.received_at)

        self._run_once(event, update)
        for workspace_id in workspace_ids:
            self._evict(workspace_id)

    def revoke_workspaces(self, event: SlackEvent, workspace_ids: tuple[str, ...]) -> None:
        """Suspend workspaces that their organisation removed from its installation."""

        def update(session: Session) -> None:
            for workspace_id in workspace_ids:
                workspace = workspaces.find(session, workspace_id)
                if workspace is not None and event.enterprise_id and workspace.enterprise_id == event.enterprise_id:
                    _suspend(session, workspace, event.received_at)

        self._run_once(event, update)
        for workspace_id in workspace_ids:
            self._evict(workspace_id)

    def _run_once(self, event: SlackEvent, update: Callable[[Session], object]) -> None:
        """Run the update in the transaction that stores the event's id, unless that is stored already."""

        def run(session: Session) -> None:
            if not event.event_id or seen_events.add(session, event.event_id, event.received_at):
                update(session)

        self._database.run(run)


def _reopen(session: Session, event: SlackEvent, channel_id: str, problems: tuple[Health, ...]) -> None:
    channel = channels.find(session, event.workspace_id, channel_id)
    if channel is not None and channel.health in problems:
        channel_health.record_reach(session, Place(event.workspace_id, channel_id), ChannelReach.OK, event.received_at)


def _uninstall(session: Session, event: SlackEvent) -> None:
    if event.is_org_wide:
        installation = installations.find_for_organisation(session, event.enterprise_id)
    else:
        installation = installations.find(session, "", event.workspace_id)
    if installation is not None:
        if installation.installed_at > event.happened_at:  # a late event must not end a newer installation
            return
        installations.delete(session, installation.enterprise_id, installation.workspace_id)
    for workspace in _list_affected(session, event):
        _suspend(session, workspace, event.received_at)


def _list_affected(session: Session, event: SlackEvent) -> tuple[Workspace, ...]:
    """Return the workspaces that have no installation left, not even one of their own."""
    if not event.is_org_wide:
        workspace = workspaces.find(session, event.workspace_id)
        return (workspace,) if workspace is not None else ()
    if not event.enterprise_id:  # most workspaces have none, and belong together by nothing
        return ()
    members = (w for w in workspaces.list_all(session) if w.enterprise_id == event.enterprise_id)
    return tuple(w for w in members if installations.find(session, "", w.workspace_id) is None)


def _suspend(session: Session, workspace: Workspace, now: datetime) -> None:
    since = workspace.suspended_since or now
    workspaces.save(session, replace(workspace, suspended_since=since, suspended_reason=UNINSTALLED))
