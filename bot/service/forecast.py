"""Which reminder a channel gets next: the reminders' policy asked ahead of time."""

from collections.abc import Iterable
from datetime import datetime

from bot.answers import NextReminder
from bot.policy import lifecycle, reminders
from bot.service import restraint
from bot.service.place import days_off
from storage.facts import Channel, FrameworkVersion


def of_version(now: datetime, version: FrameworkVersion, channel: Channel) -> tuple[NextReminder, ...]:
    """The next reminder for each milestone of the version that is still to be announced, soonest first."""
    found = []
    for milestone in lifecycle.milestones(version):
        rung = reminders.upcoming(now, milestone.day, channel.schedule, days_off(channel.schedule))
        if rung is not None:
            at = restraint.comes_at(rung.due_at, rung.rung, channel)
            found.append(NextReminder(version.name, milestone.milestone, milestone.day, rung.rung, at))
    return tuple(sorted(found, key=lambda reminder: reminder.at))


def first(now: datetime, versions: Iterable[FrameworkVersion], channel: Channel) -> NextReminder | None:
    """The very next reminder for any of the versions."""
    return next(iter(all_of(now, versions, channel)), None)


def all_of(now: datetime, versions: Iterable[FrameworkVersion], channel: Channel) -> tuple[NextReminder, ...]:
    """The next reminder for every milestone of the versions, soonest first."""
    each = (reminder for version in versions for reminder in of_version(now, version, channel))
    return tuple(sorted(each, key=lambda reminder: (reminder.at, reminder.version)))
