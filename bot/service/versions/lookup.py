"""Questions: how a version stands, where to go from it, which versions there are, what comes next."""

from datetime import date, datetime

from msgspec import Struct

from bot import answers
from bot.policy import lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.place import Place, channel_at
from bot.service.reminders import forecast, send_time
from bot.service.subscriptions.subscribe import watched_versions
from bot.service.versions import resolve, sister_products, sister_status
from bot.service.versions import status as judging
from bot.service.versions.snapshot import Known, KnownVersions
from storage import decisions, status_context, subscriptions
from storage.database import Database
from storage.facts import DLVM, FrameworkVersion, Schedule

MOST_REMINDERS = 10
"""Reminders that `upcoming` lists."""


class _Here(Struct, frozen=True):
    """What a question is answered from: the catalogue, the channel's zone, its local day, and what it watches."""

    known: Known
    zone: str
    day: date
    targets: tuple[str, ...]
    watching: tuple[tuple[str, str], ...] = ()
    """(channel, target) of those that watch what was asked about and may be named."""

    def watches(self, version: FrameworkVersion) -> bool:
        return any(matching.covers(target, version) for target in self.targets)


class Lookup:
    """Answers questions about framework versions; changes nothing."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def status(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """How the version stands on the channel's local day; a framework's name answers with its list."""
        here = self._here(place, now, text)
        found = resolve.named(text, here.known, "status")
        if not isinstance(found, resolve.Found):
            return _listed(here, found, everything=True)
        return judging.status(
            here.day,
            here.zone,
            found.version,
            here.known,
            _watchers(here, place),
            watched_here=here.watches(found.version),
            remark=found.remark,
            elsewhere=sister_status.ends(found.version),
        )

    def successor(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Where to go from the version on the channel's local day."""
        here = self._here(place, now)
        found = resolve.named(text, here.known, "successor")
        if not isinstance(found, resolve.Found):
            return _listed(here, found, everything=False)
        version = found.version
        return answers.Successor(
            version=version.name,
            title=matching.title(version.name),
            day=here.day,
            state=lifecycle.version_state_on(here.day, version),
            advice=judging.advice(here.day, version, here.known),
            source=here.known.source,
        )

    def listing(self, framework: str, place: Place, now: datetime, *, everything: bool) -> answers.Answer:
        """Versions by state, soonest date first; the unavailable ones only where everything is asked for."""
        here = self._here(place, now)
        if not framework:
            return _list(here, "", everything=everything)
        found = resolve.named(framework, here.known, "status")
        if isinstance(found, resolve.Found | sister_products.FoundSister):
            name = matching.full_name(found.version)
            return answers.Help(f"`list` takes a framework; for one version write `/dlvm status {name}`.")
        return _listed(here, found, everything=everything)

    def upcoming(self, days: int, place: Place, now: datetime) -> answers.Upcoming:
        """The dates within so many days (both ends included), and the channel's own next reminders."""
        here = self._here(place, now)
        with self._database.reading() as session:
            channel = channel_at(session, place, self._default)
            decided = decisions.of_channel(session, place.workspace_id, place.channel_id)
        watched = watched_versions(here.targets, here.known)
        ahead = judging.upcoming(here.day, here.known, frozenset(v.name for v in watched))
        inside = [entry for entry in ahead if (entry.day - here.day).days <= days]
        coming = forecast.all_of(now, watched, channel, decided)
        return answers.Upcoming(
            day=here.day,
            zone=here.zone,
            within=days,
            dates=tuple(inside),
            beyond=ahead[len(inside)] if len(ahead) > len(inside) else None,
            reminders=coming[:MOST_REMINDERS],
            source=here.known.source,
        )

    def offers(self, typed: str, place: Place, now: datetime) -> answers.VersionList:
        """Versions that what was typed may mean, the soonest date first; those without a date ahead come last."""
        here = self._here(place, now)
        words = typed.lower().replace("-", " ").split()
        found = [v for v in here.known.versions if all(word in _findable(v) for word in words)]
        if not found:
            meant = resolve.named(typed, here.known, "status")
            found = [meant.version] if isinstance(meant, resolve.Found) else []
        lines = [judging.line(here.day, v, watched_here=False) for v in found]
        return answers.VersionList(
            framework="",
            day=here.day,
            zone=here.zone,
            lines=tuple(sorted(lines, key=lambda line: (line.next_date or date.max, judging.soonest_first(line)))),
            unavailable=0,
            source=here.known.source,
        )

    def names(self) -> tuple[str, ...]:
        """Every canonical name in the catalogue, for completion."""
        with self._database.reading() as session:
            return tuple(version.name for version in self._known.read(session).versions)

    def next_reminder(self, workspace_id: str, now: datetime) -> datetime | None:
        """When the next reminder or summary of any channel of the workspace comes; None while none is ahead."""
        with self._database.reading() as session:
            known = self._known.read(session)
            targets: dict[str, list[str]] = {}
            for subscription in subscriptions.of_workspace(session, workspace_id):
                targets.setdefault(subscription.channel_id, []).append(subscription.target)
            moments = []
            for channel_id, watched in targets.items():
                channel = channel_at(session, Place(workspace_id, channel_id), self._default)
                decided = decisions.of_channel(session, workspace_id, channel_id)
                coming = forecast.first(now, watched_versions(watched, known), channel, decided)
                moments += [coming.at] if coming else []
                moments += [send_time.summary_at(channel.schedule, now)] if channel.weekly else []
        return min(moments, default=None)

    def _here(self, place: Place, now: datetime, asked: str = "") -> _Here:
        """One statement tells all of it; what was asked about says whose channels count as watching."""
        targets = resolve.targets_of(asked)
        around = status_context.around(self._database, place.workspace_id, place.channel_id, DLVM, targets)
        known = self._known.held(around.mark)
        if known is None:
            with self._database.reading() as session:
                known = self._known.read(session)
        zone = around.zone or self._default.zone
        return _Here(known.at(now), zone, time_zones.day(now, zone), around.targets, around.watching)


def _findable(version: FrameworkVersion) -> str:
    """What a version is found by: its name, its title, its image families, and what its whole framework is called."""
    families = " ".join(row.family for row in version.families)
    return f"every {version.name} {matching.title(version.name)} {families} version".lower().replace("-", " ")


def _watchers(here: _Here, place: Place) -> tuple[answers.Watcher, ...]:
    """Who else may be named: the present channel first."""
    first: dict[str, str] = {}
    for channel_id, target in here.watching:
        first.setdefault(channel_id, target)
    order = sorted(first, key=lambda channel_id: (channel_id != place.channel_id, channel_id))
    return tuple(answers.Watcher(channel_id, first[channel_id]) for channel_id in order)


def _listed(
    here: _Here,
    found: resolve.FoundFramework | sister_products.FoundSister | sister_products.FoundProduct | resolve.Negative,
    *,
    everything: bool,
) -> answers.Answer:
    """The answer where what was named is no version of our own."""
    match found:
        case resolve.FoundFramework(framework=framework):
            return _list(here, framework, everything=everything)
        case sister_products.FoundProduct():
            return sister_status.listing(here.day, here.zone, found, everything=everything)
        case sister_products.FoundSister(version=version):
            return sister_status.status(here.day, here.zone, version, here.known)
        case _:
            return found


def _list(here: _Here, framework: str, *, everything: bool) -> answers.VersionList:
    chosen = [v for v in here.known.versions if framework in {"", v.framework}]
    lines = [judging.line(here.day, v, watched_here=here.watches(v)) for v in chosen]
    gone = [line for line in lines if line.state is lifecycle.LifecycleState.UNAVAILABLE]
    shown = lines if everything else [line for line in lines if line not in gone]
    return answers.VersionList(
        framework=framework,
        day=here.day,
        zone=here.zone,
        lines=tuple(sorted(shown, key=judging.soonest_first)),
        unavailable=0 if everything else len(gone),
        source=here.known.source,
    )
