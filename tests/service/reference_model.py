"""A reference model of delivery in a few dicts: what channels should receive, and what they must never receive."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from bot.answers import DateChangeLine, ReminderLine, ReminderMessage
from bot.service.place import Place
from storage.facts import Decision, DecisionKind, Milestone

PASSED, LAST_CALL = -1, 1
SATURDAY = 5
HOUR = timedelta(hours=1)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

DateKey = tuple[str, Milestone, date]
"""A version, its milestone and the milestone's date."""


@lru_cache(maxsize=100_000)
def compute_sending_day(day: date, rung: int) -> date:
    """Return the day a rung is sent on, with Saturday and Sunday off."""
    sending_day = day - timedelta(days=rung)
    while sending_day.weekday() >= SATURDAY:
        sending_day += timedelta(days=1 if rung == PASSED else -1)
    return sending_day


@lru_cache(maxsize=100_000)
def list_due_times(day: date, ladder: tuple[int, ...], hour: int) -> tuple[tuple[datetime, int], ...]:
    """Return each rung before a date with the instant it is due."""
    return tuple((datetime.combine(compute_sending_day(day, rung), time(hour), UTC), rung) for rung in ladder)


@dataclass
class ModelDecision:
    """A decision in the model."""

    kind: DecisionKind
    key: DateKey | None
    version: str
    snoozed_until: date | None
    stored: Decision
    """The decision as stored by the bot."""


@dataclass
class ModelChannel:
    """A channel in the model: its settings, what it has received, and what it should receive."""

    targets: set[str] = field(default_factory=set)
    hour: int = 9
    ladder: tuple[int, ...] = ()
    weekly: bool = False
    decisions: list[ModelDecision] = field(default_factory=list)
    nearest_rungs: dict[DateKey, int | None] = field(default_factory=dict)
    """The most urgent reached rung of each date, as of the last update."""
    owed: dict[DateKey, tuple[int, datetime]] = field(default_factory=dict)
    """The rung each date should be reminded with, and since when."""
    received: dict[DateKey, list[int]] = field(default_factory=lambda: defaultdict(list))
    delivery_ids: dict[tuple[object, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    summary_days: list[date] = field(default_factory=list)

    def covers(self, version: str) -> bool:
        return bool({version, version.rpartition("-")[0], "all"} & self.targets)

    def is_silenced(self, key: DateKey, rung: int, day: date, *, snooze_over: bool = False) -> bool:
        """Return True if a decision silences the rung; `snooze_over` for the reminder that ends a snooze."""
        for decision in self.decisions:
            if decision.kind is DecisionKind.MIGRATED and decision.version == key[0]:
                return True
            if decision.key == key and (
                (decision.kind is DecisionKind.ACKNOWLEDGED and rung > LAST_CALL)
                or (
                    decision.kind is DecisionKind.SNOOZED
                    and decision.snoozed_until is not None
                    and day < decision.snoozed_until
                    and not snooze_over
                )
            ):
                return True
        return False

    def has_migrated(self, version: str) -> bool:
        return any(d.kind is DecisionKind.MIGRATED and d.version == version for d in self.decisions)

    def find_reached_rung(self, key: DateKey, now: datetime) -> int | None:
        """Return the most urgent rung that is due."""
        has_passed = now.date() > key[2]
        due_times = list_due_times(key[2], self.ladder, self.hour)
        return min((r for at, r in due_times if at <= now and (r == PASSED) == has_passed), default=None)


@dataclass
class Model:
    """All channels, and the dates in the catalogue."""

    now: datetime
    dates: dict[tuple[str, Milestone], date | None]
    channels: dict[Place, ModelChannel] = field(default_factory=dict)
    date_changes: Counter[tuple[object, ...]] = field(default_factory=Counter)
    accepted_counts: Counter[str] = field(default_factory=Counter)
    """Accepted posts by delivery id."""
    violations: list[str] = field(default_factory=list)
    latest_now: datetime = EPOCH
    """The latest time of the clock: a rung that is reached again after the clock went back is not owed again."""

    def list_keys(self, channel: ModelChannel) -> Iterator[DateKey]:
        for (version, milestone), day in self.dates.items():
            if day is not None and channel.covers(version):
                yield version, milestone, day

    def reset_expectations(self) -> None:
        """Start from the current state after a change: past rungs are not owed, and outdated ones no longer."""
        for channel in self.channels.values():
            keys = set(self.list_keys(channel))
            channel.nearest_rungs = {key: channel.find_reached_rung(key, self.now) for key in keys}
            channel.owed = {
                key: (rung, since)
                for key, (rung, since) in channel.owed.items()
                if key in keys and not channel.is_silenced(key, rung, self.now.date())
            }

    def update_expectations(self) -> None:
        """Owe each channel the rungs it has reached since the last update."""
        day, is_repeat = self.now.date(), self.now < self.latest_now
        self.latest_now = max(self.latest_now, self.now)
        for channel in self.channels.values():
            for key in self.list_keys(channel):
                rung = channel.find_reached_rung(key, self.now)
                before, channel.nearest_rungs[key] = channel.nearest_rungs.get(key), rung
                if rung is None or rung == before or (before is not None and before < rung):
                    continue
                if not is_repeat and not channel.is_silenced(key, rung, day):
                    channel.owed[key] = (rung, self.now)
            for decision in channel.decisions:
                until = decision.snoozed_until
                if (
                    decision.kind is DecisionKind.SNOOZED
                    and decision.key in channel.nearest_rungs
                    and until is not None
                ):
                    self._expect_snooze_end(channel, decision.key, until)

    def _expect_snooze_end(self, channel: ModelChannel, key: DateKey, until: date) -> None:
        rung = (key[2] - until).days
        is_due = self.now == datetime.combine(until, time(channel.hour), UTC)
        if is_due and not channel.is_silenced(key, rung, until, snooze_over=True):
            channel.owed[key] = (rung, self.now)

    def advance_to(self, to: datetime) -> None:
        """Advance the clock hour by hour."""
        while self.now < to:
            self.now = min(to, self.now.replace(minute=0) + HOUR)
            self.update_expectations()

    def record_message(self, message: ReminderMessage, now: datetime) -> None:
        """Record an accepted message. Add a violation for anything untrue, unwanted or repeated in it."""
        place = next(p for p in self.channels if (p.workspace_id, p.channel_id) == _get_channel_key(message))
        channel = self.channels[place]
        self.accepted_counts[message.delivery_id] += 1
        for line in message.lines:
            for milestone in (line.milestone, line.second_milestone):
                if milestone is not None:
                    self._check_line(channel, line, (line.version, milestone, line.milestone_date), message, now)
        for date_change in message.date_changes:
            self._check_date_change(channel, date_change, message, now)
        if message.weekly is not None:
            monday = now.date() - timedelta(days=now.weekday())
            channel.summary_days.append(now.date())
            self._count_delivery(channel, ("weekly", monday), message)
            self._require(channel.weekly, f"unwanted summary for {place}")

    def _check_line(
        self, channel: ModelChannel, line: ReminderLine, key: DateKey, message: ReminderMessage, now: datetime
    ) -> None:
        subject = f"{key} rung {line.rung} in {message.channel_id} at {now}"
        day = now.date()
        self._require(channel.covers(key[0]), f"not subscribed: {subject}")
        self._require(self.dates[key[:2]] == key[2], f"outdated date: {subject}")
        self._require((day > key[2]) == (line.rung == PASSED), f"untrue today: {subject}")
        is_silenced = channel.is_silenced(key, line.rung, day, snooze_over=line.is_snooze_over)
        self._require(not is_silenced, f"silenced: {subject}")
        if not line.is_snooze_over:
            self._require(compute_sending_day(key[2], line.rung) <= day, f"early: {subject}")
            is_less_urgent = any(rung < line.rung for rung in channel.received[key])
            self._require(now < self.latest_now or not is_less_urgent, f"less urgent than an earlier one: {subject}")
        channel.received[key].append(line.rung)
        self._count_delivery(channel, (*key, line.rung, line.is_snooze_over), message)

    def _check_date_change(
        self, channel: ModelChannel, line: DateChangeLine, message: ReminderMessage, now: datetime
    ) -> None:
        change = (line.version, line.milestone, line.before, line.after)
        self._require(self.dates[change[:2]] == line.after, f"date changed again: {change}")
        is_wanted = channel.covers(line.version) and not channel.has_migrated(line.version)
        self._require(is_wanted, f"unwanted: {change}")
        self._count_delivery(channel, ("moved", *change), message, self.date_changes[change])
        if line.after is not None:  # it also counts as the reminder for the rung that the new date has reached
            key = (line.version, line.milestone, line.after)
            rung = channel.find_reached_rung(key, now)
            channel.received[key] += [] if rung is None else [rung]

    def _count_delivery(
        self, channel: ModelChannel, identity: tuple[object, ...], message: ReminderMessage, allowed: int = 1
    ) -> None:
        channel.delivery_ids[identity].add(message.delivery_id)
        self._require(len(channel.delivery_ids[identity]) <= allowed, f"in two messages: {identity}")

    def _require(self, condition: object, violation: str) -> None:
        if not condition:
            self.violations.append(violation)

    def list_missing(self, before: datetime) -> list[str]:
        """Return the reminders that channels have been owed since before an instant and have not received."""
        return [
            f"{place}: {key} rung {rung}, owed since {since}, received {channel.received[key]}"
            for place, channel in self.channels.items()
            for key, (rung, since) in channel.owed.items()
            if since <= before and not any(received <= rung for received in channel.received[key])
        ]


def _get_channel_key(message: ReminderMessage) -> tuple[str, str]:
    return message.workspace_id, message.channel_id
