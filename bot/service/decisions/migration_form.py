"""What a person who says that their channel has migrated is asked."""

from datetime import date, datetime

from bot import answers
from bot.policy import lifecycle
from bot.policy import versions as matching
from bot.service.decisions.actions import ButtonPress, build_result, list_milestones_on
from bot.service.place import get_channel, get_today
from bot.service.versions import status
from bot.service.versions.snapshot import SnapshotCache
from storage.database import Database
from storage.facts import FrameworkVersion, Schedule

MAX_CHOICES = 100
"""Versions offered at once: Slack's limit of a menu."""


class MigrationForms:
    """Asks where a channel went; changes nothing."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def show(self, press: ButtonPress, now: datetime) -> answers.MigrationForm | answers.PressResult:
        """What to ask somebody who says that the channel has migrated."""
        with self._database.read_only() as session:
            known = self._snapshots.read(session)
            version = known.find(press.version)
            today = get_today(get_channel(session, press.place, self._default), now)
        if version is None or not list_milestones_on(version, press):
            return build_result(answers.PressOutcome.UNKNOWN, press)
        successor = status.build_advice(today, version, known).successor
        return answers.MigrationForm(
            version.name, matching.format_title(version.name), successor.version if successor else ""
        )

    def list_choices(self, text: str, version_left: str, now: datetime) -> tuple[str, ...]:
        """Versions whose name holds every word typed, the newest first; not the one left, nor any that is over.

        Over is what is no longer available on the day in UTC.
        """
        with self._database.read_only() as session:
            versions = self._snapshots.read(session).versions
        words = text.lower().replace("-", " ").split()
        there = [v for v in versions if v.name != version_left and not _is_unavailable(v, now.date())]
        names = [
            v for v in there if all(word in v.name or word in matching.format_title(v.name).lower() for word in words)
        ]
        last = {v.name: max((m.day for m in lifecycle.list_milestones(v)), default=date.min) for v in names}
        ordered = sorted(names, key=lambda v: (last[v.name], matching.get_sort_key(v.number)), reverse=True)
        return tuple(v.name for v in ordered[:MAX_CHOICES])


def _is_unavailable(version: FrameworkVersion, day: date) -> bool:
    return lifecycle.get_version_state(day, version) is lifecycle.LifecycleState.UNAVAILABLE
