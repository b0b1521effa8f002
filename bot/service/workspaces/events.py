"""What Slack tells of workspaces and channels, taken in: each event once, in any order, any number of times."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.answers import Reach
from bot.policy.post_outcomes import Refused, Remedy
from bot.service.place import Place, channel_at
from bot.service.workspaces import channel_health
from bot.service.workspaces.channel_health import UNINSTALLED
from storage import channels, installations, outbox, seen_events, workspace_data, workspaces
from storage.database import Database
from storage.facts import DLVM, Health, Kind, Reminder, Schedule, Workspace

_SIGNS = {
    Health.ARCHIVED: "is_archived",
    Health.NEEDS_INVITE: "not_in_channel",
    Health.UNREACHABLE: "channel_not_found",
}
"""The refusals that Slack would give, had something been posted."""


class Told(Struct, frozen=True):
    """That Slack told something: what it is known by, where it belongs, when it happened and when it came."""

    event_id: str
    """Empty where Slack gave none: then only what it does keeps it from counting twice."""
    workspace_id: str
    now: datetime
    happened_at: datetime
    enterprise_id: str = ""
    is_org_wide: bool = False
    """Whether it is about the installation for a whole organisation."""


class Workspaces:
    """Keeps what is stored of workspaces and channels as Slack says it is."""

    def __init__(self, database: Database, default: Schedule, evict: Callable[[str], None]) -> None:
        self._database = database
        self._default = default
        self._evict = evict

    def closed(self, told: Told, channel_id: str, what: Health) -> None:
        """Nothing can be posted to the channel any more: what it waits for is kept, its subscribers are told once."""
        refused = Refused(_SIGNS[what], Remedy.PAUSE_CHANNEL, health=what)
        self._once(told, lambda s: channel_health.paused(s, told.workspace_id, channel_id, refused, told.now))

    def unarchived(self, told: Told, channel_id: str) -> None:
        """The channel is there again: what was held goes out."""
        self._once(told, lambda s: _opened(s, told, channel_id, (Health.ARCHIVED,)))

    def joined(self, told: Told, channel_id: str, person_id: str, invited_by: str) -> None:
        """Somebody came into the channel; where it is the bot, what was held goes out, and it says once what it does.

        Other people's coming is none of its business.
        """

        def work(session: Session) -> None:
            workspace = workspaces.find(session, told.workspace_id)
            if workspace is None or person_id != workspace.bot_user_id:
                return
            _opened(session, told, channel_id, (Health.NEEDS_INVITE, Health.UNREACHABLE))
            if not outbox.introduced(session, told.workspace_id, channel_id):
                outbox.put(session, self._introduction(session, told, channel_id, invited_by), told.now)

        self._once(told, work)

    def renamed(self, told: Told, channel_id: str, name: str) -> None:
        """The channel has another name; nothing depends on it."""
        self._once(told, lambda s: channels.told(s, told.workspace_id, channel_id, name=name))

    def moved(self, told: Told, before: str, after: str) -> None:
        """The channel has another id: all that belongs to it follows."""
        self._once(told, lambda s: workspace_data.move(s, told.workspace_id, before, after))

    def shared(self, told: Told, channel_id: str, *, is_shared: bool) -> None:
        """People of other organisations can read the channel, or can't any more."""
        self._once(told, lambda s: channels.told(s, told.workspace_id, channel_id, is_shared=is_shared))

    def uninstalled(self, told: Told) -> None:
        """The bot was thrown out: its token goes at once, and everything waits for it to come back, for a while."""
        self._once(told, partial(_uninstall, told=told))
        self._evict("" if told.is_org_wide else told.workspace_id)

    def let_in(self, told: Told, workspace_ids: tuple[str, ...]) -> None:
        """Workspaces of an organisation that has the bot were given it."""

        def work(session: Session) -> None:
            for workspace_id in workspace_ids:
                found = workspaces.find(session, workspace_id) or Workspace(workspace_id)
                workspaces.save(session, replace(found, enterprise_id=told.enterprise_id or found.enterprise_id))
                channel_health.restored(session, workspace_id, told.now)

        self._once(told, work)
        self._evict_each(workspace_ids)

    def shut_out(self, told: Told, workspace_ids: tuple[str, ...]) -> None:
        """The bot was taken away from workspaces of an organisation; the others keep it."""

        def work(session: Session) -> None:
            for workspace_id in workspace_ids:
                found = workspaces.find(session, workspace_id)
                if found is not None and found.enterprise_id == told.enterprise_id:
                    _suspend(session, found, told.now)

        self._once(told, work)
        self._evict_each(workspace_ids)

    def _evict_each(self, workspace_ids: tuple[str, ...]) -> None:
        for workspace_id in workspace_ids:
            self._evict(workspace_id)

    def _once(self, told: Told, work: Callable[[Session], object]) -> None:
        """Does it in the transaction that remembers the event."""

        def whole(session: Session) -> None:
            if not told.event_id or seen_events.remember(session, told.event_id, told.now):
                work(session)

        self._database.run(whole)

    def _introduction(self, session: Session, told: Told, channel_id: str, invited_by: str) -> Reminder:
        channel = channel_at(session, Place(told.workspace_id, channel_id), self._default)
        return Reminder(
            workspace_id=told.workspace_id,
            channel_id=channel.channel_id,
            product=DLVM,
            version=invited_by,
            milestone=None,
            milestone_date=told.now.date(),
            rung=0,
            kind=Kind.INTRODUCTION,
        )


def _opened(session: Session, told: Told, channel_id: str, troubles: tuple[Health, ...]) -> None:
    channel = channels.find(session, told.workspace_id, channel_id)
    if channel is not None and channel.health in troubles:
        channel_health.seen(session, Place(told.workspace_id, channel_id), Reach.OK, told.now)


def _uninstall(session: Session, told: Told) -> None:
    """Where the bot was installed again since, that stands: Slack may tell of the end late."""
    if told.is_org_wide:
        found = installations.of_organisation(session, told.enterprise_id)
    else:
        found = installations.find(session, "", told.workspace_id)
    if found is not None and found.installed_at > told.happened_at:
        return
    if found is not None:
        installations.remove(session, found.enterprise_id, found.workspace_id)
    for workspace in _concerned(session, told):
        _suspend(session, workspace, told.now)


def _concerned(session: Session, told: Told) -> tuple[Workspace, ...]:
    """The workspaces that have no way to the bot left."""
    if not told.is_org_wide:
        found = workspaces.find(session, told.workspace_id)
        return (found,) if found is not None else ()
    everywhere = (w for w in workspaces.all(session) if w.enterprise_id == told.enterprise_id)
    return tuple(w for w in everywhere if installations.find(session, "", w.workspace_id) is None)


def _suspend(session: Session, workspace: Workspace, now: datetime) -> None:
    since = workspace.suspended_since or now
    workspaces.save(session, replace(workspace, suspended_since=since, suspended_reason=UNINSTALLED))
