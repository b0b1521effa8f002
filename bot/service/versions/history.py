"""The story of a version: seen, announced, moved, filled in, vanished, returned, held back, set by hand, and when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import HistoryKind
from bot.catalogue.release_notes import mentions
from bot.policy import advance_notice, lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.place import Place, get_channel
from bot.service.versions import resolve, sister_products, timeline
from bot.service.versions.snapshot import CatalogueSnapshot, SnapshotCache
from storage import catalogue_history, overrides, quarantine, release_notes
from storage.database import Database
from storage.facts import (
    FrameworkVersion,
    HistoricalValue,
    ReleaseNote,
    Schedule,
)

NO_CHANNEL = Place("", "")
"""Where a question is asked from that belongs to no channel."""


class VersionHistories:
    """Tells stories; changes nothing."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def show(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """The story of the version that the text names, by the channel's days."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session).with_freshness(now)
            found = resolve.resolve_name(text, snapshot, "history")
            if isinstance(found, resolve.FoundFramework):
                return answers.Help("A history is of one version: for example `/dlvm history pytorch-2.7`.")
            if isinstance(found, sister_products.FoundSisterVersion | sister_products.FoundSisterProduct):
                return answers.Help(
                    "A history is kept of Deep Learning VM versions only: for example `/dlvm history pytorch-2.7`."
                )
            if not isinstance(found, resolve.FoundVersion):
                return found
            zone = get_channel(session, place, self._default).schedule.zone
            version = snapshot.find(found.version.name) or found.version
            return _build_history(session, version, snapshot, zone, now)

    def show_all(self, now: datetime) -> answers.History:
        """What ever changed in the table, was held back of it, or set by hand; not what stood there at first."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session).with_freshness(now)
            zone = self._default.zone
            values = catalogue_history.list_values(session)
            version_by_family = {row.family: version.name for version in snapshot.versions for row in version.families}
            lines = [
                *timeline.list_value_lines(values, zone),
                *timeline.list_quarantine_lines(quarantine.list_all(session), version_by_family, zone),
                *timeline.list_override_lines(overrides.list_all(session), zone),
            ]
        told = [line for line in lines if line.kind not in {HistoryKind.FIRST_SEEN, HistoryKind.PRINTED}]
        counts = {version.name: len(version.families) for version in snapshot.versions}
        day = time_zones.to_local_date(now, zone)
        return answers.History("", "Every version", day, zone, timeline.merge_lines(told, counts), (), snapshot.source)


def _build_history(
    session: Session, version: FrameworkVersion, snapshot: CatalogueSnapshot, zone: str, now: datetime
) -> answers.History:
    values = catalogue_history.list_values(session, version.product, version.name)
    notes = release_notes.list_for_version(session, version.product, version.name)
    version_by_family = {row.family: version.name for row in version.families}
    lines = [
        *timeline.list_value_lines(values, zone),
        *timeline.list_quarantine_lines(quarantine.list_all(session, version.product), version_by_family, zone),
        *timeline.list_override_lines(overrides.list_all(session, version.product, version.name), zone),
        *timeline.list_note_lines(notes, version.name),
    ]
    return answers.History(
        version=version.name,
        title=matching.format_title(version.name),
        day=time_zones.to_local_date(now, zone),
        zone=zone,
        lines=timeline.merge_lines(lines, {version.name: len(version.families)}),
        notices=tuple(_list_notices(version, values, notes, zone)),
        source=snapshot.source,
    )


def _list_notices(
    version: FrameworkVersion, values: Sequence[HistoricalValue], notes: Sequence[ReleaseNote], zone: str
) -> Iterator[answers.AdvanceNotice]:
    """How long before each date it was known here, and how the release notes stand to it."""
    first = advance_notice.find_first(notes, mentions.build_matcher(version))
    for each in lifecycle.list_milestones(version):
        since = _find_known_since(each, values, zone)
        if since is None:
            continue
        notice_of = (each.milestone, each.day, since, lifecycle.count_days_left(since, each.day))
        found = answers.AdvanceNotice(*notice_of, each.is_overridden, each.is_unverified)
        if first is not None:
            late = lifecycle.count_days_left(each.day, first.day)
            found = replace(found, announced_on=first.day, announced_days_after=late, announcement_url=first.url)
        yield found


def _find_known_since(
    milestone_date: lifecycle.MilestoneDate, values: Iterable[HistoricalValue], zone: str
) -> date | None:
    """Since when the date has stood as it does, for the family that had it first."""
    words = [
        cell.override.set_on
        for row in milestone_date.families
        if (cell := row.get_date(milestone_date.milestone)).override is not None
    ]
    families = {row.family for row in milestone_date.families}
    printed = [
        time_zones.to_local_date(value.first_seen, zone)
        for value in values
        if (value.field, value.value) == (milestone_date.milestone.value, milestone_date.day.isoformat())
        and value.family in families
        if value.last_seen is None
    ]
    return min((*words, *printed), default=None)
