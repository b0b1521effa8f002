"""Teams: channels that somebody looks after together, and that watch what their team watches."""

import re
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import TeamAct
from bot.service.access import audit
from bot.service.access.permissions import Permissions
from bot.service.place import Place, channel_at
from bot.service.subscriptions import targets as watching
from bot.service.teams import visibility
from bot.service.versions import resolve
from bot.service.versions.snapshot import KnownVersions
from storage import channels, teams
from storage.database import Database
from storage.facts import Schedule, Team

MOST_TEAMS = 200
MOST_CHANNELS = 200
"""Of one team: what is done to it is done to each of them in one transaction."""

MOST_AT_ONCE = 20
"""Channels or targets that one command names: Slack is asked about each channel that is not known."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")

Answer = answers.TeamChanged | answers.Mistaken | answers.Denied | resolve.Negative


class Teams:
    """Makes and changes teams."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule, permissions: Permissions) -> None:
        self._database = database
        self._known = known
        self._default = default
        self._permissions = permissions

    def change(
        self, act: TeamAct, name: str, wanted: Sequence[str], place: Place, now: datetime, command: str = ""
    ) -> Answer:
        """Does it, in one transaction; what it would do to channels the person may not change is refused."""
        if not _NAME.fullmatch(name):
            return answers.Mistaken(
                f"“{name[:60]}” can't be a team's name: 2 to 40 of a-z, 0-9 and -, like `ml-platform`."
            )
        if act in {TeamAct.ADD, TeamAct.REMOVE}:
            wanted = tuple(dict.fromkeys(wanted)) or (place.channel_id,)
        if len(wanted) > MOST_AT_ONCE:
            return answers.Mistaken(f"That names {len(wanted)}; at most {MOST_AT_ONCE} at once.")
        public = self._public(act, wanted, place)
        refused = self._refused(act, name, wanted, place, now, public, command)
        if refused is not None:
            return refused
        return self._database.run(lambda session: self._change(session, act, name, wanted, place, now, public))

    def _public(self, act: TeamAct, wanted: Sequence[str], place: Place) -> frozenset[str]:
        """Which of the channels to be added Slack says are public, of those that are not known to be."""
        if act is not TeamAct.ADD:
            return frozenset()
        with self._database.reading() as session:
            unknown = set(wanted) - visibility.channels_to(session, place, wanted)
        return self._permissions.people.public(place.workspace_id, sorted(unknown)) if unknown else frozenset()

    def _refused(
        self,
        act: TeamAct,
        name: str,
        wanted: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
        command: str,
    ) -> answers.Denied | answers.Mistaken | None:
        """Each channel that would be changed has to be one the person may change, not only the present one."""
        concerned = {place.channel_id}
        with self._database.reading() as session:
            team = teams.find(session, place.workspace_id, name)
            if act is TeamAct.ADD:
                concerned |= set(wanted)
                if set(wanted) - visibility.channels_to(session, place, wanted) - public:
                    return answers.Mistaken(_HIDDEN.format(name=name))
            elif act in {TeamAct.REMOVE, TeamAct.SUBSCRIBE, TeamAct.UNSUBSCRIBE} and team is not None:
                touched = wanted if act is TeamAct.REMOVE else team.channels
                concerned |= set(touched) & set(team.channels)
        for channel_id in sorted(concerned) if place.user_id else ():
            denied = self._permissions.refusal(replace(place, channel_id=channel_id), now, command)
            if denied is not None:
                return denied
        return None

    def _change(  # noqa: PLR0911 - one case an act is the table it stands for
        self,
        session: Session,
        act: TeamAct,
        name: str,
        wanted: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
    ) -> Answer:
        team = teams.find(session, place.workspace_id, name)
        if act is TeamAct.CREATE:
            return self._create(session, team, name, place, now)
        if team is None:
            return answers.Mistaken(f"There is no team `{name}`: `/dlvm team create {name}` makes it.")
        match act:
            case TeamAct.DELETE:
                return self._delete(session, team, place, now)
            case TeamAct.OWNER:
                return self._own(session, team, wanted[0] if wanted else "", place, now)
            case TeamAct.ADD:
                return self._add(session, team, wanted, place, now, public)
            case TeamAct.REMOVE:
                return self._remove(session, team, wanted, place, now)
            case TeamAct.SUBSCRIBE:
                return self._subscribe(session, team, " ".join(wanted), place, now)
            case TeamAct.UNSUBSCRIBE:
                return self._unsubscribe(session, team, " ".join(wanted), place, now)

    def _create(self, session: Session, team: Team | None, name: str, place: Place, now: datetime) -> Answer:
        if team is None and len(teams.all(session, place.workspace_id)) >= MOST_TEAMS:
            return answers.Mistaken(
                f"There are {MOST_TEAMS} teams already, which is the most: `/dlvm team` lists them."
            )
        made = teams.add(session, Team(place.workspace_id, name))
        if made:
            _note(session, place, now, "team create", after=name)
        return self._changed(session, TeamAct.CREATE, name, place, nothing=not made)

    def _delete(self, session: Session, team: Team, place: Place, now: datetime) -> Answer:
        found = self._changed(session, TeamAct.DELETE, team.name, place)
        teams.remove(session, place.workspace_id, team.name)
        _note(session, place, now, "team delete", before=" ".join((team.name, *team.targets)))
        return found

    def _own(self, session: Session, team: Team, owner: str, place: Place, now: datetime) -> Answer:
        teams.own(session, place.workspace_id, team.name, owner)
        if owner != team.owner:
            before, after = (f"{team.name} {who or 'nobody'}" for who in (team.owner, owner))
            _note(session, place, now, "team owner", before=before, after=after)
        return self._changed(session, TeamAct.OWNER, team.name, place, nothing=owner == team.owner)

    def _add(
        self,
        session: Session,
        team: Team,
        wanted: Sequence[str],
        place: Place,
        now: datetime,
        public: frozenset[str],
    ) -> Answer:
        if len({*team.channels, *wanted}) > MOST_CHANNELS:
            return answers.Mistaken(f"A team has at most {MOST_CHANNELS} channels: make another one of the rest.")
        new = [c for c in wanted if teams.add_channel(session, place.workspace_id, team.name, c)]
        for channel_id in new:
            there = replace(place, channel_id=channel_id)
            audit.note(session, there, now, "team add", after=team.name)
            if channel_id in public:
                channels.save(session, replace(channel_at(session, there, self._default), is_public=True), now)
            self._watch(session, team.targets, there, now, team.name)
        return self._changed(
            session, TeamAct.ADD, team.name, place, channels=new, targets=team.targets, nothing=not new
        )

    def _remove(self, session: Session, team: Team, wanted: Sequence[str], place: Place, now: datetime) -> Answer:
        seen = visibility.channels_to(session, place, wanted)
        left = [c for c in wanted if c in seen and teams.remove_channel(session, place.workspace_id, team.name, c)]
        for channel_id in left:
            audit.note(session, replace(place, channel_id=channel_id), now, "team remove", before=team.name)
        return self._changed(session, TeamAct.REMOVE, team.name, place, channels=left, nothing=not left)

    def _subscribe(self, session: Session, team: Team, text: str, place: Place, now: datetime) -> Answer:
        targets = resolve.targets(text, self._known.read(session))
        if not isinstance(targets, tuple):
            return targets
        new = [t for t in targets if teams.add_target(session, place.workspace_id, team.name, t)]
        if new:
            _note(session, place, now, "team subscribe", after=" ".join((team.name, *new)))
        for channel_id in team.channels:
            self._watch(session, targets, replace(place, channel_id=channel_id), now, team.name)
        return self._changed(session, TeamAct.SUBSCRIBE, team.name, place, targets=targets, nothing=not new)

    def _unsubscribe(self, session: Session, team: Team, text: str, place: Place, now: datetime) -> Answer:
        known = self._known.read(session)
        meant = resolve.subscribed_targets(text, known, team.targets)
        if not isinstance(meant, tuple):
            return meant
        ending, _ = meant
        teams.remove_targets(session, place.workspace_id, team.name, ending)
        for channel_id in team.channels:
            there = replace(place, channel_id=channel_id)
            kept = visibility.through_other_teams(session, there, team.name)
            gone = [target for target in ending if target not in kept]
            watching.end(session, gone, channel_at(session, there, self._default), known, there, now, team.name)
        if ending:
            _note(session, place, now, "team unsubscribe", before=" ".join((team.name, *ending)))
        return self._changed(session, TeamAct.UNSUBSCRIBE, team.name, place, targets=ending, nothing=not ending)

    def _watch(self, session: Session, targets: Sequence[str], there: Place, now: datetime, name: str) -> None:
        if targets:
            channels.save(session, channel_at(session, there, self._default), now)
            watching.begin(session, targets, there, now, name)

    def _changed(
        self,
        session: Session,
        act: TeamAct,
        name: str,
        place: Place,
        *,
        channels: Sequence[str] = (),
        targets: Sequence[str] = (),
        nothing: bool = False,
    ) -> answers.TeamChanged:
        team = teams.find(session, place.workspace_id, name) or Team(place.workspace_id, name)
        line = visibility.team_to(session, place, team)
        return answers.TeamChanged(act, line, tuple(channels), tuple(targets), nothing)


_HIDDEN = (
    "A channel that is private, or not known to be public, joins a team only from inside: type"
    " `/dlvm team {name} add` there."
)


def _note(session: Session, place: Place, now: datetime, what: str, *, before: str = "", after: str = "") -> None:
    """What is done to a team concerns the whole workspace; no channel is named in it."""
    audit.note(session, replace(place, channel_id=audit.WORKSPACE), now, what, before=before, after=after)
