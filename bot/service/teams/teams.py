"""Teams: groups of channels that share an owner and subscriptions."""

import re
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import TeamAction
from bot.service.access import audit
from bot.service.access.permissions import Permissions
from bot.service.place import Place, get_channel
from bot.service.subscriptions.targets import add_targets, remove_targets
from bot.service.teams import visibility
from bot.service.versions import resolve
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

TeamAnswer = answers.TeamUpdate | answers.InvalidRequest | answers.PermissionDenied | resolve.Clarification


class Teams:
    """Creates, changes and deletes teams."""

    def __init__(
        self, database: Database, snapshots: SnapshotCache, default: Schedule, permissions: Permissions
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default
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
        public = self._find_public(action, arguments, place)
        refused = self._check_permission(action, name, arguments, place, now, public, command)
        if refused is not None:
            return refused
        return self._database.run(lambda session: self._change(session, action, name, arguments, place, now, public))

    def _find_public(self, action: TeamAction, channel_ids: Sequence[str], place: Place) -> frozenset[str]:
        """Return the channels to add that Slack says are public, of those not yet known to be."""
        if action is not TeamAction.ADD:
            return frozenset()
        with self._database.read_only() as session:
            unknown = sorted(set(channel_ids) - visibility.filter_visible(session, place, channel_ids))
        return self._permissions.directory.filter_public(place.workspace_id, unknown) if unknown else frozenset()

    def _check_permission(
        self,
        action: TeamAction,
        name: str,
        arguments: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
        command: str,
    ) -> answers.PermissionDenied | answers.InvalidRequest | None:
        """Return why the person can't execute the action: they must be allowed to change every affected channel."""
        affected = {place.channel_id}
        with self._database.read_only() as session:
            team = teams.find(session, place.workspace_id, name)
            if action is TeamAction.ADD:
                affected |= set(arguments)
                if set(arguments) - visibility.filter_visible(session, place, arguments) - public:
                    return answers.InvalidRequest(_NOT_PUBLIC.format(name=name))
            elif action in {TeamAction.REMOVE, TeamAction.SUBSCRIBE, TeamAction.UNSUBSCRIBE} and team is not None:
                changed = arguments if action is TeamAction.REMOVE else team.channels
                affected |= set(changed) & set(team.channels)
        for channel_id in sorted(affected) if place.user_id else ():
            denied = self._permissions.check(replace(place, channel_id=channel_id), now, command)
            if denied is not None:
                return denied
        return None

    def _change(  # noqa: PLR0911 - a table with one return for each action
        self,
        session: Session,
        action: TeamAction,
        name: str,
        arguments: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
    ) -> TeamAnswer:
        team = teams.find(session, place.workspace_id, name)
        if action is TeamAction.CREATE:
            return self._create(session, team, name, place, now)
        if team is None:
            return answers.InvalidRequest(f"There is no team `{name}`. Create it with `/dlvm team create {name}`.")
        match action:
            case TeamAction.DELETE:
                return self._delete(session, team, place, now)
            case TeamAction.OWNER:
                return self._set_owner(session, team, arguments[0] if arguments else "", place, now)
            case TeamAction.ADD:
                return self._add(session, team, arguments, place, now, public)
            case TeamAction.REMOVE:
                return self._remove(session, team, arguments, place, now)
            case TeamAction.SUBSCRIBE:
                return self._subscribe(session, team, " ".join(arguments), place, now)
            case TeamAction.UNSUBSCRIBE:
                return self._unsubscribe(session, team, " ".join(arguments), place, now)

    def _create(self, session: Session, team: Team | None, name: str, place: Place, now: datetime) -> TeamAnswer:
        if team is None and len(teams.list_all(session, place.workspace_id)) >= MAX_TEAMS:
            return answers.InvalidRequest(
                f"You can have at most {MAX_TEAMS} teams. Delete one first; `/dlvm team` lists them."
            )
        is_new = teams.add(session, Team(place.workspace_id, name))
        if is_new:
            _record(session, place, now, "team create", after=name)
        return self._build_answer(session, TeamAction.CREATE, name, place, is_unchanged=not is_new)

    def _delete(self, session: Session, team: Team, place: Place, now: datetime) -> TeamAnswer:
        answer = self._build_answer(session, TeamAction.DELETE, team.name, place)
        teams.delete(session, place.workspace_id, team.name)
        _record(session, place, now, "team delete", before=" ".join((team.name, *team.targets)))
        return answer

    def _set_owner(self, session: Session, team: Team, owner: str, place: Place, now: datetime) -> TeamAnswer:
        teams.update_owner(session, place.workspace_id, team.name, owner)
        is_unchanged = owner == team.owner
        if not is_unchanged:
            before, after = (f"{team.name} {person or 'nobody'}" for person in (team.owner, owner))
            _record(session, place, now, "team owner", before=before, after=after)
        return self._build_answer(session, TeamAction.OWNER, team.name, place, is_unchanged=is_unchanged)

    def _add(
        self,
        session: Session,
        team: Team,
        channel_ids: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
    ) -> TeamAnswer:
        if len({*team.channels, *channel_ids}) > MAX_CHANNELS:
            return answers.InvalidRequest(
                f"A team can have at most {MAX_CHANNELS} channels. Create another team for the rest."
            )
        new = [c for c in channel_ids if teams.add_channel(session, place.workspace_id, team.name, c)]
        for channel_id in new:
            channel_place = replace(place, channel_id=channel_id)
            audit.record(session, channel_place, now, "team add", after=team.name)
            if channel_id in public:
                channels.save(session, replace(get_channel(session, channel_place, self._default), is_public=True), now)
            self._subscribe_channel(session, team.targets, channel_place, now, team.name)
        return self._build_answer(
            session, TeamAction.ADD, team.name, place, channels=new, targets=team.targets, is_unchanged=not new
        )

    def _remove(
        self, session: Session, team: Team, channel_ids: Sequence[str], place: Place, now: datetime
    ) -> TeamAnswer:
        visible = visibility.filter_visible(session, place, channel_ids)
        removed = [
            channel_id
            for channel_id in channel_ids
            if channel_id in visible and teams.remove_channel(session, place.workspace_id, team.name, channel_id)
        ]
        for channel_id in removed:
            audit.record(session, replace(place, channel_id=channel_id), now, "team remove", before=team.name)
        return self._build_answer(
            session, TeamAction.REMOVE, team.name, place, channels=removed, is_unchanged=not removed
        )

    def _subscribe(self, session: Session, team: Team, text: str, place: Place, now: datetime) -> TeamAnswer:
        targets = resolve.resolve_targets(text, self._snapshots.read(session))
        if not isinstance(targets, tuple):
            return targets
        new = [t for t in targets if teams.add_target(session, place.workspace_id, team.name, t)]
        if new:
            _record(session, place, now, "team subscribe", after=" ".join((team.name, *new)))
        for channel_id in team.channels:
            self._subscribe_channel(session, targets, replace(place, channel_id=channel_id), now, team.name)
        return self._build_answer(
            session, TeamAction.SUBSCRIBE, team.name, place, targets=targets, is_unchanged=not new
        )

    def _unsubscribe(self, session: Session, team: Team, text: str, place: Place, now: datetime) -> TeamAnswer:
        snapshot = self._snapshots.read(session)
        resolved = resolve.resolve_subscribed_targets(text, snapshot, team.targets)
        if not isinstance(resolved, tuple):
            return resolved
        removed, _ = resolved
        teams.remove_targets(session, place.workspace_id, team.name, removed)
        for channel_id in team.channels:
            channel_place = replace(place, channel_id=channel_id)
            kept = visibility.list_other_team_targets(session, channel_place, team.name)
            dropped = [target for target in removed if target not in kept]
            channel = get_channel(session, channel_place, self._default)
            remove_targets(session, dropped, channel, snapshot, channel_place, now, team.name)
        if removed:
            _record(session, place, now, "team unsubscribe", before=" ".join((team.name, *removed)))
        return self._build_answer(
            session, TeamAction.UNSUBSCRIBE, team.name, place, targets=removed, is_unchanged=not removed
        )

    def _subscribe_channel(
        self, session: Session, targets: Sequence[str], channel_place: Place, now: datetime, name: str
    ) -> None:
        if targets:
            channels.save(session, get_channel(session, channel_place, self._default), now)
            add_targets(session, targets, channel_place, now, name)

    def _build_answer(
        self,
        session: Session,
        action: TeamAction,
        name: str,
        place: Place,
        *,
        channels: Sequence[str] = (),
        targets: Sequence[str] = (),
        is_unchanged: bool = False,
    ) -> answers.TeamUpdate:
        team = teams.find(session, place.workspace_id, name) or Team(place.workspace_id, name)
        line = visibility.build_team_line(session, place, team)
        return answers.TeamUpdate(action, line, tuple(channels), tuple(targets), is_unchanged)


_NOT_PUBLIC = "You can add only public channels from here. To add a private one, type `/dlvm team {name} add` in it."


def _record(session: Session, place: Place, now: datetime, action: str, *, before: str = "", after: str = "") -> None:
    """Record a change to a team in the log of the workspace, which names no channel."""
    audit.record(session, replace(place, channel_id=audit.WORKSPACE_WIDE), now, action, before=before, after=after)
