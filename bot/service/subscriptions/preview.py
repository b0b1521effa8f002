"""Which message would reach a channel when, and why each other rung would not come."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain

from bot import answers
from bot.policy import decisions as deciding
from bot.policy import lifecycle, reminders
from bot.service.place import Place, channel_at, days_off, today_at
from bot.service.reminders import message_lines, send_time
from bot.service.subscriptions.subscribe import watched_versions
from bot.service.versions.snapshot import KnownVersions
from storage import decisions, subscriptions
from storage.database import Database
from storage.facts import Channel, Decided, Decision, FrameworkVersion, Reminder, Schedule


class Previews:
    """Looks ahead for a channel, by the same policy that will send."""

    def __init__(self, database: Database, known: KnownVersions, default: Schedule) -> None:
        self._database = database
        self._known = known
        self._default = default

    def show(self, days: int, place: Place, now: datetime) -> answers.Preview:
        """Every rung of what the channel watches within so many days, soonest first."""
        with self._database.reading() as session:
            channel = channel_at(session, place, self._default)
            watched = subscriptions.of_channel(session, place.workspace_id, place.channel_id)
            versions = watched_versions([s.target for s in watched], self._known.read(session))
            decided = decisions.of_channel(session, place.workspace_id, place.channel_id)
        rungs = chain.from_iterable(_of_version(version, channel, decided, now) for version in versions)
        ahead = sorted(
            chain(rungs, _returning(channel, decided, versions, now)),
            key=lambda line: (line.at, line.version),
        )
        end = now + timedelta(days=days)
        within = tuple(line for line in ahead if line.at <= end)
        coming = [line for line in ahead if not line.why_not]
        return answers.Preview(
            day=today_at(channel, now),
            zone=channel.schedule.zone,
            within=days,
            lines=within,
            weekly=channel.weekly,
            watched=len(versions),
            beyond=coming[0] if coming and coming[0].at > end else None,
            notes=channel.notes,
        )


def _of_version(
    version: FrameworkVersion, channel: Channel, decided: tuple[Decision, ...], now: datetime
) -> Iterator[answers.PreviewLine]:
    schedule = channel.schedule
    is_day_off = days_off(schedule)
    for milestone in lifecycle.milestones(version):
        on_its_day = {day: rung for rung, day in reminders.rungs(milestone.day, schedule.ladder, is_day_off)}
        for rung in schedule.ladder:
            day = reminders.sending_day(milestone.day, rung, is_day_off)
            at = send_time.comes_at(reminders.due_instant(day, schedule.hour, schedule.zone), rung, channel)
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
            why = _why_not(reminder, on_its_day[day], decided, day)
            marks = (milestone.by_hand, milestone.unverified)
            yield answers.PreviewLine(version.name, milestone.milestone, milestone.day, rung, at, why, *marks)


def _why_not(reminder: Reminder, standing: int, decided: tuple[Decision, ...], day: date) -> str:
    if standing != reminder.rung:
        what = {reminders.LAST_DAY: "last day", reminders.PASSED: "day after"}.get(standing, f"{standing} days before")
        return f"falls on the working day of the reminder for “{what}”, which comes instead"
    decision = deciding.silencing(decided, reminder, day)
    return message_lines.because_of(decision) if decision else ""


def _returning(
    channel: Channel, decided: tuple[Decision, ...], versions: Sequence[FrameworkVersion], now: datetime
) -> Iterator[answers.PreviewLine]:
    """Reminders that were snoozed come back on their day."""
    by_hand, unverified = lifecycle.by_hand(versions), lifecycle.unverified(versions)
    for decision in decided:
        if decision.decided is not Decided.SNOOZED:
            continue
        if decision.until is None or decision.milestone is None or decision.milestone_date is None:
            continue
        at = reminders.due_instant(decision.until, channel.schedule.hour, channel.schedule.zone)
        if at > now:
            rung = (decision.milestone_date - decision.until).days
            about = (decision.version, decision.milestone, decision.milestone_date)
            yield answers.PreviewLine(*about, rung, at, by_hand=about in by_hand, unverified=about in unverified)
