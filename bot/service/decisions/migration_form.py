"""The form in which a person marks a version as migrated."""

from datetime import date, datetime

from bot import answers
from bot.policy import lifecycle
from bot.policy.versions import format_title, get_sort_key
from bot.service.decisions.actions import ButtonPress, build_result, list_milestones_on
from bot.service.place import get_today
from bot.service.versions import status
from bot.service.versions.channel_service import ChannelService
from storage.facts import FrameworkVersion

MAX_CHOICES = 100
"""Slack's limit for the options of a menu."""


class MigrationForms(ChannelService):
    """The form's content and the versions it offers. Changes nothing."""

    def show(self, press: ButtonPress, now: datetime) -> answers.MigrationForm | answers.PressResult:
        """Return the form with the version's successor preselected; a result if the date is no longer in the table."""
        with self._database.read_only() as session:
            snapshot = self._snapshots.read(session)
            version = snapshot.find(press.version)
            today = get_today(self._get_channel(session, press.place), now)
        if version is None or not list_milestones_on(version, press):
            return build_result(answers.PressOutcome.UNKNOWN, press)
        successor = status.build_advice(today, version, snapshot).successor
        return answers.MigrationForm(version.name, format_title(version.name), successor.version if successor else "")

    def list_choices(self, text: str, version_left: str, now: datetime) -> tuple[str, ...]:
        """Return the names of versions that contain every typed word, latest date first.

        The version to leave and versions unavailable on the current UTC date are left out.
        """
        with self._database.read_only() as session:
            versions = self._snapshots.read(session).versions
        words = text.lower().replace("-", " ").split()
        matches = [
            version
            for version in versions
            if version.name != version_left
            and lifecycle.get_version_state(now.date(), version) is not lifecycle.LifecycleState.UNAVAILABLE
            and all(word in version.name or word in format_title(version.name).lower() for word in words)
        ]
        matches.sort(key=lambda version: (_get_last_date(version), get_sort_key(version.number)), reverse=True)
        return tuple(version.name for version in matches[:MAX_CHOICES])


def _get_last_date(version: FrameworkVersion) -> date:
    return max((milestone.day for milestone in lifecycle.list_milestones(version)), default=date.min)
