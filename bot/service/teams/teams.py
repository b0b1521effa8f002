"""Teams: groups of channels that share an owner and subscriptions."""

import re
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import TeamAction
from bot.service.access import audit
from bot.service.access.permissions import Permissions
from bot.service.place import Place
from bot.service.subscriptions.targets import add_targets, remove_targets
from bot.service.teams import visibility
from bot.service.versions import resolve
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import SnapshotCache
from storage import channels, teams
from storage.database import Database
from storage.facts import Schedule, Team

MAX_TEAMS = 200
MAX_CHANNELS = 200
"""Channels in a team. A change to a team changes each of them in one transaction."""

MAX_ARGUMENTS = 20
"""Channels or targets in one command. Slack is asked about each channel that isn't known to be public."""

_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")

_NOT_PUBLIC = "You can add only public channels from here. To add a private one, type `/dlvm team {name} add` in it."

TeamAnswer = answers.TeamUpdate | answers.InvalidRequest | answers.PermissionDenied | resolve.Clarification


class _Change(Struct, frozen=True):
    """A change to a team, with the place from which a person makes it."""

    action: TeamAction
    name: str
    arguments: tuple[str, ...]
    place: Place
    now: datetime
    public: frozenset[str] = frozenset()
    """Channels to add that Slack says are public."""

    def at(self, channel_id: str) -> Place:
        """Return the person's place in another channel."""
        return replace(self.place, channel_id=channel_id)

    def record(self, session: Session, *, before: str = "", after: str = "") -> None:
        """Record the change in the log of the workspace, which names no channel."""
        place = self.at(audit.WORKSPACE_WIDE)
        audit.record(session, place, self.now, f"team {self.action.value}", before=before, after=after)


class Teams(ChannelService):
    """Creates, changes and deletes teams."""

    def __init__(
        self, database: Database, snapshots: SnapshotCache, default: Schedule, permissions: Permissions
    ) -> None:
        super().__init__(database, snapshots, default)
        self._permissions = permissions

    def change(
        self, action: TeamAction, name: str, arguments: Sequence[str], place: Place, now: datetime, command: str = ""
    ) -> TeamAnswer:
        """Execute the action on the team in one transaction, if the person may change every affected channel.

        The arguments are channel ids, targets or an owner, as the action needs. `command` is what someone else can be
        asked to allow.
        """
        if not _NAME_PATTERN.fullmatch(name):
            return answers.InvalidRequest(
                f"“{name[:60]}” is not a valid team name. Use 2 to 40 of a-z, 0-9 and -, like `ml-platform`."
            )
        if action in {TeamAction.ADD, TeamAction.REMOVE}:
            arguments = tuple(dict.fromkeys(arguments)) or (place.channel_id,)
        if len(arguments) > MAX_ARGUMENTS:
            return answers.InvalidRequest(f"You named {len(arguments)} at once; the maximum is {MAX_ARGUMENTS}.")
        public = self._find_public(arguments, place) if action is TeamAction.ADD else frozenset()
        change = _Change(action, name, tuple(arguments), place, now, public)
        return self._check_permission(change, command) or self._database.run(lambda s: self._execute(s, change))

    def _find_public(self, channel_ids: Sequence[str], place: Place) -> frozenset[str]:
        """Return the channels to add that Slack says are public, of those not yet known to be."""
        with self._database.read_only() as session:
            unknown = sorted(set(channel_ids) - visibility.filter_visible(session, place, channel_ids))
        return self._permissions.directory.filter_public(place.workspace_id, unknown) if unknown else frozenset()

    def _check_permission(
        self, change: _Change, command: str
    ) -> answers.PermissionDenied | answers.InvalidRequest | None:
        """Return why the person can't execute the action: they must be allowed to change every affected channel."""
        place, action, arguments = change.place, change.action, change.arguments
        affected = {place.channel_id}
        with self._database.read_only() as session:
            team = teams.find(session, place.workspace_id, change.name)
            if action is TeamAction.ADD:
                affected |= set(arguments)
                if set(arguments) - visibility.filter_visible(session, place, arguments) - change.public:
                    return answers.InvalidRequest(_NOT_PUBLIC.format(name=change.name))
            elif action in {TeamAction.REMOVE, TeamAction.SUBSCRIBE, TeamAction.UNSUBSCRIBE} and team is not None:
                changed = arguments if action is TeamAction.REMOVE else team.channels
                affected |= set(changed) & set(team.channels)
        checks = (self._permissions.check(change.at(channel), change.now, command) for channel in sorted(affected))
        return next(filter(None, checks), None) if place.user_id else None

    def _execute(self, session: Session, change: _Change) -> TeamAnswer:
        team = teams.find(session, change.place.workspace_id, change.name)
        if change.action is TeamAction.CREATE:
            return self._create(session, team, change)
        if team is None:
            return answers.InvalidRequest(
                f"There is no team `{change.name}`. Create it with `/dlvm team create {change.name}`."
            )
        execute = {
            TeamAction.DELETE: self._delete,
            TeamAction.OWNER: self._set_owner,
            TeamAction.ADD: self._add,
            TeamAction.REMOVE: self._remove,
            TeamAction.SUBSCRIBE: self._subscribe,
            TeamAction.UNSUBSCRIBE: self._unsubscribe,
        }[change.action]
        return execute(session, team, change)

    def _create(self, session: Session, team: Team | None, change: _Change) -> TeamAnswer:
        workspace_id = change.place.workspace_id
        if team is None and len(teams.list_all(session, workspace_id)) >= MAX_TEAMS:
            return answers.InvalidRequest(
                f"You can have at most {MAX_TEAMS} teams. Delete one first; `/dlvm team` lists them."
            )
        is_new = teams.add(session, Team(workspace_id, change.name))
        if is_new:
            change.record(session, after=change.name)
        return _build_answer(session, change, is_unchanged=not is_new)

    def _delete(self, session: Session, team: Team, change: _Change) -> TeamAnswer:
        answer = _build_answer(session, change)
        teams.delete(session, team.workspace_id, team.name)
        change.record(session, before=" ".join((team.name, *team.targets)))
        return answer

    def _set_owner(self, session: Session, team: Team, change: _Change) -> TeamAnswer:
        owner = change.arguments[0] if change.arguments else ""
        teams.update_owner(session, team.workspace_id, team.name, owner)
        if owner != team.owner:
            before, after = (f"{team.name} {person or 'nobody'}" for person in (team.owner, owner))
            change.record(session, before=before, after=after)
        return _build_answer(session, change, is_unchanged=owner == team.owner)

    def _add(self, session: Session, team: Team, change: _Change) -> TeamAnswer:
        if len({*team.channels, *change.arguments}) > MAX_CHANNELS:
            return answers.InvalidRequest(
                f"A team can have at most {MAX_CHANNELS} channels. Create another team for the rest."
            )
        new = [c for c in change.arguments if teams.add_channel(session, team.workspace_id, team.name, c)]
        for channel_id in new:
            place = change.at(channel_id)
            audit.record(session, place, change.now, "team add", after=team.name)
            if channel_id in change.public:
                channel = replace(self._get_channel(session, place), is_public=True)
                channels.save(session, channel, change.now)
            self._subscribe_channel(session, team.targets, place, change)
        return _build_answer(session, change, channels=new, targets=team.targets, is_unchanged=not new)

    def _remove(self, session: Session, team: Team, change: _Change) -> TeamAnswer:
        visible = visibility.filter_visible(session, change.place, change.arguments)
        candidates = [c for c in change.arguments if c in visible]
        removed = [c for c in candidates if teams.remove_channel(session, team.workspace_id, team.name, c)]
        for channel_id in removed:
            audit.record(session, change.at(channel_id), change.now, "team remove", before=team.name)
        return _build_answer(session, change, channels=removed, is_unchanged=not removed)

    def _subscribe(self, session: Session, team: Team, change: _Change) -> TeamAnswer:
        targets = resolve.resolve_targets(" ".join(change.arguments), self._snapshots.read(session))
        if not isinstance(targets, tuple):
            return targets
        new = [t for t in targets if teams.add_target(session, team.workspace_id, team.name, t)]
        if new:
            change.record(session, after=" ".join((team.name, *new)))
        for channel_id in team.channels:
            self._subscribe_channel(session, targets, change.at(channel_id), change)
        return _build_answer(session, change, targets=targets, is_unchanged=not new)

    def _unsubscribe(self, session: Session, team: Team, change: _Change) -> TeamAnswer:
        snapshot = self._snapshots.read(session)
        resolved = resolve.resolve_subscribed_targets(" ".join(change.arguments), snapshot, team.targets)
        if not isinstance(resolved, tuple):
            return resolved
        removed, _ = resolved
        teams.remove_targets(session, team.workspace_id, team.name, removed)
        for channel_id in team.channels:
            place = change.at(channel_id)
            kept = visibility.list_other_team_targets(session, place, team.name)
            dropped = [target for target in removed if target not in kept]
            channel = self._get_channel(session, place)
            remove_targets(session, dropped, channel, snapshot, place, change.now, team.name)
        if removed:
            change.record(session, before=" ".join((team.name, *removed)))
        return _build_answer(session, change, targets=removed, is_unchanged=not removed)

    def _subscribe_channel(self, session: Session, targets: Sequence[str], place: Place, change: _Change) -> None:
        if targets:
            channels.save(session, self._get_channel(session, place), change.now)
            add_targets(session, targets, place, change.now, change.name)


def _build_answer(
    session: Session,
    change: _Change,
    *,
    channels: Sequence[str] = (),
    targets: Sequence[str] = (),
    is_unchanged: bool = False,
) -> answers.TeamUpdate:
    workspace_id = change.place.workspace_id
    team = teams.find(session, workspace_id, change.name) or Team(workspace_id, change.name)
    line = visibility.build_team_line(session, change.place, team)
    return answers.TeamUpdate(change.action, line, tuple(channels), tuple(targets), is_unchanged)
