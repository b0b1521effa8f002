"""When and how a channel wants its reminders."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle, reminders
from bot.service.access import audit
from bot.service.place import Place, get_channel
from bot.service.reminders import forecast
from bot.service.reminders.planning import plan_overdue
from bot.service.subscriptions import setting_values
from bot.service.subscriptions.targets import list_covered_versions
from bot.service.versions.snapshot import SnapshotCache
from bot.service.working_days import get_day_off_check
from storage import channels, decisions, outbox, schedules, sources, subscriptions
from storage.database import Database
from storage.facts import RELEASE_NOTES, Channel, DueRung, FrameworkVersion, Schedule

PREVIEW_SIZE = 3
"""Next reminders shown beside the settings."""


class SettingsEditor:
    """Shows and changes when a channel gets its reminders."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def show(self, place: Place, now: datetime) -> answers.ChannelSettings:
        """The settings as they are."""
        with self._database.read_only() as session:
            channel = get_channel(session, place, self._default)
            return self._build_answer(session, channel, now, changed=False)

    def change(
        self, values: Sequence[setting_values.SettingValue], place: Place, now: datetime
    ) -> answers.ChannelSettings:
        """Sets what is wished; where one thing can't be understood, nothing is changed."""
        with self._database.transaction() as session:
            return self.change_in_session(session, values, place, now)

    def change_in_session(
        self, session: Session, values: Sequence[setting_values.SettingValue], place: Place, now: datetime
    ) -> answers.ChannelSettings:
        """The same within a transaction that does more."""
        before = get_channel(session, place, self._default)
        after, problems = setting_values.apply_settings(before, values)
        if problems:
            return self._build_answer(session, before, now, changed=False, problems=problems)
        self.save(session, before, after, place, now)
        return self._build_answer(session, after, now, changed=True)

    def preview(
        self, values: Sequence[setting_values.SettingValue], place: Place, now: datetime
    ) -> answers.ChannelSettings:
        """What the settings would be, and which reminders would come; changes nothing."""
        with self._database.read_only() as session:
            before = get_channel(session, place, self._default)
            after, problems = setting_values.apply_settings(before, values)
            return self._build_answer(session, after, now, changed=False, problems=problems)

    def save(self, session: Session, before: Channel, after: Channel, place: Place, now: datetime) -> None:
        """Has the channel have other settings from now on, and writes down what changed."""
        plan_overdue(session, before, self._snapshots.read(session), now)
        channels.save(session, after, now)
        self._plan_newly_due(session, before, after, now)
        changes = setting_values.diff_settings(before, after)
        if changes:
            then = " ".join(f"{name} {value}" for name, value, _ in changes)
            since = " ".join(f"{name} {value}" for name, _, value in changes)
            audit.record(session, place, now, "settings", before=then, after=since)

    def _build_answer(
        self,
        session: Session,
        channel: Channel,
        now: datetime,
        *,
        changed: bool,
        problems: tuple[setting_values.SettingValue, ...] = (),
    ) -> answers.ChannelSettings:
        decided = decisions.list_for_channel(session, channel.workspace_id, channel.channel_id)
        coming = forecast.list_all(now, self._list_versions(session, channel), channel, decided)
        return answers.ChannelSettings(
            schedule=channel.schedule,
            is_zone_set=channel.has_own_zone,
            is_changed=changed,
            now=now,
            next_reminders=coming[:PREVIEW_SIZE],
            quiet=channel.quiet,
            mention=channel.mention,
            mention_from=channel.mention_from,
            weekly=channel.weekly,
            release_notes=channel.notes,
            are_release_notes_read=not channel.notes or sources.find(session, RELEASE_NOTES).polling_since is not None,
            errors=problems,
        )

    def _list_versions(self, session: Session, channel: Channel) -> tuple[FrameworkVersion, ...]:
        present = subscriptions.list_for_channel(session, channel.workspace_id, channel.channel_id)
        return list_covered_versions([s.target for s in present], self._snapshots.read(session))

    def _plan_newly_due(self, session: Session, before: Channel, after: Channel, now: datetime) -> None:
        """Plans rungs that were still ahead on the old schedule and are behind on the new one.

        The new schedule was planned without this channel, so nobody else would.
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
    if reached.rung not in before.ladder:  # new on the ladder, and behind already
        return None
    return DueRung(
        product=version.product,
        framework=version.framework,
        version=version.name,
        milestone=milestone.milestone,
        milestone_date=milestone.day,
        rung=reached.rung,
        due_on=reached.due_on,
        due_at=now,
    )
