"""Questions: how a version stands, where to go from it, which versions there are, what comes next."""

from datetime import date, datetime

from msgspec import Struct

from bot import answers
from bot.policy import lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.place import Place, get_channel
from bot.service.reminders import forecast, send_time
from bot.service.versions import resolve, sister_products, sister_status
from bot.service.versions import status as judging
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage import decisions, status_context, subscriptions
from storage.database import Database
from storage.facts import DLVM, FrameworkVersion, Schedule

MAX_REMINDERS = 10
"""Reminders that `upcoming` lists."""


class _QuestionContext(Struct, frozen=True):
    """What a question is answered from: the catalogue, the channel's zone, its local day, and what it watches."""

    snapshot: CatalogueSnapshot
    zone: str
    day: date
    targets: tuple[str, ...]
    subscriptions: tuple[tuple[str, str], ...] = ()
    """(channel, target) of those that watch what was asked about and may be named."""

    def is_subscribed_to(self, version: FrameworkVersion) -> bool:
        return any(matching.covers(target, version) for target in self.targets)


class VersionLookup:
    """Answers questions about framework versions; changes nothing."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def show_status(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """How the version stands on the channel's local day; a framework's name answers with its list."""
        context = self._load_context(place, now, text)
        found = resolve.resolve_name(text, context.snapshot, "status")
        if not isinstance(found, resolve.FoundVersion):
            return _build_other_answer(context, found, include_unavailable=True)
        return judging.build_status(
            context.day,
            context.zone,
            found.version,
            context.snapshot,
            _list_subscribers(context, place),
            is_subscribed=context.is_subscribed_to(found.version),
            remark=found.remark,
            sister_dates=sister_status.list_sister_dates(found.version),
        )

    def show_successor(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Where to go from the version on the channel's local day."""
        context = self._load_context(place, now)
        found = resolve.resolve_name(text, context.snapshot, "successor")
        if not isinstance(found, resolve.FoundVersion):
            return _build_other_answer(context, found, include_unavailable=False)
        version = found.version
        return answers.Successor(
            version=version.name,
            title=matching.format_title(version.name),
            day=context.day,
            state=lifecycle.get_version_state(context.day, version),
            advice=judging.build_advice(context.day, version, context.snapshot),
            source=context.snapshot.source,
        )

    def list_versions(
        self, framework: str, place: Place, now: datetime, *, include_unavailable: bool
    ) -> answers.Answer:
        """Versions by state, soonest date first; the unavailable ones only where everything is asked for."""
        context = self._load_context(place, now)
        if not framework:
            return _build_list(context, "", include_unavailable=include_unavailable)
        found = resolve.resolve_name(framework, context.snapshot, "status")
        if isinstance(found, resolve.FoundVersion | sister_products.FoundSisterVersion):
            name = matching.format_full_name(found.version)
            return answers.Help(f"`list` takes a framework; for one version write `/dlvm status {name}`.")
        return _build_other_answer(context, found, include_unavailable=include_unavailable)

    def list_upcoming(self, days: int, place: Place, now: datetime) -> answers.Upcoming:
        """The dates within so many days (both ends included), and the channel's own next reminders."""
        context = self._load_context(place, now)
        with self._database.read_only() as session:
            channel = get_channel(session, place, self._default)
            decided = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
        watched = context.snapshot.list_covered_by(context.targets)
        ahead = judging.list_upcoming(context.day, context.snapshot, frozenset(v.name for v in watched))
        inside = [entry for entry in ahead if (entry.day - context.day).days <= days]
        coming = forecast.list_all(now, watched, channel, decided)
        return answers.Upcoming(
            day=context.day,
            zone=context.zone,
            within=days,
            dates=tuple(inside),
            first_after=ahead[len(inside)] if len(ahead) > len(inside) else None,
            reminders=coming[:MAX_REMINDERS],
            source=context.snapshot.source,
        )

    def suggest_versions(self, typed: str, place: Place, now: datetime) -> answers.VersionList:
        """Versions that what was typed may mean, the soonest date first; those without a date ahead come last."""
        context = self._load_context(place, now)
        words = typed.lower().replace("-", " ").split()
        found = [v for v in context.snapshot.versions if all(word in _build_search_text(v) for word in words)]
        if not found:
            meant = resolve.resolve_name(typed, context.snapshot, "status")
            found = [meant.version] if isinstance(meant, resolve.FoundVersion) else []
        lines = [judging.build_line(context.day, v, is_subscribed=False) for v in found]
        return answers.VersionList(
            framework="",
            day=context.day,
            zone=context.zone,
            lines=tuple(sorted(lines, key=lambda line: (line.next_date or date.max, judging.get_sort_key(line)))),
            unavailable_count=0,
            source=context.snapshot.source,
        )

    def list_names(self) -> tuple[str, ...]:
        """Every canonical name in the catalogue, for completion."""
        with self._database.read_only() as session:
            return tuple(version.name for version in self._snapshots.read(session).versions)

    def find_next_reminder(self, workspace_id: str, now: datetime) -> datetime | None:
        """When the next reminder or summary of any channel of the workspace comes; None while none is ahead."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session)
            targets: dict[str, list[str]] = {}
            for subscription in subscriptions.list_for_workspace(session, workspace_id):
                targets.setdefault(subscription.channel_id, []).append(subscription.target)
            moments = []
            for channel_id, watched in targets.items():
                channel = get_channel(session, Place(workspace_id, channel_id), self._default)
                decided = decisions.list_for_channel(session, workspace_id, channel_id)
                coming = forecast.find_first(now, snapshot.list_covered_by(watched), channel, decided)
                moments += [coming.at] if coming else []
                moments += [send_time.find_next_summary_time(channel.schedule, now)] if channel.weekly else []
        return min(moments, default=None)

    def _load_context(self, place: Place, now: datetime, query: str = "") -> _QuestionContext:
        """One statement tells all of it; what was asked about says whose channels count as watching."""
        targets = resolve.parse_covering_targets(query)
        stored = status_context.load(self._database, place.workspace_id, place.channel_id, DLVM, targets)
        snapshot = self._snapshots.get_cached(stored.revision)
        if snapshot is None:
            with self._database.read_only() as session:
                snapshot = self._snapshots.read(session)
        zone = stored.zone or self._default.zone
        return _QuestionContext(
            snapshot.with_freshness(now),
            zone,
            time_zones.to_local_date(now, zone),
            stored.targets,
            stored.subscriptions,
        )


def _build_search_text(version: FrameworkVersion) -> str:
    """What a version is found by: its name, its title, its image families, and what its whole framework is called."""
    families = " ".join(row.family for row in version.families)
    return f"every {version.name} {matching.format_title(version.name)} {families} version".lower().replace("-", " ")


def _list_subscribers(context: _QuestionContext, place: Place) -> tuple[answers.Subscriber, ...]:
    """Who else may be named: the present channel first."""
    first: dict[str, str] = {}
    for channel_id, target in context.subscriptions:
        first.setdefault(channel_id, target)
    order = sorted(first, key=lambda channel_id: (channel_id != place.channel_id, channel_id))
    return tuple(answers.Subscriber(channel_id, first[channel_id]) for channel_id in order)


def _build_other_answer(
    context: _QuestionContext,
    found: resolve.FoundFramework
    | sister_products.FoundSisterVersion
    | sister_products.FoundSisterProduct
    | resolve.Clarification,
    *,
    include_unavailable: bool,
) -> answers.Answer:
    """The answer where what was named is no version of our own."""
    match found:
        case resolve.FoundFramework(framework=framework):
            return _build_list(context, framework, include_unavailable=include_unavailable)
        case sister_products.FoundSisterProduct():
            return sister_status.build_list(context.day, context.zone, found, include_unavailable=include_unavailable)
        case sister_products.FoundSisterVersion(version=version):
            return sister_status.build_status(context.day, context.zone, version, context.snapshot)
        case _:
            return found


def _build_list(context: _QuestionContext, framework: str, *, include_unavailable: bool) -> answers.VersionList:
    chosen = [v for v in context.snapshot.versions if framework in {"", v.framework}]
    lines = [judging.build_line(context.day, v, is_subscribed=context.is_subscribed_to(v)) for v in chosen]
    gone = [line for line in lines if line.state is lifecycle.LifecycleState.UNAVAILABLE]
    shown = lines if include_unavailable else [line for line in lines if line not in gone]
    return answers.VersionList(
        framework=framework,
        day=context.day,
        zone=context.zone,
        lines=tuple(sorted(shown, key=judging.get_sort_key)),
        unavailable_count=0 if include_unavailable else len(gone),
        source=context.snapshot.source,
    )
