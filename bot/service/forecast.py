"""Which reminder a channel gets next: the reminders' policy asked ahead of time, with what its people decided."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.answers import NextReminder
from bot.policy import decisions as deciding
from bot.policy import lifecycle, reminders
from bot.service import restraint
from bot.service.place import days_off
from storage.facts import Channel, Decided, Decision, FrameworkVersion, Kind, Reminder


def of_version(
    now: datetime, version: FrameworkVersion, channel: Channel, decided: Sequence[Decision] = ()
) -> tuple[NextReminder, ...]:
    """The next reminder for each milestone of the version that is still to be announced, soonest first."""
    each = (_ahead(now, version, milestone, channel, decided) for milestone in lifecycle.milestones(version))
    nearest = (min(found, key=lambda reminder: reminder.at, default=None) for found in map(list, each))
    return tuple(sorted((found for found in nearest if found), key=lambda reminder: reminder.at))


def first(
    now: datetime, versions: Iterable[FrameworkVersion], channel: Channel, decided: Sequence[Decision] = ()
) -> NextReminder | None:
    """The very next reminder for any of the versions."""
    return next(iter(all_of(now, versions, channel, decided)), None)


def all_of(
    now: datetime, versions: Iterable[FrameworkVersion], channel: Channel, decided: Sequence[Decision] = ()
) -> tuple[NextReminder, ...]:
    """The next reminder for every milestone of the versions, soonest first."""
    each = (reminder for version in versions for reminder in of_version(now, version, channel, decided))
    return tuple(sorted(each, key=lambda reminder: (reminder.at, reminder.version)))


def _ahead(
    now: datetime,
    version: FrameworkVersion,
    milestone: lifecycle.MilestoneDate,
    channel: Channel,
    decided: Sequence[Decision],
) -> Iterator[NextReminder]:
    """What is ahead for one date: the next rung that nobody silenced, and the return of a snooze."""
    schedule = channel.schedule
    for rung in reminders.schedule_rungs(milestone.day, schedule, days_off(schedule)):
        reminder = _reminder(version, milestone, channel, rung.rung)
        if rung.due_at > now and deciding.silencing(decided, reminder, rung.sending_day) is None:
            at = restraint.comes_at(rung.due_at, rung.rung, channel)
            yield NextReminder(version.name, milestone.milestone, milestone.day, rung.rung, at, milestone.by_hand)
            break
    for decision in decided:
        about = (decision.product, decision.version, decision.milestone, decision.milestone_date)
        if decision.decided is not Decided.SNOOZED or decision.until is None:
            continue
        if about != (version.product, version.name, milestone.milestone, milestone.day):
            continue
        at = reminders.due_instant(decision.until, schedule.hour, schedule.zone)
        left = (milestone.day - decision.until).days
        back = _reminder(version, milestone, channel, left, Kind.SNOOZED)
        if at > now and deciding.silencing(decided, back, decision.until) is None:
            yield NextReminder(version.name, milestone.milestone, milestone.day, left, at, milestone.by_hand)


def _reminder(
    version: FrameworkVersion,
    milestone: lifecycle.MilestoneDate,
    channel: Channel,
    rung: int,
    kind: Kind = Kind.REMINDER,
) -> Reminder:
    return Reminder(
        channel.workspace_id,
        channel.channel_id,
        version.product,
        version.name,
        milestone.milestone,
        milestone.day,
        rung,
        kind,
    )
