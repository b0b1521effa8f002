"""The story of a version: seen, announced, moved, filled in, vanished, returned, held back, set by hand, and when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.answers import Happened
from bot.catalogue.release_notes import mentions
from bot.policy import advance_notice, lifecycle, time_zones
from bot.policy import versions as matching
from bot.service.place import Place, channel_at
from bot.service.versions import resolve, sister_products, timeline
from bot.service.versions.snapshot import Known, KnownVersions
from storage import catalogue_history, overrides, quarantine, release_notes
from storage.database import Database
from storage.facts import (
    FormerValue,
    FrameworkVersion,
    ReleaseNote,
    Schedule,
)

NOWHERE = Place("", "")
"""Where a question is asked from that belongs to no channel."""


class Histories:
    """Tells stories; changes nothing."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def of(self, text: str, place: Place, now: datetime) -> answers.Answer:
        """The story of the version that the text names, by the channel's days."""
        with self._database.reading() as session:
            known = self._known.read(session).at(now)
            found = resolve.named(text, known, "history")
            if isinstance(found, resolve.FoundFramework):
                return answers.Help("A history is of one version: for example `/dlvm history pytorch-2.7`.")
            if isinstance(found, sister_products.FoundSister | sister_products.FoundProduct):
                return answers.Help(
                    "A history is kept of Deep Learning VM versions only: for example `/dlvm history pytorch-2.7`."
                )
            if not isinstance(found, resolve.Found):
                return found
            zone = channel_at(session, place, self._default).schedule.zone
            version = known.find(found.version.name) or found.version
            return _story(session, version, known, zone, now)

    def of_all(self, now: datetime) -> answers.History:
        """What ever changed in the table, was held back of it, or set by hand; not what stood there at first."""
        with self._database.reading() as session:
            known = self._known.read(session).at(now)
            zone = self._default.zone
            said = catalogue_history.all(session)
            owner = {row.family: version.name for version in known.versions for row in version.families}
            lines = [
                *timeline.of_values(said, zone),
                *timeline.of_findings(quarantine.all(session), owner, zone),
                *timeline.of_overrides(overrides.all(session), zone),
            ]
        told = [line for line in lines if line.what not in {Happened.SEEN, Happened.PRINTED}]
        counts = {version.name: len(version.families) for version in known.versions}
        day = time_zones.day(now, zone)
        return answers.History("", "Every version", day, zone, timeline.in_order(told, counts), (), known.source)


def _story(session: Session, version: FrameworkVersion, known: Known, zone: str, now: datetime) -> answers.History:
    said = catalogue_history.all(session, version.product, version.name)
    noted = release_notes.of_version(session, version.product, version.name)
    owner = {row.family: version.name for row in version.families}
    lines = [
        *timeline.of_values(said, zone),
        *timeline.of_findings(quarantine.all(session, version.product), owner, zone),
        *timeline.of_overrides(overrides.all(session, version.product, version.name), zone),
        *timeline.of_notes(noted, version.name),
    ]
    return answers.History(
        version=version.name,
        title=matching.title(version.name),
        day=time_zones.day(now, zone),
        zone=zone,
        lines=timeline.in_order(lines, {version.name: len(version.families)}),
        notices=tuple(_notices(version, said, noted, zone)),
        source=known.source,
    )


def _notices(
    version: FrameworkVersion, said: Sequence[FormerValue], noted: Sequence[ReleaseNote], zone: str
) -> Iterator[answers.Notice]:
    """How long before each date it was known here, and how the release notes stand to it."""
    first = advance_notice.first(noted, mentions.naming(version))
    for each in lifecycle.milestones(version):
        since = _known_since(each, said, zone)
        if since is None:
            continue
        notice_of = (each.milestone, each.day, since, lifecycle.days_left(since, each.day))
        found = answers.Notice(*notice_of, each.by_hand, each.unverified)
        if first is not None:
            late = lifecycle.days_left(each.day, first.day)
            found = replace(found, noted_on=first.day, noted_after=late, noted_url=first.url)
        yield found


def _known_since(each: lifecycle.MilestoneDate, said: Iterable[FormerValue], zone: str) -> date | None:
    """Since when the date has stood as it does, for the family that had it first."""
    words = [cell.by_hand.on for row in each.families if (cell := row.date_of(each.milestone)).by_hand is not None]
    families = {row.family for row in each.families}
    printed = [
        time_zones.day(value.first_seen, zone)
        for value in said
        if (value.field, value.value) == (each.milestone.value, each.day.isoformat()) and value.family in families
        if value.last_seen is None
    ]
    return min((*words, *printed), default=None)
