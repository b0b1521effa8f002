"""Which reminder a channel gets next: the reminders' policy asked ahead of time, with what its people decided."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from bot.answers import NextReminder
from bot.policy import decisions as deciding
from bot.policy import lifecycle, reminders
from bot.service.reminders import send_time
from bot.service.versions.snapshot import CatalogueSnapshot
from bot.service.working_days import get_day_off_check
from storage.facts import Channel, Decision, DecisionKind, FrameworkVersion, MessageKind, Reminder, Schedule


def list_for_version(
    now: datetime, version: FrameworkVersion, channel: Channel, decisions: Sequence[Decision] = ()
) -> tuple[NextReminder, ...]:
    """The next reminder for each milestone of the version that is still to be announced, soonest first."""
    each = (
        _list_upcoming(now, version, milestone, channel, decisions) for milestone in lifecycle.list_milestones(version)
    )
    nearest = (min(found, key=lambda reminder: reminder.at, default=None) for found in map(list, each))
    return tuple(sorted((found for found in nearest if found), key=lambda reminder: reminder.at))


def find_first(
    now: datetime, versions: Iterable[FrameworkVersion], channel: Channel, decisions: Sequence[Decision] = ()
) -> NextReminder | None:
    """The very next reminder for any of the versions."""
    return next(iter(list_all(now, versions, channel, decisions)), None)


def list_all(
    now: datetime, versions: Iterable[FrameworkVersion], channel: Channel, decisions: Sequence[Decision] = ()
) -> tuple[NextReminder, ...]:
    """The next reminder for every milestone of the versions, soonest first."""
    each = (reminder for version in versions for reminder in list_for_version(now, version, channel, decisions))
    return tuple(sorted(each, key=lambda reminder: (reminder.at, reminder.version)))


class Forecast:
    """The next reminder for each target of a subscription."""

    def __init__(self, snapshot: CatalogueSnapshot, by_version: Mapping[str, NextReminder | None]) -> None:
        self._snapshot = snapshot
        self._by_version = by_version
        self._by_target: dict[str, NextReminder | None] = {}

    def get(self, target: str) -> NextReminder | None:
        """The soonest for any version the target covers; None where none is ahead."""
        try:
            return self._by_target[target]
        except KeyError:
            covered = self._snapshot.list_covered(target)
            coming = [found for version in covered if (found := self._by_version[version.name]) is not None]
            soonest = min(coming, key=lambda reminder: (reminder.at, reminder.version), default=None)
            if covered:  # so that only what the catalogue names is kept
                self._by_target[target] = soonest
            return soonest

    def replace_versions(self, by_version: Mapping[str, NextReminder | None]) -> "Forecast":
        """The same, but for some versions."""
        return Forecast(self._snapshot, {**self._by_version, **by_version})


def build_forecast(
    now: datetime, snapshot: CatalogueSnapshot, channel: Channel, decisions: Sequence[Decision] = ()
) -> Forecast:
    """What comes next in the channel, target by target.

    Shared by channels of one kind until the next moment anything is due, but for what people decided about.
    """
    like = Channel("", "", channel.schedule, quiet=channel.quiet, weekly=channel.weekly)
    shared = _build_shared_forecast(snapshot, like, bisect_right(_list_due_instants(snapshot, channel.schedule), now))
    if not decisions:
        return shared
    about = [version for name in {each.version for each in decisions} for version in snapshot.list_covered(name)]
    return shared.replace_versions({version.name: find_first(now, (version,), channel, decisions) for version in about})


@lru_cache(maxsize=16)
def _build_shared_forecast(snapshot: CatalogueSnapshot, template: Channel, passed_count: int) -> Forecast:
    """The same after so many of the schedule's instants have come."""
    last = (
        _list_due_instants(snapshot, template.schedule)[passed_count - 1]
        if passed_count
        else datetime.min.replace(tzinfo=UTC)
    )
    return Forecast(snapshot, {version.name: find_first(last, (version,), template) for version in snapshot.versions})


@lru_cache(maxsize=16)
def _list_due_instants(snapshot: CatalogueSnapshot, schedule: Schedule) -> tuple[datetime, ...]:
    """Every moment in which something of the catalogue is due on the schedule, in order."""
    is_day_off = get_day_off_check(schedule)
    days = {milestone.day for version in snapshot.versions for milestone in lifecycle.list_milestones(version)}
    return tuple(sorted({rung.due_at for day in days for rung in reminders.plan_rungs(day, schedule, is_day_off)}))


def _list_upcoming(
    now: datetime,
    version: FrameworkVersion,
    milestone: lifecycle.MilestoneDate,
    channel: Channel,
    decisions: Sequence[Decision],
) -> Iterator[NextReminder]:
    """What is ahead for one date: the next rung that nobody silenced, and the return of a snooze."""
    schedule = channel.schedule
    for rung in reminders.plan_rungs(milestone.day, schedule, get_day_off_check(schedule)):
        reminder = _build_reminder(version, milestone, channel, rung.rung)
        if rung.due_at > now and deciding.find_silencing(decisions, reminder, rung.sending_day) is None:
            at = send_time.compute_send_time(rung.due_at, rung.rung, channel)
            yield _build_next(version, milestone, rung.rung, at)
            break
    for decision in decisions:
        about = (decision.product, decision.version, decision.milestone, decision.milestone_date)
        if decision.kind is not DecisionKind.SNOOZED or decision.snoozed_until is None:
            continue
        if about != (version.product, version.name, milestone.milestone, milestone.day):
            continue
        at = reminders.compute_due_at(decision.snoozed_until, schedule.hour, schedule.zone)
        left = (milestone.day - decision.snoozed_until).days
        back = _build_reminder(version, milestone, channel, left, MessageKind.SNOOZED)
        if at > now and deciding.find_silencing(decisions, back, decision.snoozed_until) is None:
            yield _build_next(version, milestone, left, at)


def _build_next(version: FrameworkVersion, milestone: lifecycle.MilestoneDate, rung: int, at: datetime) -> NextReminder:
    marks = (milestone.is_overridden, milestone.is_unverified)
    return NextReminder(version.name, milestone.milestone, milestone.day, rung, at, *marks)


def _build_reminder(
    version: FrameworkVersion,
    milestone: lifecycle.MilestoneDate,
    channel: Channel,
    rung: int,
    kind: MessageKind = MessageKind.REMINDER,
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
