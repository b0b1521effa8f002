"""The next reminders of a channel, with its schedule and its decisions."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from bot.answers import NextReminder
from bot.policy import lifecycle, reminders
from bot.policy.decisions import find_silencing
from bot.service.reminders import send_time
from bot.service.versions.snapshot import CatalogueSnapshot
from bot.service.working_days import get_day_off_check
from storage.facts import Channel, Decision, DecisionKind, FrameworkVersion, MessageKind, Reminder, Schedule


def find_first(
    now: datetime, versions: Iterable[FrameworkVersion], channel: Channel, decisions: Sequence[Decision] = ()
) -> NextReminder | None:
    """Return the next reminder for any of the versions; None if there is none."""
    return next(iter(list_all(now, versions, channel, decisions)), None)


def list_all(
    now: datetime, versions: Iterable[FrameworkVersion], channel: Channel, decisions: Sequence[Decision] = ()
) -> tuple[NextReminder, ...]:
    """Return the next reminder for each date of the versions, soonest first."""
    next_reminders = (
        min(_list_upcoming(now, version, milestone, channel, decisions), key=lambda r: r.at, default=None)
        for version in versions
        for milestone in lifecycle.list_milestones(version)
    )
    return tuple(sorted(filter(None, next_reminders), key=lambda r: (r.at, r.version)))


class Forecast:
    """The next reminder for each target that a channel can subscribe to."""

    def __init__(self, snapshot: CatalogueSnapshot, by_version: Mapping[str, NextReminder | None]) -> None:
        self._snapshot = snapshot
        self._by_version = by_version
        self._by_target: dict[str, NextReminder | None] = {}

    def get(self, target: str) -> NextReminder | None:
        """Return the next reminder for any version the target covers; None if there is none."""
        try:
            return self._by_target[target]
        except KeyError:
            covered = self._snapshot.list_covered(target)
            upcoming = [r for version in covered if (r := self._by_version[version.name]) is not None]
            soonest = min(upcoming, key=lambda r: (r.at, r.version), default=None)
            if covered:  # caching unknown targets too would let anyone grow the cache
                self._by_target[target] = soonest
            return soonest

    def replace_versions(self, by_version: Mapping[str, NextReminder | None]) -> "Forecast":
        """Return a copy with other reminders for some versions."""
        return Forecast(self._snapshot, {**self._by_version, **by_version})


def build_forecast(
    now: datetime, snapshot: CatalogueSnapshot, channel: Channel, decisions: Sequence[Decision] = ()
) -> Forecast:
    """Return the next reminder for each target.

    Channels with equal settings share a cached forecast until the next instant at which anything is due. Only versions
    with decisions are computed for the channel itself.
    """
    template = Channel("", "", channel.schedule, quiet=channel.quiet, weekly=channel.weekly)
    passed_count = bisect_right(_list_due_instants(snapshot, channel.schedule), now)
    shared = _build_shared_forecast(snapshot, template, passed_count)
    if not decisions:
        return shared
    names = {decision.version for decision in decisions}
    decided_versions = [version for name in names for version in snapshot.list_covered(name)]
    return shared.replace_versions(
        {version.name: find_first(now, (version,), channel, decisions) for version in decided_versions}
    )


@lru_cache(maxsize=16)
def _build_shared_forecast(snapshot: CatalogueSnapshot, template: Channel, passed_count: int) -> Forecast:
    """Return the forecast without decisions after that many of the schedule's due instants have passed."""
    instants = _list_due_instants(snapshot, template.schedule)
    last = instants[passed_count - 1] if passed_count else datetime.min.replace(tzinfo=UTC)
    return Forecast(snapshot, {version.name: find_first(last, (version,), template) for version in snapshot.versions})


@lru_cache(maxsize=16)
def _list_due_instants(snapshot: CatalogueSnapshot, schedule: Schedule) -> tuple[datetime, ...]:
    """Return every instant at which the schedule has a reminder of any version due, in order."""
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
    """Yield the next rung of a date that no decision silences, and the reminders that end its snoozes."""
    schedule = channel.schedule
    for rung in reminders.plan_rungs(milestone.day, schedule, get_day_off_check(schedule)):
        reminder = build_reminder(version, milestone, channel, rung.rung)
        if rung.due_at > now and find_silencing(decisions, reminder, rung.sending_day) is None:
            at = send_time.compute_send_time(rung.due_at, rung.rung, channel)
            yield _build_next(version, milestone, rung.rung, at)
            break
    for decision in decisions:
        subject = (decision.product, decision.version, decision.milestone, decision.milestone_date)
        is_about_date = subject == (version.product, version.name, milestone.milestone, milestone.day)
        if not is_about_date or decision.kind is not DecisionKind.SNOOZED or decision.snoozed_until is None:
            continue
        at = reminders.compute_due_at(decision.snoozed_until, schedule.hour, schedule.zone)
        days_left = (milestone.day - decision.snoozed_until).days
        reminder = build_reminder(version, milestone, channel, days_left, MessageKind.SNOOZED)
        if at > now and find_silencing(decisions, reminder, decision.snoozed_until) is None:
            yield _build_next(version, milestone, days_left, at)


def _build_next(version: FrameworkVersion, milestone: lifecycle.MilestoneDate, rung: int, at: datetime) -> NextReminder:
    facts = version.name, milestone.milestone, milestone.day, rung, at
    return NextReminder(*facts, is_overridden=milestone.is_overridden, is_unverified=milestone.is_unverified)


def build_reminder(
    version: FrameworkVersion,
    milestone: lifecycle.MilestoneDate,
    channel: Channel,
    rung: int,
    kind: MessageKind = MessageKind.REMINDER,
) -> Reminder:
    """Build the reminder that a channel gets for a rung of a version's date."""
    subject = version.product, version.name, milestone.milestone, milestone.day
    return Reminder(channel.workspace_id, channel.channel_id, *subject, rung, kind)
