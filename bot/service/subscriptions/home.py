"""Home: what the channels of a person watch, what waits for a decision, and which channels can't be reached.

Two rules of privacy hold whatever is asked for: a channel is shown to those who are in it, and where Slack does not
say who is, only channels known to be public are.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from bot.answers import Home, HomeChannel, HomeLine, HomeWish, IllChannel, OpenDate
from bot.policy import lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.place import Place
from bot.service.versions import status
from bot.service.versions.snapshot import Known, KnownVersions
from storage import channels, decisions, subscriptions, workspaces
from storage.database import Database
from storage.facts import DLVM, Channel, Decided, Decision, FrameworkVersion, Health, KnownChannel, Schedule

PAGE = 20
"""Versions on a page of Home."""

DECIDE_WITHIN = timedelta(days=30)
"""From when on a date wants a decision."""

Members = Callable[[Place], Mapping[str, str] | None]
"""The channels a person is in, with their names; None where Slack can't say."""

_SETTLED = (Decided.ACKNOWLEDGED, Decided.SNOOZED, Decided.MIGRATED)


class _Stored(Struct):
    """What the database holds of a workspace."""

    known: Known
    day: date
    channels: dict[str, KnownChannel]
    targets: dict[str, list[str]] = field(default_factory=dict)
    settled: set[tuple[str, ...]] = field(default_factory=set)


class Homes:
    """Puts a person's Home together; changes nothing."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule, members: Members) -> None:
        self._database = database
        self._known = known
        self._default = default
        self._members = members

    def show(self, person: Place, now: datetime, wish: HomeWish | None = None) -> Home:
        """The person's Home; four queries however many channels there are, none while Slack is asked."""
        names = self._members(person)
        stored = self._read(person.workspace_id, now)
        seen = {c: stored.targets[c] for c in stored.targets if _may_see(stored.channels[c], names)}
        allowed = _allowed(wish or HomeWish(), seen, stored.known)
        chosen = {c: t for c, t in seen.items() if allowed.channel_id in {"", c}}
        watchers = _watchers(chosen, stored.known, allowed.framework)
        lines = sorted((_line(v, ids, stored.day) for v, ids in watchers.values()), key=_soonest_first)
        pages = max(1, -(-len(lines) // PAGE))
        page = min(max(allowed.page, 1), pages)
        return Home(
            day=stored.day,
            source=stored.known.source_at(now),
            lines=tuple(lines[(page - 1) * PAGE : page * PAGE]),
            page=page,
            pages=pages,
            total=len(lines),
            watching=len(seen),
            open_dates=_open_dates(watchers.values(), stored),
            ill=_ill(chosen, stored),
            frameworks=tuple(dict.fromkeys(v.framework for v in stored.known.versions)),
            channels=_named(seen, names, stored),
            framework=allowed.framework,
            channel_id=allowed.channel_id,
            asked=names is not None,
        )

    def may_see(self, person: Place, channel_id: str) -> bool:
        """Whether the channel may be shown to the person."""
        names = self._members(person)
        with self._database.reading() as session:
            channel = channels.find(session, person.workspace_id, channel_id)
        return channel is not None and _may_see(channel, names)

    def _read(self, workspace_id: str, now: datetime) -> _Stored:
        with self._database.reading() as session:
            workspace = workspaces.find(session, workspace_id)
            zone = workspace.zone if workspace is not None and workspace.zone else self._default.zone
            stored = _Stored(
                known=self._known.read(session),
                day=time_zones.day(now, zone),
                channels={c.channel_id: c for c in channels.of_workspace(session, workspace_id)},
            )
            for channel_id, target in subscriptions.targets(session, workspace_id, DLVM):
                stored.targets.setdefault(channel_id, []).append(target)
            found = decisions.of_workspace(session, workspace_id)
        stored.settled = {_about(decision) for decision in found if decision.decided in _SETTLED}
        return stored


def _may_see(channel: KnownChannel | Channel, names: Mapping[str, str] | None) -> bool:
    return channel.is_public if names is None else channel.channel_id in names


def _allowed(wish: HomeWish, seen: Mapping[str, list[str]], known: Known) -> HomeWish:
    """The wish without what the person may not see, or what there is not."""
    frameworks = {version.framework for version in known.versions}
    return replace(
        wish,
        framework=wish.framework if wish.framework in frameworks else "",
        channel_id=wish.channel_id if wish.channel_id in seen else "",
    )


def _watchers(
    chosen: Mapping[str, list[str]], known: Known, framework: str
) -> dict[str, tuple[FrameworkVersion, list[str]]]:
    """Each version with the channels that watch it."""
    by_target: dict[str, list[str]] = {}
    for channel_id, targets in chosen.items():
        for target in targets:
            by_target.setdefault(target, []).append(channel_id)
    found = {}
    for version in known.versions:
        if framework not in {"", version.framework}:
            continue
        covering = [ids for target, ids in by_target.items() if matching.covers(target, version)]
        if covering:
            found[version.name] = (version, list(dict.fromkeys(c for ids in covering for c in ids)))
    return found


def _line(version: FrameworkVersion, channel_ids: list[str], day: date) -> HomeLine:
    ahead = status.next_of(day, version)
    return HomeLine(
        version=version.name,
        title=matching.title(version.name),
        state=lifecycle.version_state_on(day, version),
        next_milestone=ahead.milestone if ahead else None,
        next_date=ahead.day if ahead else None,
        channels=tuple(channel_ids),
        by_hand=bool(ahead and ahead.by_hand),
        unverified=bool(ahead and ahead.unverified),
    )


def _soonest_first(line: HomeLine) -> tuple[date, str]:
    return line.next_date or date.max, line.version


def _about(decision: Decision) -> tuple[str, ...]:
    """What a decision settles in its channel: one date, or with neither milestone nor date the whole version."""
    milestone = decision.milestone.value if decision.milestone else ""
    return decision.channel_id, decision.version, milestone, str(decision.milestone_date or "")


def _open_dates(watchers: Iterable[tuple[FrameworkVersion, list[str]]], stored: _Stored) -> tuple[OpenDate, ...]:
    """Dates within the window about which channels have decided nothing, soonest first."""
    found = []
    for version, channel_ids in watchers:
        for each in lifecycle.milestones(version):
            if not stored.day <= each.day <= stored.day + DECIDE_WITHIN:
                continue
            date_key = (version.name, each.milestone.value, str(each.day))
            waiting = [
                c
                for c in channel_ids
                if (c, *date_key) not in stored.settled and (c, version.name, "", "") not in stored.settled
            ]
            if waiting:
                title = matching.title(version.name)
                about = (version.name, title, each.milestone, each.day, tuple(waiting))
                found.append(OpenDate(*about, each.by_hand, each.unverified))
    return tuple(sorted(found, key=lambda one: (one.day, one.version)))


def _ill(chosen: Iterable[str], stored: _Stored) -> tuple[IllChannel, ...]:
    ill = (stored.channels[c] for c in chosen if stored.channels[c].health is not Health.OK)
    found = (IllChannel(c.channel_id, c.health, c.health_since.date() if c.health_since else None) for c in ill)
    return tuple(sorted(found, key=lambda one: (one.since or date.min, one.channel_id)))


def _named(seen: Iterable[str], names: Mapping[str, str] | None, stored: _Stored) -> tuple[HomeChannel, ...]:
    named = (HomeChannel(c, (names or {}).get(c) or stored.channels[c].name) for c in seen)
    return tuple(sorted(named, key=lambda one: (one.name, one.channel_id)))
