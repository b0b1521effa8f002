"""When and how a channel wants its reminders."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot import answers
from bot.policy import lifecycle, reminders
from bot.service import portrait
from bot.service.access import audit
from bot.service.place import Place, channel_at, days_off
from bot.service.reminders import forecast
from bot.service.reminders.planning import catch_up
from bot.service.subscriptions import setting_values
from bot.service.subscriptions.subscribe import watched_versions
from bot.service.versions.snapshot import KnownVersions
from storage import channels, decisions, outbox, schedules, sources, subscriptions
from storage.database import Database
from storage.facts import NOTES, Channel, FrameworkVersion, Rung, Schedule

PREVIEWED = 3
"""Next reminders shown beside the settings."""


class ChannelSettings:
    """Shows and changes when a channel gets its reminders."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def show(self, place: Place, now: datetime) -> answers.ChannelSettings:
        """The settings as they are."""
        with self._database.reading() as session:
            channel = channel_at(session, place, self._default)
            return self._answer(session, channel, now, changed=False)

    def change(self, wished: Sequence[setting_values.Wish], place: Place, now: datetime) -> answers.ChannelSettings:
        """Sets what is wished; where one thing can't be understood, nothing is changed."""
        with self._database.transaction() as session:
            return self.change_in(session, wished, place, now)

    def change_in(
        self, session: Session, wished: Sequence[setting_values.Wish], place: Place, now: datetime
    ) -> answers.ChannelSettings:
        """The same within a transaction that does more."""
        before = channel_at(session, place, self._default)
        after, problems = setting_values.grant(before, wished)
        if problems:
            return self._answer(session, before, now, changed=False, problems=problems)
        self.put(session, before, after, place, now)
        return self._answer(session, after, now, changed=True)

    def rehearse(self, wished: Sequence[setting_values.Wish], place: Place, now: datetime) -> answers.ChannelSettings:
        """What the settings would be, and which reminders would come; changes nothing."""
        with self._database.reading() as session:
            before = channel_at(session, place, self._default)
            after, problems = setting_values.grant(before, wished)
            return self._answer(session, after, now, changed=False, problems=problems)

    def put(self, session: Session, before: Channel, after: Channel, place: Place, now: datetime) -> None:
        """Has the channel have other settings from now on, and writes down what changed."""
        catch_up(session, before, self._known.read(session), now)
        channels.save(session, after, now)
        self._plan_what_moved(session, before, after, now)
        changes = portrait.differences(before, after)
        if changes:
            then = " ".join(f"{name} {value}" for name, value, _ in changes)
            since = " ".join(f"{name} {value}" for name, _, value in changes)
            audit.note(session, place, now, "settings", before=then, after=since)

    def _answer(
        self,
        session: Session,
        channel: Channel,
        now: datetime,
        *,
        changed: bool,
        problems: tuple[setting_values.Wish, ...] = (),
    ) -> answers.ChannelSettings:
        decided = decisions.of_channel(session, channel.workspace_id, channel.channel_id)
        coming = forecast.all_of(now, self._watched(session, channel), channel, decided)
        return answers.ChannelSettings(
            schedule=channel.schedule,
            zone_set=channel.zone_set,
            changed=changed,
            now=now,
            next=coming[:PREVIEWED],
            quiet=channel.quiet,
            mention=channel.mention,
            mention_from=channel.mention_from,
            weekly=channel.weekly,
            notes=channel.notes,
            notes_read=not channel.notes or sources.find(session, NOTES).watched_since is not None,
            problems=problems,
        )

    def _watched(self, session: Session, channel: Channel) -> tuple[FrameworkVersion, ...]:
        present = subscriptions.of_channel(session, channel.workspace_id, channel.channel_id)
        return watched_versions([s.target for s in present], self._known.read(session))

    def _plan_what_moved(self, session: Session, before: Channel, after: Channel, now: datetime) -> None:
        """Plans rungs that were still ahead on the old schedule and are behind on the new one.

        The new schedule was planned without this channel, so nobody else would.
        """
        schedule_id = schedules.of(session, after.schedule, now)
        if after.weekly:
            schedules.touch(session, schedule_id, now)
        for version in self._watched(session, after):
            for milestone in lifecycle.milestones(version):
                rung = _newly_reached(before.schedule, after.schedule, milestone, version, now)
                if rung is not None:
                    outbox.plan_channel(session, after.workspace_id, after.channel_id, rung)


def _newly_reached(
    before: Schedule, after: Schedule, milestone: lifecycle.MilestoneDate, version: FrameworkVersion, now: datetime
) -> Rung | None:
    reached = reminders.reached(now, milestone.day, after, days_off(after))
    earlier = reminders.reached(now, milestone.day, before, days_off(before))
    if reached is None or (earlier is not None and earlier.rung <= reached.rung):
        return None
    if reached.rung not in before.ladder:  # new on the ladder, and behind already
        return None
    return Rung(
        product=version.product,
        framework=version.framework,
        version=version.name,
        milestone=milestone.milestone,
        milestone_date=milestone.day,
        rung=reached.rung,
        due_on=reached.due_on,
        due_at=now,
    )
