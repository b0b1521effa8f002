"""History of a framework version, or of every version, from the catalogue, its overrides and the release notes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import HistoryKind
from bot.catalogue.release_notes import mentions
from bot.policy import advance_notice, lifecycle, time_zones, versions
from bot.policy.products import DEEP_LEARNING_VM
from bot.service.place import Place
from bot.service.versions import resolve, timeline
from bot.service.versions.channel_service import ChannelService
from bot.service.versions.snapshot import CatalogueSnapshot
from storage import catalogue_history, overrides, quarantine, release_notes
from storage.facts import FrameworkVersion, HistoricalValue, ReleaseNote

NO_CHANNEL = Place("", "")
"""Place of a question that is asked outside any channel. It gets the default settings."""


class VersionHistories(ChannelService):
    """Histories of framework versions."""

    def show(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """Return the history of the version named in the text, with days in the channel's time zone."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session).with_freshness(now)
            resolution = resolve.resolve_name(text, snapshot, "history")
            if not isinstance(resolution, resolve.FoundVersion | resolve.FoundFramework):
                return resolution
            if resolution.product is not DEEP_LEARNING_VM:
                return answers.Help(
                    "Only Deep Learning VM versions have a history, for example `/dlvm history pytorch-2.7`."
                )
            if isinstance(resolution, resolve.FoundFramework):
                return answers.Help("Name one version, for example `/dlvm history pytorch-2.7`.")
            zone = self._get_channel(session, place).schedule.zone
            version = snapshot.find(resolution.version.name) or resolution.version
            return _build_history(session, version, snapshot, zone, now)

    def show_all(self, now: datetime) -> answers.History:
        """Return every change, quarantined value and override of all versions, without the first values."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session).with_freshness(now)
            zone = self._default.zone
            version_by_family = {row.family: version.name for version in snapshot.versions for row in version.families}
            lines = [
                *timeline.list_value_lines(catalogue_history.list_values(session), zone),
                *timeline.list_quarantine_lines(quarantine.list_all(session), version_by_family, zone),
                *timeline.list_override_lines(overrides.list_all(session), zone),
            ]
        changes = [line for line in lines if line.kind not in {HistoryKind.FIRST_SEEN, HistoryKind.PRINTED}]
        family_counts = {version.name: len(version.families) for version in snapshot.versions}
        day, merged = time_zones.to_local_date(now, zone), timeline.merge_lines(changes, family_counts)
        return answers.History("", "Every version", day, zone, merged, notices=(), source=snapshot.source)


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
    title, day = versions.format_title(version.name), time_zones.to_local_date(now, zone)
    merged = timeline.merge_lines(lines, {version.name: len(version.families)})
    notices = tuple(_list_notices(version, values, notes, zone))
    return answers.History(version.name, title, day, zone, merged, notices, snapshot.source)


def _list_notices(
    version: FrameworkVersion, values: Sequence[HistoricalValue], notes: Sequence[ReleaseNote], zone: str
) -> Iterator[answers.AdvanceNotice]:
    """Yield for each date how far ahead dlvm knew it, and when the release notes announced it."""
    announcement = advance_notice.find_first(notes, mentions.build_matcher(version))
    for end in lifecycle.list_milestones(version):
        known_since = _find_known_since(end, values, zone)
        if known_since is None:
            continue
        days = lifecycle.count_days_left(known_since, end.day)
        notice = answers.AdvanceNotice(
            end.milestone,
            end.day,
            known_since,
            days,
            is_overridden=end.is_overridden,
            is_unverified=end.is_unverified,
        )
        if announcement is not None:
            days_after, url = lifecycle.count_days_left(end.day, announcement.day), announcement.url
            notice = replace(
                notice, announced_on=announcement.day, announced_days_after=days_after, announcement_url=url
            )
        yield notice


def _find_known_since(end: lifecycle.MilestoneDate, values: Iterable[HistoricalValue], zone: str) -> date | None:
    """Return the first day on which any of its families had the current date, from the page or an override."""
    cells = (row.get_date(end.milestone) for row in end.families)
    overridden = [cell.override.set_on for cell in cells if cell.override is not None]
    families = {row.family for row in end.families}
    printed = [
        time_zones.to_local_date(value.first_seen, zone)
        for value in values
        if (value.field, value.value) == (end.milestone.value, end.day.isoformat())
        and value.family in families
        and value.last_seen is None
    ]
    return min((*overridden, *printed), default=None)
