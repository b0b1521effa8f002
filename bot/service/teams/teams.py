"""Teams: channels that somebody looks after together, and that watch what their team watches."""

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
from bot.service.subscriptions import targets as watching
from bot.service.teams import visibility
from bot.service.versions import resolve
from bot.service.versions.snapshot import SnapshotCache
from storage import channels, teams
from storage.database import Database
from storage.facts import Schedule, Team

MAX_TEAMS = 200
MAX_CHANNELS = 200
"""Of one team: what is done to it is done to each of them in one transaction."""

MAX_ARGUMENTS = 20
"""Channels or targets that one command names: Slack is asked about each channel that is not known."""

_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")

TeamAnswer = answers.TeamUpdate | answers.InvalidRequest | answers.PermissionDenied | resolve.Clarification


class Teams:
    """Makes and changes teams."""

    def __init__(
        self, database: Database, snapshots: SnapshotCache, default: Schedule, permissions: Permissions
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default
        self._permissions = permissions

    def change(
        self, act: TeamAction, name: str, arguments: Sequence[str], place: Place, now: datetime, command: str = ""
    ) -> TeamAnswer:
        """Does it, in one transaction; what it would do to channels the person may not change is refused."""
        if not _NAME_PATTERN.fullmatch(name):
            return answers.InvalidRequest(
                f"“{name[:60]}” can't be a team's name: 2 to 40 of a-z, 0-9 and -, like `ml-platform`."
            )
        if act in {TeamAction.ADD, TeamAction.REMOVE}:
            arguments = tuple(dict.fromkeys(arguments)) or (place.channel_id,)
        if len(arguments) > MAX_ARGUMENTS:
            return answers.InvalidRequest(f"That names {len(arguments)}; at most {MAX_ARGUMENTS} at once.")
        public = self._find_public(act, arguments, place)
        refused = self._check_permission(act, name, arguments, place, now, public, command)
        if refused is not None:
            return refused
        return self._database.run(lambda session: self._change(session, act, name, arguments, place, now, public))

    def _find_public(self, act: TeamAction, channel_ids: Sequence[str], place: Place) -> frozenset[str]:
        """Which of the channels to be added Slack says are public, of those that are not known to be."""
        if act is not TeamAction.ADD:
            return frozenset()
        with self._database.read_only() as session:
            unknown = set(channel_ids) - visibility.filter_visible(session, place, channel_ids)
        return (
            self._permissions.directory.filter_public(place.workspace_id, sorted(unknown)) if unknown else frozenset()
        )

    def _check_permission(
        self,
        act: TeamAction,
        name: str,
        arguments: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
        command: str,
    ) -> answers.PermissionDenied | answers.InvalidRequest | None:
        """Each channel that would be changed has to be one the person may change, not only the present one."""
        concerned = {place.channel_id}
        with self._database.read_only() as session:
            team = teams.find(session, place.workspace_id, name)
            if act is TeamAction.ADD:
                concerned |= set(arguments)
                if set(arguments) - visibility.filter_visible(session, place, arguments) - public:
                    return answers.InvalidRequest(_NOT_PUBLIC.format(name=name))
            elif act in {TeamAction.REMOVE, TeamAction.SUBSCRIBE, TeamAction.UNSUBSCRIBE} and team is not None:
                touched = arguments if act is TeamAction.REMOVE else team.channels
                concerned |= set(touched) & set(team.channels)
        for channel_id in sorted(concerned) if place.user_id else ():
            denied = self._permissions.check(replace(place, channel_id=channel_id), now, command)
            if denied is not None:
                return denied
        return None

    def _change(  # noqa: PLR0911 - one case an act is the table it stands for
        self,
        session: Session,
        act: TeamAction,
        name: str,
        arguments: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
    ) -> TeamAnswer:
        team = teams.find(session, place.workspace_id, name)
        if act is TeamAction.CREATE:
            return self._create(session, team, name, place, now)
        if team is None:
            return answers.InvalidRequest(f"There is no team `{name}`: `/dlvm team create {name}` makes it.")
        match act:
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
                f"There are {MAX_TEAMS} teams already, which is the most: `/dlvm team` lists them."
            )
        made = teams.add(session, Team(place.workspace_id, name))
        if made:
            _record(session, place, now, "team create", after=name)
        return self._build_answer(session, TeamAction.CREATE, name, place, nothing=not made)

    def _delete(self, session: Session, team: Team, place: Place, now: datetime) -> TeamAnswer:
        found = self._build_answer(session, TeamAction.DELETE, team.name, place)
        teams.delete(session, place.workspace_id, team.name)
        _record(session, place, now, "team delete", before=" ".join((team.name, *team.targets)))
        return found

    def _set_owner(self, session: Session, team: Team, owner: str, place: Place, now: datetime) -> TeamAnswer:
        teams.update_owner(session, place.workspace_id, team.name, owner)
        if owner != team.owner:
            before, after = (f"{team.name} {who or 'nobody'}" for who in (team.owner, owner))
            _record(session, place, now, "team owner", before=before, after=after)
        return self._build_answer(session, TeamAction.OWNER, team.name, place, nothing=owner == team.owner)

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
            return answers.InvalidRequest(f"A team has at most {MAX_CHANNELS} channels: make another one of the rest.")
        new = [c for c in channel_ids if teams.add_channel(session, place.workspace_id, team.name, c)]
        for channel_id in new:
            there = replace(place, channel_id=channel_id)
            audit.record(session, there, now, "team add", after=team.name)
            if channel_id in public:
                channels.save(session, replace(get_channel(session, there, self._default), is_public=True), now)
            self._subscribe_channel(session, team.targets, there, now, team.name)
        return self._build_answer(
            session, TeamAction.ADD, team.name, place, channels=new, targets=team.targets, nothing=not new
        )

    def _remove(
        self, session: Session, team: Team, channel_ids: Sequence[str], place: Place, now: datetime
    ) -> TeamAnswer:
        seen = visibility.filter_visible(session, place, channel_ids)
        left = [c for c in channel_ids if c in seen and teams.remove_channel(session, place.workspace_id, team.name, c)]
        for channel_id in left:
            audit.record(session, replace(place, channel_id=channel_id), now, "team remove", before=team.name)
        return self._build_answer(session, TeamAction.REMOVE, team.name, place, channels=left, nothing=not left)

    def _subscribe(self, session: Session, team: Team, text: str, place: Place, now: datetime) -> TeamAnswer:
        targets = resolve.resolve_targets(text, self._snapshots.read(session))
        if not isinstance(targets, tuple):
            return targets
        new = [t for t in targets if teams.add_target(session, place.workspace_id, team.name, t)]
        if new:
            _record(session, place, now, "team subscribe", after=" ".join((team.name, *new)))
        for channel_id in team.channels:
            self._subscribe_channel(session, targets, replace(place, channel_id=channel_id), now, team.name)
        return self._build_answer(session, TeamAction.SUBSCRIBE, team.name, place, targets=targets, nothing=not new)

    def _unsubscribe(self, session: Session, team: Team, text: str, place: Place, now: datetime) -> TeamAnswer:
        known = self._snapshots.read(session)
        meant = resolve.resolve_subscribed_targets(text, known, team.targets)
        if not isinstance(meant, tuple):
            return meant
        ending, _ = meant
        teams.remove_targets(session, place.workspace_id, team.name, ending)
        for channel_id in team.channels:
            there = replace(place, channel_id=channel_id)
            kept = visibility.list_other_team_targets(session, there, team.name)
            gone = [target for target in ending if target not in kept]
            watching.remove_targets(
                session, gone, get_channel(session, there, self._default), known, there, now, team.name
            )
        if ending:
            _record(session, place, now, "team unsubscribe", before=" ".join((team.name, *ending)))
        return self._build_answer(session, TeamAction.UNSUBSCRIBE, team.name, place, targets=ending, nothing=not ending)

    def _subscribe_channel(
        self, session: Session, targets: Sequence[str], there: Place, now: datetime, name: str
    ) -> None:
        if targets:
            channels.save(session, get_channel(session, there, self._default), now)
            watching.add_targets(session, targets, there, now, name)

    def _build_answer(
        self,
        session: Session,
        act: TeamAction,
        name: str,
        place: Place,
        *,
        channels: Sequence[str] = (),
        targets: Sequence[str] = (),
        nothing: bool = False,
    ) -> answers.TeamUpdate:
        team = teams.find(session, place.workspace_id, name) or Team(place.workspace_id, name)
        line = visibility.build_team_line(session, place, team)
        return answers.TeamUpdate(act, line, tuple(channels), tuple(targets), nothing)


_NOT_PUBLIC = (
    "A channel that is private, or not known to be public, joins a team only from inside: type"
    " `/dlvm team {name} add` there."
)


def _record(session: Session, place: Place, now: datetime, what: str, *, before: str = "", after: str = "") -> None:
    """What is done to a team concerns the whole workspace; no channel is named in it."""
    audit.record(session, replace(place, channel_id=audit.WORKSPACE_WIDE), now, what, before=before, after=after)
