"""Queries for a version's status and successor, and lists of versions."""

from datetime import date, datetime

from msgspec import Struct

from bot import answers
from bot.policy import lifecycle, time_zones, versions
from bot.service.place import Place
from bot.service.versions import resolve, status
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import status_context
from storage.facts import DLVM, FrameworkVersion


class _QuestionContext(Struct, frozen=True):
    """Catalogue and channel data that a question is answered from."""

    snapshot: CatalogueSnapshot
    zone: str
    day: date
    """Today in the channel's time zone."""
    targets: tuple[str, ...]
    """Targets the channel is subscribed to."""
    subscriptions: tuple[tuple[str, str], ...] = ()
    """(channel ID, target) of subscriptions to the version in question: public channels and this one."""

    def is_subscribed_to(self, version: FrameworkVersion) -> bool:
        return version.product == DLVM and any(versions.covers(target, version) for target in self.targets)


class VersionLookup(ChannelService):
    """Queries about framework versions, answered with days in the channel's time zone."""

    def show_status(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Return the status of the named version. The name of a framework returns the list of its versions."""
        context = self._load_context(place, now, text)
        resolution = resolve.resolve_name(text, context.snapshot, "status")
        if not isinstance(resolution, resolve.FoundVersion):
            return _build_other_answer(context, resolution, include_unavailable=True)
        return status.build_status(
            context.day,
            context.zone,
            resolution.version,
            context.snapshot,
            _list_subscribers(context, place),
            is_subscribed=context.is_subscribed_to(resolution.version),
            remark=resolution.remark,
        )

    def show_successor(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Return the recommended successor of the named version."""
        context = self._load_context(place, now)
        resolution = resolve.resolve_name(text, context.snapshot, "successor")
        if not isinstance(resolution, resolve.FoundVersion):
            return _build_other_answer(context, resolution, include_unavailable=False)
        version = resolution.version
        name, title, day = versions.format_full_name(version), status.format_title(version), context.day
        state, advice = lifecycle.get_version_state(day, version), status.find_advice(day, version, context.snapshot)
        source = status.get_source(version.product, version.families, context.snapshot)
        return answers.Successor(name, title, day, state, advice, source, resolution.product)

    def list_versions(
        self, framework: str, place: Place, now: datetime, *, include_unavailable: bool
    ) -> answers.Answer:
        """List the versions of a framework, or of all if it is empty: by state, then by next date."""
        context = self._load_context(place, now)
        if not framework:
            return _build_list(context, resolve.FoundFramework(""), include_unavailable=include_unavailable)
        resolution = resolve.resolve_name(framework, context.snapshot, "status")
        if isinstance(resolution, resolve.FoundVersion):
            name = versions.format_full_name(resolution.version)
            return answers.Help(f"`list` takes a framework. For one version, use `/dlvm status {name}`.")
        return _build_other_answer(context, resolution, include_unavailable=include_unavailable)

    def suggest_versions(self, typed: str, place: Place, now: datetime) -> answers.VersionList:
        """List the versions that match the typed text, by next date. Versions without a date ahead come last."""
        context = self._load_context(place, now)
        words = typed.lower().replace("-", " ").split()
        matches = [v for v in context.snapshot.versions if all(word in _build_search_text(v) for word in words)]
        if not matches:
            resolution = resolve.resolve_name(typed, context.snapshot, "status")
            if isinstance(resolution, resolve.FoundVersion) and resolution.product.can_subscribe:
                matches = [resolution.version]
        lines = [status.build_line(context.day, v, is_subscribed=False) for v in matches]
        lines.sort(key=lambda line: (line.next_date or date.max, status.get_sort_key(line)))
        return answers.VersionList("", context.day, context.zone, tuple(lines), 0, context.snapshot.source)

    def list_names(self) -> tuple[str, ...]:
        """List every canonical version name in the catalogue, for completion."""
        with self._database.read_only() as session:
            return tuple(version.name for version in self._snapshots.read(session).versions)

    def _load_context(self, place: Place, now: datetime, query: str = "") -> _QuestionContext:
        """Load the channel's data in one statement, and the catalogue only if it has changed.

        The query selects whose subscriptions are loaded: those to the version it names.
        """
        targets = resolve.parse_covering_targets(query)
        stored = status_context.load(self._database, place.workspace_id, place.channel_id, DLVM, targets)
        snapshot = self._snapshots.get_cached(stored.revision)
        if snapshot is None:
            with self._database.read_only() as session:
                snapshot = self._snapshots.read(session)
        zone = stored.zone or self._default.zone
        snapshot, day = snapshot.with_freshness(now), time_zones.to_local_date(now, zone)
        return _QuestionContext(snapshot, zone, day, stored.targets, stored.subscriptions)


def _build_search_text(version: FrameworkVersion) -> str:
    """Return the words that find a version: its name, title, image families, and "every … version"."""
    families = " ".join(row.family for row in version.families)
    return f"every {version.name} {versions.format_title(version.name)} {families} version".lower().replace("-", " ")


def _list_subscribers(context: _QuestionContext, place: Place) -> tuple[answers.Subscriber, ...]:
    """List the subscribed channels with their first target, the current channel first."""
    target_by_channel: dict[str, str] = {}
    for channel_id, target in context.subscriptions:
        target_by_channel.setdefault(channel_id, target)
    order = sorted(target_by_channel, key=lambda channel_id: (channel_id != place.channel_id, channel_id))
    return tuple(answers.Subscriber(channel_id, target_by_channel[channel_id]) for channel_id in order)


def _build_other_answer(
    context: _QuestionContext, resolution: resolve.FoundFramework | resolve.Clarification, *, include_unavailable: bool
) -> answers.Answer:
    """Return the answer to a name that is not a single version."""
    if isinstance(resolution, resolve.FoundFramework):
        return _build_list(context, resolution, include_unavailable=include_unavailable)
    return resolution


def _build_list(
    context: _QuestionContext, selection: resolve.FoundFramework, *, include_unavailable: bool
) -> answers.VersionList:
    """Return the versions of the framework: by state, then by next date."""
    product, framework = selection.product, selection.framework
    all_versions = status.list_versions(product.name, context.snapshot)
    selected = [version for version in all_versions if framework in {"", version.framework}]
    rows = (row for version in selected for row in version.families)
    lines = [status.build_line(context.day, v, is_subscribed=context.is_subscribed_to(v)) for v in selected]
    usable = [line for line in lines if line.state is not lifecycle.LifecycleState.UNAVAILABLE]
    shown = lines if include_unavailable else usable
    ordered, hidden_count = tuple(sorted(shown, key=status.get_sort_key)), len(lines) - len(shown)
    source = status.get_source(product.name, rows, context.snapshot)
    return answers.VersionList(framework, context.day, context.zone, ordered, hidden_count, source, product)
