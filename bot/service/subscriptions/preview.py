"""Which message would reach a channel when, and why each other rung would not come."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain

from bot import answers
from bot.policy import decisions as deciding
from bot.policy import lifecycle, reminders
from bot.service.place import Place, get_channel, get_today
from bot.service.reminders import message_lines, send_time
from bot.service.subscriptions.targets import list_covered_versions
from bot.service.versions.snapshot import SnapshotCache
from bot.service.working_days import get_day_off_check
from storage import decisions, subscriptions
from storage.database import Database
from storage.facts import Channel, Decision, DecisionKind, FrameworkVersion, Reminder, Schedule


class ReminderPreviews:
    """Looks ahead for a channel, by the same policy that will send."""

    def __init__(self, database: Database, snapshots: SnapshotCache, default: Schedule) -> None:
        self._database = database
        self._snapshots = snapshots
        self._default = default

    def show(self, days: int, place: Place, now: datetime) -> answers.Preview:
        """Every rung of what the channel watches within so many days, soonest first."""
        with self._database.read_only() as session:
            channel = get_channel(session, place, self._default)
            watched = subscriptions.list_for_channel(session, place.workspace_id, place.channel_id)
            versions = list_covered_versions([s.target for s in watched], self._snapshots.read(session))
            decided = decisions.list_for_channel(session, place.workspace_id, place.channel_id)
        rungs = chain.from_iterable(_preview_version(version, channel, decided, now) for version in versions)
        ahead = sorted(
            chain(rungs, _list_snoozed(channel, decided, versions, now)),
            key=lambda line: (line.at, line.version),
        )
        end = now + timedelta(days=days)
        within = tuple(line for line in ahead if line.at <= end)
        coming = [line for line in ahead if not line.skip_reason]
        return answers.Preview(
            day=get_today(channel, now),
            zone=channel.schedule.zone,
            within=days,
            lines=within,
            weekly=channel.weekly,
            subscribed_versions=len(versions),
            first_after=coming[0] if coming and coming[0].at > end else None,
            release_notes=channel.notes,
        )


def _preview_version(
    version: FrameworkVersion, channel: Channel, decided: tuple[Decision, ...], now: datetime
) -> Iterator[answers.PreviewLine]:
    schedule = channel.schedule
    is_day_off = get_day_off_check(schedule)
    for milestone in lifecycle.list_milestones(version):
        on_its_day = {day: rung for rung, day in reminders.list_rungs(milestone.day, schedule.ladder, is_day_off)}
        for rung in schedule.ladder:
            day = reminders.find_sending_day(milestone.day, rung, is_day_off)
            at = send_time.compute_send_time(reminders.compute_due_at(day, schedule.hour, schedule.zone), rung, channel)
            if at <= now:
                continue
            reminder = Reminder(
                channel.workspace_id,
                channel.channel_id,
                version.product,
                version.name,
                milestone.milestone,
                milestone.day,
                rung,
            )
            why = _find_skip_reason(reminder, on_its_day[day], decided, day)
            marks = (milestone.is_overridden, milestone.is_unverified)
            yield answers.PreviewLine(version.name, milestone.milestone, milestone.day, rung, at, why, *marks)


def _find_skip_reason(reminder: Reminder, standing: int, decided: tuple[Decision, ...], day: date) -> str:
    if standing != reminder.rung:
        what = {reminders.LAST_DAY: "last day", reminders.PASSED: "day after"}.get(standing, f"{standing} days before")
        return f"falls on the working day of the reminder for “{what}”, which comes instead"
    decision = deciding.find_silencing(decided, reminder, day)
    return message_lines.explain_silence(decision) if decision else ""


def _list_snoozed(
    channel: Channel, decided: tuple[Decision, ...], versions: Sequence[FrameworkVersion], now: datetime
) -> Iterator[answers.PreviewLine]:
    """Reminders that were snoozed come back on their day."""
    by_hand, unverified = lifecycle.list_overridden_dates(versions), lifecycle.list_unverified_dates(versions)
    for decision in decided:
        if decision.kind is not DecisionKind.SNOOZED:
            continue
        if decision.snoozed_until is None or decision.milestone is None or decision.milestone_date is None:
            continue
        at = reminders.compute_due_at(decision.snoozed_until, channel.schedule.hour, channel.schedule.zone)
        if at > now:
            rung = (decision.milestone_date - decision.snoozed_until).days
            about = (decision.version, decision.milestone, decision.milestone_date)
            yield answers.PreviewLine(
                *about, rung, at, is_overridden=about in by_hand, is_unverified=about in unverified
            )
