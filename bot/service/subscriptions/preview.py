"""Preview of a channel's reminders: when each is sent, or why it isn't."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain

from bot import answers
from bot.policy import lifecycle, reminders
from bot.policy.decisions import find_silencing
from bot.service.place import Place, get_today
from bot.service.reminders import message_lines, send_time
from bot.service.reminders.forecast import build_reminder
from bot.service.versions.channel_service import ChannelService
from bot.service.working_days import get_day_off_check
from storage import decisions, subscriptions
from storage.facts import Channel, Decision, DecisionKind, FrameworkVersion, Reminder


class ReminderPreviews(ChannelService):
    """Previews reminders by the policy that sends them."""

    def show(self, days: int, place: Place, now: datetime) -> answers.Preview:
        """Return every rung of the channel's versions within this many days, soonest first."""
        with self._database.read_only() as session:
            channel = self._get_channel(session, place)
            targets = subscriptions.list_channel_targets(session, place.workspace_id, place.channel_id)
            versions = self._snapshots.read(session).list_covered_by(targets)
            channel_decisions = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
        rungs = chain.from_iterable(_preview_version(version, channel, channel_decisions, now) for version in versions)
        snoozed = _list_snoozed(channel, channel_decisions, versions, now)
        lines = sorted(chain(rungs, snoozed), key=lambda line: (line.at, line.version))
        end = now + timedelta(days=days)
        first = next((line for line in lines if not line.skip_reason), None)
        return answers.Preview(
            day=get_today(channel, now),
            zone=channel.schedule.zone,
            within=days,
            lines=tuple(line for line in lines if line.at <= end),
            weekly=channel.weekly,
            subscribed_versions=len(versions),
            first_after=first if first is not None and first.at > end else None,
            release_notes=channel.notes,
        )


def _preview_version(
    version: FrameworkVersion, channel: Channel, channel_decisions: tuple[Decision, ...], now: datetime
) -> Iterator[answers.PreviewLine]:
    schedule = channel.schedule
    is_day_off = get_day_off_check(schedule)
    for milestone in lifecycle.list_milestones(version):
        rung_by_day = {day: rung for rung, day in reminders.list_rungs(milestone.day, schedule.ladder, is_day_off)}
        for rung in schedule.ladder:
            day = reminders.find_sending_day(milestone.day, rung, is_day_off)
            at = send_time.compute_send_time(reminders.compute_due_at(day, schedule.hour, schedule.zone), rung, channel)
            if at <= now:
                continue
            reminder = build_reminder(version, milestone, channel, rung)
            reason = _find_skip_reason(reminder, rung_by_day[day], channel_decisions, day)
            yield answers.PreviewLine(
                version.name,
                milestone.milestone,
                milestone.day,
                rung,
                at,
                reason,
                is_overridden=milestone.is_overridden,
                is_unverified=milestone.is_unverified,
            )


def _find_skip_reason(reminder: Reminder, sent_rung: int, channel_decisions: tuple[Decision, ...], day: date) -> str:
    """Return why the reminder isn't sent on its day, empty if it is. `sent_rung` is the rung that the day sends."""
    if sent_rung != reminder.rung:
        names = {reminders.LAST_DAY: "last day", reminders.PASSED: "day after"}
        sent = names.get(sent_rung, f"{sent_rung} days before")
        return f"falls on the same working day as the “{sent}” reminder, which is sent instead"
    decision = find_silencing(channel_decisions, reminder, day)
    return message_lines.explain_silence(decision) if decision else ""


def _list_snoozed(
    channel: Channel, channel_decisions: tuple[Decision, ...], versions: Sequence[FrameworkVersion], now: datetime
) -> Iterator[answers.PreviewLine]:
    """Yield the snoozed reminders, each on the day its snooze ends."""
    overridden, unverified = lifecycle.list_overridden_dates(versions), lifecycle.list_unverified_dates(versions)
    for decision in channel_decisions:
        if decision.kind is not DecisionKind.SNOOZED:
            continue
        if decision.snoozed_until is None or decision.milestone is None or decision.milestone_date is None:
            continue
        at = reminders.compute_due_at(decision.snoozed_until, channel.schedule.hour, channel.schedule.zone)
        if at > now:
            rung = (decision.milestone_date - decision.snoozed_until).days
            key = (decision.version, decision.milestone, decision.milestone_date)
            yield answers.PreviewLine(*key, rung, at, is_overridden=key in overridden, is_unverified=key in unverified)
