"""The Home tab of a person: subscribed versions, dates without a decision, and unreachable channels.

A channel is shown only to its members. If Slack doesn't say in time who they are, only public channels are shown.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from bot.answers import Home, HomeChannel, HomeLine, HomeSelection, OpenDate, UnreachableChannel
from bot.policy import lifecycle, time_zones
from bot.policy.versions import covers, format_title
from bot.service.place import Place
from bot.service.versions import status
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage import channels, decisions, subscriptions, workspaces
from storage.database import Database
from storage.facts import DLVM, Channel, ChannelSummary, Decision, DecisionKind, FrameworkVersion, Health, Schedule

PAGE_SIZE = 20
"""Versions on a page of the Home tab."""

DECISION_WINDOW = timedelta(days=30)
"""How long before a date it is listed until the channel decides."""

MembershipLookup = Callable[[Place], Mapping[str, str] | None]
"""Returns {channel id: name} for the person's channels, or None if Slack doesn't say in time."""

_CLOSING_DECISIONS = (DecisionKind.ACKNOWLEDGED, DecisionKind.SNOOZED, DecisionKind.MIGRATED)


class _WorkspaceData(Struct):
    snapshot: CatalogueSnapshot
    day: date
    channels: dict[str, ChannelSummary]
    targets_by_channel: dict[str, list[str]] = field(default_factory=dict)
    decided: set[tuple[str, ...]] = field(default_factory=set)
    """Keys as `_get_decision_key` returns them."""


class HomeTab(ChannelService):
    """Builds the Home tab of a person."""

    def __init__(
        self, database: Database, snapshots: SnapshotCache, default: Schedule, list_memberships: MembershipLookup
    ) -> None:
        super().__init__(database, snapshots, default)
        self._list_memberships = list_memberships

    def show(self, viewer: Place, now: datetime, selection: HomeSelection | None = None) -> Home:
        """Return the viewer's Home tab.

        The number of queries doesn't depend on the number of channels. Slack is asked before a transaction starts.
        """
        names = self._list_memberships(viewer)
        data = self._read(viewer.workspace_id, now)
        visible = {c: targets for c, targets in data.targets_by_channel.items() if _can_see(data.channels[c], names)}
        selected = _restrict_selection(selection or HomeSelection(), visible, data.snapshot)
        targets_by_channel = {c: targets for c, targets in visible.items() if selected.channel_id in {"", c}}
        channels_by_version = _group_by_version(targets_by_channel, data.snapshot, selected.framework)
        lines = [_build_line(version, ids, data.day) for version, ids in channels_by_version]
        lines.sort(key=lambda line: (line.next_date or date.max, line.version))
        pages = max(1, -(-len(lines) // PAGE_SIZE))
        page = min(max(selected.page, 1), pages)
        return Home(
            day=data.day,
            source=data.snapshot.with_freshness(now).source,
            lines=tuple(lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
            page=page,
            pages=pages,
            total=len(lines),
            subscribed_channels=len(visible),
            open_dates=_list_open_dates(channels_by_version, data),
            unreachable=_list_unreachable(targets_by_channel, data),
            frameworks=tuple(dict.fromkeys(version.framework for version in data.snapshot.versions)),
            channels=_list_channels(visible, names, data),
            framework=selected.framework,
            channel_id=selected.channel_id,
            are_channels_known=names is not None,
        )

    def can_see(self, viewer: Place, channel_id: str) -> bool:
        """Return True if the channel can be shown to the viewer."""
        names = self._list_memberships(viewer)
        with self._database.read_only() as session:
            channel = channels.find(session, viewer.workspace_id, channel_id)
        return channel is not None and _can_see(channel, names)

    def _read(self, workspace_id: str, now: datetime) -> _WorkspaceData:
        with self._database.read_only() as session:
            workspace = workspaces.find(session, workspace_id)
            zone = workspace.zone if workspace is not None and workspace.zone else self._default.zone
            summaries = {c.channel_id: c for c in channels.list_for_workspace(session, workspace_id)}
            data = _WorkspaceData(self._snapshots.read(session), time_zones.to_local_date(now, zone), summaries)
            for channel_id, target in subscriptions.list_workspace_targets(session, workspace_id, DLVM):
                data.targets_by_channel.setdefault(channel_id, []).append(target)
            for decision in decisions.list_for_workspace(session, workspace_id):
                if decision.kind in _CLOSING_DECISIONS:
                    data.decided.add(_get_decision_key(decision))
        return data


def _can_see(channel: ChannelSummary | Channel, names: Mapping[str, str] | None) -> bool:
    return channel.is_public if names is None else channel.channel_id in names


def _restrict_selection(
    selection: HomeSelection, visible: Mapping[str, list[str]], snapshot: CatalogueSnapshot
) -> HomeSelection:
    """Return the selection without an unknown framework or a channel that the viewer can't see."""
    frameworks = {version.framework for version in snapshot.versions}
    framework = selection.framework if selection.framework in frameworks else ""
    channel_id = selection.channel_id if selection.channel_id in visible else ""
    return replace(selection, framework=framework, channel_id=channel_id)


def _group_by_version(
    targets_by_channel: Mapping[str, list[str]], snapshot: CatalogueSnapshot, framework: str
) -> list[tuple[FrameworkVersion, list[str]]]:
    """Return each subscribed version of the framework with the ids of its channels. An empty framework means all."""
    channels_by_target: dict[str, list[str]] = {}
    for channel_id, targets in targets_by_channel.items():
        for target in targets:
            channels_by_target.setdefault(target, []).append(channel_id)
    pairs = []
    for version in snapshot.versions:
        if framework not in {"", version.framework}:
            continue
        covering = [ids for target, ids in channels_by_target.items() if covers(target, version)]
        if covering:
            pairs.append((version, list(dict.fromkeys(channel_id for ids in covering for channel_id in ids))))
    return pairs


def _build_line(version: FrameworkVersion, channel_ids: list[str], day: date) -> HomeLine:
    next_date = status.find_next_date(day, version)
    return HomeLine(
        version=version.name,
        title=format_title(version.name),
        state=lifecycle.get_version_state(day, version),
        next_milestone=next_date.milestone if next_date else None,
        next_date=next_date.day if next_date else None,
        channels=tuple(channel_ids),
        is_overridden=bool(next_date and next_date.is_overridden),
        is_unverified=bool(next_date and next_date.is_unverified),
    )


def _get_decision_key(decision: Decision) -> tuple[str, ...]:
    """Return (channel, version, milestone, date). A decision about the whole version has neither of the last two."""
    milestone = decision.milestone.value if decision.milestone else ""
    return decision.channel_id, decision.version, milestone, str(decision.milestone_date or "")


def _list_open_dates(
    channels_by_version: Iterable[tuple[FrameworkVersion, list[str]]], data: _WorkspaceData
) -> tuple[OpenDate, ...]:
    """Return the dates in the window with the channels that have not decided about them, soonest first."""
    open_dates = []
    for version, channel_ids in channels_by_version:
        for end in lifecycle.list_milestones(version):
            if not data.day <= end.day <= data.day + DECISION_WINDOW:
                continue
            keys = ((version.name, "", ""), (version.name, end.milestone.value, str(end.day)))
            undecided = tuple(c for c in channel_ids if not any((c, *key) in data.decided for key in keys))
            if undecided:
                flags = {"is_overridden": end.is_overridden, "is_unverified": end.is_unverified}
                title = format_title(version.name)
                open_dates.append(OpenDate(version.name, title, end.milestone, end.day, undecided, **flags))
    return tuple(sorted(open_dates, key=lambda open_date: (open_date.day, open_date.version)))


def _list_unreachable(channel_ids: Iterable[str], data: _WorkspaceData) -> tuple[UnreachableChannel, ...]:
    unreachable = [
        UnreachableChannel(channel.channel_id, channel.health, channel.health_since and channel.health_since.date())
        for channel in (data.channels[channel_id] for channel_id in channel_ids)
        if channel.health is not Health.OK
    ]
    return tuple(sorted(unreachable, key=lambda channel: (channel.since or date.min, channel.channel_id)))


def _list_channels(
    channel_ids: Iterable[str], names: Mapping[str, str] | None, data: _WorkspaceData
) -> tuple[HomeChannel, ...]:
    named = (HomeChannel(c, (names or {}).get(c) or data.channels[c].name) for c in channel_ids)
    return tuple(sorted(named, key=lambda channel: (channel.name, channel.channel_id)))
