"""What Slack tells of workspaces and channels, taken in: each event once, in any order, any number of times."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import ChannelReach
from bot.policy.post_outcomes import Refused, Remedy
from bot.service.place import Place, get_channel
from bot.service.workspaces import channel_health
from bot.service.workspaces.channel_health import UNINSTALLED
from storage import channels, installations, outbox, seen_events, workspace_data, workspaces
from storage.database import Database
from storage.facts import DLVM, Health, MessageKind, Reminder, Schedule, Workspace

_ERROR_CODES = {
    Health.ARCHIVED: "is_archived",
    Health.NEEDS_INVITE: "not_in_channel",
    Health.UNREACHABLE: "channel_not_found",
}
"""The refusals that Slack would give, had something been posted."""


class SlackEvent(Struct, frozen=True):
    """That Slack told something: what it is known by, where it belongs, when it happened and when it came."""

    event_id: str
    """Empty where Slack gave none: then only what it does keeps it from counting twice."""
    workspace_id: str
    received_at: datetime
    happened_at: datetime
    enterprise_id: str = ""
    is_org_wide: bool = False
    """Whether it is about the installation for a whole organisation."""


class WorkspaceEvents:
    """Keeps what is stored of workspaces and channels as Slack says it is."""

    def __init__(self, database: Database, default: Schedule, evict: Callable[[str], None]) -> None:
        self._database = database
        self._default = default
        self._evict = evict

    def mark_unreachable(self, event: SlackEvent, channel_id: str, health: Health) -> None:
        """Nothing can be posted to the channel any more: what it waits for is kept, its subscribers are told once."""
        refused = Refused(_ERROR_CODES[health], Remedy.PAUSE_CHANNEL, health=health)
        self._run_once(
            event, lambda s: channel_health.pause(s, event.workspace_id, channel_id, refused, event.received_at)
        )

    def mark_unarchived(self, event: SlackEvent, channel_id: str) -> None:
        """The channel is there again: what was held goes out."""
        self._run_once(event, lambda s: _reopen(s, event, channel_id, (Health.ARCHIVED,)))

    def handle_join(self, event: SlackEvent, channel_id: str, person_id: str, invited_by: str) -> None:
        """Somebody came into the channel; where it is the bot, what was held goes out, and it says once what it does.

        Other people's coming is none of its business.
        """

        def work(session: Session) -> None:
            workspace = workspaces.find(session, event.workspace_id)
            if workspace is None or person_id != workspace.bot_user_id:
                return
            _reopen(session, event, channel_id, (Health.NEEDS_INVITE, Health.UNREACHABLE))
            if not outbox.has_introduction(session, event.workspace_id, channel_id):
                outbox.add(session, self._build_introduction(session, event, channel_id, invited_by), event.received_at)

        self._run_once(event, work)

    def rename_channel(self, event: SlackEvent, channel_id: str, name: str) -> None:
        """The channel has another name; nothing depends on it."""
        self._run_once(event, lambda s: channels.update_from_slack(s, event.workspace_id, channel_id, name=name))

    def change_channel_id(self, event: SlackEvent, before: str, after: str) -> None:
        """The channel has another id: all that belongs to it follows."""
        self._run_once(event, lambda s: workspace_data.move_channel(s, event.workspace_id, before, after))

    def set_shared(self, event: SlackEvent, channel_id: str, *, is_shared: bool) -> None:
        """People of other organisations can read the channel, or can't any more."""
        self._run_once(
            event, lambda s: channels.update_from_slack(s, event.workspace_id, channel_id, is_shared=is_shared)
        )

    def uninstall(self, event: SlackEvent) -> None:
        """The bot was thrown out: its token goes at once, and everything waits for it to come back, for a while."""
        self._run_once(event, partial(_uninstall, event=event))
        self._evict("" if event.is_org_wide else event.workspace_id)

    def grant_workspaces(self, event: SlackEvent, workspace_ids: tuple[str, ...]) -> None:
        """Workspaces of an organisation that has the bot were given it."""

        def work(session: Session) -> None:
            for workspace_id in workspace_ids:
                found = workspaces.find(session, workspace_id) or Workspace(workspace_id)
                workspaces.save(session, replace(found, enterprise_id=event.enterprise_id or found.enterprise_id))
                channel_health.restore_workspace(session, workspace_id, event.received_at)

        self._run_once(event, work)
        self._evict_each(workspace_ids)

    def revoke_workspaces(self, event: SlackEvent, workspace_ids: tuple[str, ...]) -> None:
        """The bot was taken away from workspaces of an organisation; the others keep it."""

        def work(session: Session) -> None:
            for workspace_id in workspace_ids:
                found = workspaces.find(session, workspace_id)
                if found is not None and found.enterprise_id == event.enterprise_id:
                    _suspend(session, found, event.received_at)

        self._run_once(event, work)
        self._evict_each(workspace_ids)

    def _evict_each(self, workspace_ids: tuple[str, ...]) -> None:
        for workspace_id in workspace_ids:
            self._evict(workspace_id)

    def _run_once(self, event: SlackEvent, work: Callable[[Session], object]) -> None:
        """Does it in the transaction that remembers the event."""

        def whole(session: Session) -> None:
            if not event.event_id or seen_events.add(session, event.event_id, event.received_at):
                work(session)

        self._database.run(whole)

    def _build_introduction(self, session: Session, event: SlackEvent, channel_id: str, invited_by: str) -> Reminder:
        channel = get_channel(session, Place(event.workspace_id, channel_id), self._default)
        return Reminder(
            workspace_id=event.workspace_id,
            channel_id=channel.channel_id,
            product=DLVM,
            version=invited_by,
            milestone=None,
            milestone_date=event.received_at.date(),
            rung=0,
            kind=MessageKind.INTRODUCTION,
        )


def _reopen(session: Session, event: SlackEvent, channel_id: str, problems: tuple[Health, ...]) -> None:
    channel = channels.find(session, event.workspace_id, channel_id)
    if channel is not None and channel.health in problems:
        channel_health.record_reach(session, Place(event.workspace_id, channel_id), ChannelReach.OK, event.received_at)


def _uninstall(session: Session, event: SlackEvent) -> None:
    """Where the bot was installed again since, that stands: Slack may tell of the end late."""
    if event.is_org_wide:
        found = installations.find_for_organisation(session, event.enterprise_id)
    else:
        found = installations.find(session, "", event.workspace_id)
    if found is not None and found.installed_at > event.happened_at:
        return
    if found is not None:
        installations.delete(session, found.enterprise_id, found.workspace_id)
    for workspace in _list_affected(session, event):
        _suspend(session, workspace, event.received_at)


def _list_affected(session: Session, event: SlackEvent) -> tuple[Workspace, ...]:
    """The workspaces that have no way to the bot left."""
    if not event.is_org_wide:
        found = workspaces.find(session, event.workspace_id)
        return (found,) if found is not None else ()
    everywhere = (w for w in workspaces.list_all(session) if w.enterprise_id == event.enterprise_id)
    return tuple(w for w in everywhere if installations.find(session, "", w.workspace_id) is None)


def _suspend(session: Session, workspace: Workspace, now: datetime) -> None:
    since = workspace.suspended_since or now
    workspaces.save(session, replace(workspace, suspended_since=since, suspended_reason=UNINSTALLED))
