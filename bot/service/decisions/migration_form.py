"""What a person who says that their channel has migrated is asked."""

from datetime import date, datetime

from bot import answers
from bot.policy import lifecycle
from bot.policy import versions as matching
from bot.service.decisions.actions import Pressing, answer, milestones_on
from bot.service.place import channel_at, today_at
from bot.service.versions import status
from bot.service.versions.snapshot import KnownVersions
from storage.database import Database
from storage.facts import FrameworkVersion, Schedule

MOST_CHOICES = 100
"""Versions offered at once: Slack's limit of a menu."""


class Migrating:
    """Asks where a channel went; changes nothing."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def form(self, press: Pressing, now: datetime) -> answers.MigrationForm | answers.Pressed:
        """What to ask somebody who says that the channel has migrated."""
        with self._database.reading() as session:
            known = self._known.read(session)
            version = known.find(press.version)
            today = today_at(channel_at(session, press.place, self._default), now)
        if version is None or not milestones_on(version, press):
            return answer(answers.Came.UNKNOWN, press)
        successor = status.advice(today, version, known).successor
        return answers.MigrationForm(version.name, matching.title(version.name), successor.version if successor else "")

    def choices(self, text: str, left: str, now: datetime) -> tuple[str, ...]:
        """Versions whose name holds every word typed, the newest first; not the one left, nor any that is over.

        Over is what is no longer available on the day in UTC.
        """
        with self._database.reading() as session:
            versions = self._known.read(session).versions
        words = text.lower().replace("-", " ").split()
        there = [v for v in versions if v.name != left and not _is_over(v, now.date())]
        names = [v for v in there if all(word in v.name or word in matching.title(v.name).lower() for word in words)]
        last = {v.name: max((m.day for m in lifecycle.milestones(v)), default=date.min) for v in names}
        ordered = sorted(names, key=lambda v: (last[v.name], matching.number_key(v.number)), reverse=True)
        return tuple(v.name for v in ordered[:MOST_CHOICES])


def _is_over(version: FrameworkVersion, day: date) -> bool:
    return lifecycle.version_state_on(day, version) is lifecycle.LifecycleState.UNAVAILABLE
