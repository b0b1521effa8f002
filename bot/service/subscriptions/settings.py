"""The settings of a channel: when and how it gets reminders."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle, reminders
from bot.service.access import audit
from bot.service.place import Place
from bot.service.reminders import forecast
from bot.service.reminders.planning import plan_overdue
from bot.service.subscriptions.setting_table import SettingValue, apply_settings, diff_settings
from bot.service.versions.channel_service import ChannelService
from bot.service.working_days import get_day_off_check
from storage import channels, decisions, outbox, schedules, sources, subscriptions
from storage.facts import RELEASE_NOTES, Channel, DueRung, FrameworkVersion, Schedule

PREVIEW_SIZE = 3
"""Next reminders shown below the settings."""


class SettingsEditor(ChannelService):
    """Shows and changes the settings of a channel."""

    def show(self, place: Place, now: datetime) -> answers.ChannelSettings:
        """Return the current settings."""
        with self._database.read_only() as session:
            channel = self._get_channel(session, place)
            return self._build_answer(session, channel, now, changed=False)

    def change(self, values: Sequence[SettingValue], place: Place, now: datetime) -> answers.ChannelSettings:
        """Apply every value, or none if one is invalid. Return the settings as they are then, and the errors."""
        return self._database.run(lambda session: self.change_in_session(session, values, place, now))

    def change_in_session(
        self, session: Session, values: Sequence[SettingValue], place: Place, now: datetime
    ) -> answers.ChannelSettings:
        """Do what `change` does, in a transaction of the caller."""
        before = self._get_channel(session, place)
        after, errors = apply_settings(before, values)
        if errors:
            return self._build_answer(session, before, now, changed=False, errors=errors)
        self.save(session, before, after, place, now)
        return self._build_answer(session, after, now, changed=True)

    def preview(self, values: Sequence[SettingValue], place: Place, now: datetime) -> answers.ChannelSettings:
        """Return the settings and next reminders that the values would lead to, without changing anything."""
        with self._database.read_only() as session:
            before = self._get_channel(session, place)
            after, errors = apply_settings(before, values)
            return self._build_answer(session, after, now, changed=False, errors=errors)

    def save(self, session: Session, before: Channel, after: Channel, place: Place, now: datetime) -> None:
        """Store changed settings, plan reminders that are due because of them, and write the audit log."""
        plan_overdue(session, before, self._snapshots.read(session), now)
        channels.save(session, after, now)
        self._plan_newly_due(session, before, after, now)
        changes = diff_settings(before, after)
        if changes:
            old = " ".join(f"{name} {text}" for name, text, _ in changes)
            new = " ".join(f"{name} {text}" for name, _, text in changes)
            audit.record(session, place, now, "settings", before=old, after=new)

    def _build_answer(
        self, session: Session, channel: Channel, now: datetime, *, changed: bool, errors: tuple[SettingValue, ...] = ()
    ) -> answers.ChannelSettings:
        channel_decisions = decisions.list_for_channel(session, channel.workspace_id, channel.channel_id)
        next_reminders = forecast.list_all(now, self._list_versions(session, channel), channel, channel_decisions)
        are_notes_read = not channel.notes or sources.find(session, RELEASE_NOTES).polling_since is not None
        return answers.ChannelSettings(channel, changed, now, next_reminders[:PREVIEW_SIZE], are_notes_read, errors)

    def _list_versions(self, session: Session, channel: Channel) -> tuple[FrameworkVersion, ...]:
        targets = subscriptions.list_channel_targets(session, channel.workspace_id, channel.channel_id)
        return self._snapshots.read(session).list_covered_by(targets)

    def _plan_newly_due(self, session: Session, before: Channel, after: Channel, now: datetime) -> None:
        """Plan the rungs that are due on the new schedule and were not yet due on the old one.

        The planner planned the new schedule before this channel joined it, so it would miss them.
        """
        schedule_id = schedules.ensure_id(session, after.schedule, now)
        if after.weekly:
            schedules.mark_due(session, schedule_id, now)
        for version in self._list_versions(session, after):
            for milestone in lifecycle.list_milestones(version):
                rung = _find_newly_due(before.schedule, after.schedule, milestone, version, now)
                if rung is not None:
                    outbox.plan_channel(session, after.workspace_id, after.channel_id, rung)


def _find_newly_due(
    before: Schedule, after: Schedule, milestone: lifecycle.MilestoneDate, version: FrameworkVersion, now: datetime
) -> DueRung | None:
    reached = reminders.find_reached_rung(now, milestone.day, after, get_day_off_check(after))
    earlier = reminders.find_reached_rung(now, milestone.day, before, get_day_off_check(before))
    if reached is None or (earlier is not None and earlier.rung <= reached.rung):
        return None
    if reached.rung not in before.ladder:  # a rung added after its day is not sent late
        return None
    names = (version.product, version.framework, version.name)
    return DueRung(*names, milestone.milestone, milestone.day, reached.rung, reached.due_on, now)
