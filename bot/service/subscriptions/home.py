"""Home: what the channels of a person watch, what waits for a decision, and which channels can't be reached.

Two rules of privacy hold whatever is asked for: a channel is shown to those who are in it, and where Slack does not
say who is, only channels known to be public are.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from bot.answers import Home, HomeChannel, HomeLine, HomeSelection, OpenDate, UnreachableChannel
from bot.policy import lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.place import Place
from bot.service.versions import status
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage import channels, decisions, subscriptions, workspaces
from storage.database import Database
from storage.facts import DLVM, Channel, ChannelSummary, Decision, DecisionKind, FrameworkVersion, Health, Schedule

PAGE_SIZE = 20
"""Versions on a page of Home."""

DECISION_WINDOW = timedelta(days=30)
"""From when on a date wants a decision."""

MembershipLookup = Callable[[Place], Mapping[str, str] | None]
"""The channels a person is in, with their names; None where Slack can't say."""

_CLOSING_DECISIONS = (DecisionKind.ACKNOWLEDGED, DecisionKind.SNOOZED, DecisionKind.MIGRATED)


class _WorkspaceData(Struct):
    """What the database holds of a workspace."""

    snapshot: CatalogueSnapshot
    day: date
    channels: dict[str, ChannelSummary]
    targets_by_channel: dict[str, list[str]] = field(default_factory=dict)
    decided: set[tuple[str, ...]] = field(default_factory=set)


class HomeTab:
    """Puts a person's Home together; changes nothing."""

    def __init__(
        self, database: Database, snapshots: SnapshotCache, default: Schedule, list_memberships: MembershipLookup
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default
        self._list_memberships = list_memberships

    def show(self, viewer: Place, now: datetime, selection: HomeSelection | None = None) -> Home:
        """The person's Home; four queries however many channels there are, none while Slack is asked."""
        names = self._list_memberships(viewer)
        stored = self._read(viewer.workspace_id, now)
        seen = {
            c: stored.targets_by_channel[c] for c in stored.targets_by_channel if _can_see(stored.channels[c], names)
        }
        allowed = _restrict_selection(selection or HomeSelection(), seen, stored.snapshot)
        chosen = {c: t for c, t in seen.items() if allowed.channel_id in {"", c}}
        watchers = _group_by_version(chosen, stored.snapshot, allowed.framework)
        lines = sorted((_build_line(v, ids, stored.day) for v, ids in watchers.values()), key=_get_sort_key)
        pages = max(1, -(-len(lines) // PAGE_SIZE))
        page = min(max(allowed.page, 1), pages)
        return Home(
            day=stored.day,
            source=stored.snapshot.get_source(now),
            lines=tuple(lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
            page=page,
            pages=pages,
            total=len(lines),
            subscribed_channels=len(seen),
            open_dates=_list_open_dates(watchers.values(), stored),
            unreachable=_list_unreachable(chosen, stored),
            frameworks=tuple(dict.fromkeys(v.framework for v in stored.snapshot.versions)),
            channels=_list_channels(seen, names, stored),
            framework=allowed.framework,
            channel_id=allowed.channel_id,
            are_channels_known=names is not None,
        )

    def can_see(self, viewer: Place, channel_id: str) -> bool:
        """Whether the channel may be shown to the person."""
        names = self._list_memberships(viewer)
        with self._database.read_only() as session:
            channel = channels.find(session, viewer.workspace_id, channel_id)
        return channel is not None and _can_see(channel, names)

    def _read(self, workspace_id: str, now: datetime) -> _WorkspaceData:
        with self._database.read_only() as session:
            workspace = workspaces.find(session, workspace_id)
            zone = workspace.zone if workspace is not None and workspace.zone else self._default.zone
            stored = _WorkspaceData(
                snapshot=self._snapshots.read(session),
                day=time_zones.to_local_date(now, zone),
                channels={c.channel_id: c for c in channels.list_for_workspace(session, workspace_id)},
            )
            for channel_id, target in subscriptions.list_workspace_targets(session, workspace_id, DLVM):
                stored.targets_by_channel.setdefault(channel_id, []).append(target)
            found = decisions.list_for_workspace(session, workspace_id)
        stored.decided = {_get_decision_key(decision) for decision in found if decision.kind in _CLOSING_DECISIONS}
        return stored


def _can_see(channel: ChannelSummary | Channel, names: Mapping[str, str] | None) -> bool:
    return channel.is_public if names is None else channel.channel_id in names


def _restrict_selection(wish: HomeSelection, seen: Mapping[str, list[str]], known: CatalogueSnapshot) -> HomeSelection:
    """The wish without what the person may not see, or what there is not."""
    frameworks = {version.framework for version in known.versions}
    return replace(
        wish,
        framework=wish.framework if wish.framework in frameworks else "",
        channel_id=wish.channel_id if wish.channel_id in seen else "",
    )


def _group_by_version(
    chosen: Mapping[str, list[str]], known: CatalogueSnapshot, framework: str
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


def _build_line(version: FrameworkVersion, channel_ids: list[str], day: date) -> HomeLine:
    ahead = status.find_next_date(day, version)
    return HomeLine(
        version=version.name,
        title=matching.format_title(version.name),
        state=lifecycle.get_version_state(day, version),
        next_milestone=ahead.milestone if ahead else None,
        next_date=ahead.day if ahead else None,
        channels=tuple(channel_ids),
        is_overridden=bool(ahead and ahead.is_overridden),
        is_unverified=bool(ahead and ahead.is_unverified),
    )


def _get_sort_key(line: HomeLine) -> tuple[date, str]:
    return line.next_date or date.max, line.version


def _get_decision_key(decision: Decision) -> tuple[str, ...]:
    """What a decision settles in its channel: one date, or with neither milestone nor date the whole version."""
    milestone = decision.milestone.value if decision.milestone else ""
    return decision.channel_id, decision.version, milestone, str(decision.milestone_date or "")


def _list_open_dates(
    watchers: Iterable[tuple[FrameworkVersion, list[str]]], stored: _WorkspaceData
) -> tuple[OpenDate, ...]:
    """Dates within the window about which channels have decided nothing, soonest first."""
    found = []
    for version, channel_ids in watchers:
        for each in lifecycle.list_milestones(version):
            if not stored.day <= each.day <= stored.day + DECISION_WINDOW:
                continue
            date_key = (version.name, each.milestone.value, str(each.day))
            waiting = [
                c
                for c in channel_ids
                if (c, *date_key) not in stored.decided and (c, version.name, "", "") not in stored.decided
            ]
            if waiting:
                title = matching.format_title(version.name)
                about = (version.name, title, each.milestone, each.day, tuple(waiting))
                found.append(OpenDate(*about, each.is_overridden, each.is_unverified))
    return tuple(sorted(found, key=lambda one: (one.day, one.version)))


def _list_unreachable(chosen: Iterable[str], stored: _WorkspaceData) -> tuple[UnreachableChannel, ...]:
    ill = (stored.channels[c] for c in chosen if stored.channels[c].health is not Health.OK)
    found = (UnreachableChannel(c.channel_id, c.health, c.health_since.date() if c.health_since else None) for c in ill)
    return tuple(sorted(found, key=lambda one: (one.since or date.min, one.channel_id)))


def _list_channels(
    seen: Iterable[str], names: Mapping[str, str] | None, stored: _WorkspaceData
) -> tuple[HomeChannel, ...]:
    named = (HomeChannel(c, (names or {}).get(c) or stored.channels[c].name) for c in seen)
    return tuple(sorted(named, key=lambda one: (one.name, one.channel_id)))
