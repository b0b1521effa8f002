"""Which reminder a channel gets next: the reminders' policy asked ahead of time, with what its people decided."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from bot.answers import NextReminder
from bot.policy import decisions as deciding
from bot.policy import lifecycle, reminders
from bot.service.place import days_off
from bot.service.reminders import send_time
from bot.service.versions.snapshot import Known
from storage.facts import Channel, Decided, Decision, FrameworkVersion, Kind, Reminder, Schedule


def of_version(
    now: datetime, version: FrameworkVersion, channel: Channel, decided: Sequence[Decision] = ()
) -> tuple[NextReminder, ...]:
    """The next reminder for each milestone of the version that is still to be announced, soonest first."""
    each = (_coming(now, version, milestone, channel, decided) for milestone in lifecycle.milestones(version))
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


class Ahead:
    """The next reminder for each target of a subscription."""

    def __init__(self, known: Known, versions: Mapping[str, NextReminder | None]) -> None:
        self._known = known
        self._versions = versions
        self._targets: dict[str, NextReminder | None] = {}

    def of(self, target: str) -> NextReminder | None:
        """The soonest for any version the target covers; None where none is ahead."""
        try:
            return self._targets[target]
        except KeyError:
            covered = self._known.covered(target)
            coming = [found for version in covered if (found := self._versions[version.name]) is not None]
            soonest = min(coming, key=lambda reminder: (reminder.at, reminder.version), default=None)
            if covered:  # so that only what the catalogue names is kept
                self._targets[target] = soonest
            return soonest

    def but(self, versions: Mapping[str, NextReminder | None]) -> "Ahead":
        """The same, but for some versions."""
        return Ahead(self._known, {**self._versions, **versions})


def ahead(now: datetime, known: Known, channel: Channel, decided: Sequence[Decision] = ()) -> Ahead:
    """What comes next in the channel, target by target.

    Shared by channels of one kind until the next moment anything is due, but for what people decided about.
    """
    like = Channel("", "", channel.schedule, quiet=channel.quiet, weekly=channel.weekly)
    shared = _ahead(known, like, bisect_right(_instants(known, channel.schedule), now))
    if not decided:
        return shared
    about = [version for name in {each.version for each in decided} for version in known.covered(name)]
    return shared.but({version.name: first(now, (version,), channel, decided) for version in about})


@lru_cache(maxsize=16)
def _ahead(known: Known, like: Channel, come: int) -> Ahead:
    """The same after so many of the schedule's instants have come."""
    last = _instants(known, like.schedule)[come - 1] if come else datetime.min.replace(tzinfo=UTC)
    return Ahead(known, {version.name: first(last, (version,), like) for version in known.versions})


@lru_cache(maxsize=16)
def _instants(known: Known, schedule: Schedule) -> tuple[datetime, ...]:
    """Every moment in which something of the catalogue is due on the schedule, in order."""
    is_day_off = days_off(schedule)
    days = {milestone.day for version in known.versions for milestone in lifecycle.milestones(version)}
    return tuple(sorted({rung.due_at for day in days for rung in reminders.schedule_rungs(day, schedule, is_day_off)}))


def _coming(
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
            at = send_time.comes_at(rung.due_at, rung.rung, channel)
            yield _next(version, milestone, rung.rung, at)
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
            yield _next(version, milestone, left, at)


def _next(version: FrameworkVersion, milestone: lifecycle.MilestoneDate, rung: int, at: datetime) -> NextReminder:
    marks = (milestone.by_hand, milestone.unverified)
    return NextReminder(version.name, milestone.milestone, milestone.day, rung, at, *marks)


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
