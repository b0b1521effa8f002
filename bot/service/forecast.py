"""Which reminder a channel gets next: the reminders' policy asked ahead of time."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from bot.answers import NextReminder
from bot.policy import lifecycle, reminders
from bot.service import restraint
from bot.service.known import Known
from bot.service.place import days_off
from storage.facts import Channel, FrameworkVersion, Schedule


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


class Ahead:
    """The next reminder for each target of a subscription."""

    def __init__(self, known: Known, versions: Mapping[str, NextReminder]) -> None:
        self._known = known
        self._versions = versions
        self._targets: dict[str, NextReminder | None] = {}

    def of(self, target: str) -> NextReminder | None:
        """The soonest for any version the target covers; None where none is ahead."""
        try:
            return self._targets[target]
        except KeyError:
            covered = self._known.covered(target)
            coming = [self._versions[version.name] for version in covered if version.name in self._versions]
            found = min(coming, key=lambda reminder: (reminder.at, reminder.version), default=None)
            if covered:  # so that only what the catalogue names is kept
                self._targets[target] = found
            return found


def ahead(now: datetime, known: Known, channel: Channel) -> Ahead:
    """What comes next in the channel; shared by channels of one kind, until the next moment anything is due."""
    like = Channel("", "", channel.schedule, quiet=channel.quiet, weekly=channel.weekly)
    return _ahead(known, like, bisect_right(_instants(known, channel.schedule), now))


@lru_cache(maxsize=16)
def _ahead(known: Known, like: Channel, come: int) -> Ahead:
    """The same after so many of the schedule's instants have come."""
    last = _instants(known, like.schedule)[come - 1] if come else datetime.min.replace(tzinfo=UTC)
    found = {version.name: of_version(last, version, like) for version in known.versions}
    return Ahead(known, {name: coming[0] for name, coming in found.items() if coming})


@lru_cache(maxsize=16)
def _instants(known: Known, schedule: Schedule) -> tuple[datetime, ...]:
    """Every moment in which something of the catalogue is due on the schedule, in order."""
    is_day_off = days_off(schedule)
    days = {milestone.day for version in known.versions for milestone in lifecycle.milestones(version)}
    return tuple(sorted({rung.due_at for day in days for rung in reminders.schedule_rungs(day, schedule, is_day_off)}))
