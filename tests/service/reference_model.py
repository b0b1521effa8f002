"""What a channel is to hear and must never hear, in a few dicts: the reference that delivery is held against."""

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
"""A version's milestone and its date."""


@lru_cache(maxsize=100_000)
def compute_sending_day(day: date, rung: int) -> date:
    """The day a rung is sent on, where Saturday and Sunday are off."""
    found = day - timedelta(days=rung)
    while found.weekday() >= SATURDAY:
        found += timedelta(days=1 if rung == PASSED else -1)
    return found


@lru_cache(maxsize=100_000)
def list_due_times(day: date, ladder: tuple[int, ...], hour: int) -> tuple[tuple[datetime, int], ...]:
    """When each rung before a date comes."""
    return tuple((datetime.combine(compute_sending_day(day, rung), time(hour), UTC), rung) for rung in ladder)


@dataclass
class ModelDecision:
    """A decision as the model holds it."""

    kind: DecisionKind
    key: DateKey | None
    version: str
    snoozed_until: date | None
    stored: Decision


@dataclass
class ModelChannel:
    """A channel: what it wants, what it was told, and what it is owed."""

    targets: set[str] = field(default_factory=set)
    hour: int = 9
    ladder: tuple[int, ...] = ()
    weekly: bool = False
    decisions: list[ModelDecision] = field(default_factory=list)
    nearest_rungs: dict[DateKey, int | None] = field(default_factory=dict)
    owed: dict[DateKey, tuple[int, datetime]] = field(default_factory=dict)
    received: dict[DateKey, list[int]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[tuple[object, ...]] = field(default_factory=Counter)
    delivery_ids: dict[tuple[object, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    summary_days: list[date] = field(default_factory=list)

    def covers(self, version: str) -> bool:
        return bool({version, version.rpartition("-")[0], "all"} & self.targets)

    def is_silenced(self, key: DateKey, rung: int, day: date, *, snooze_over: bool = False) -> bool:
        """Whether somebody decided that this is not to be heard; `back`: a snooze ends with it."""
        for said in self.decisions:
            if said.kind is DecisionKind.MIGRATED and said.version == key[0]:
                return True
            if said.key == key and (
                (said.kind is DecisionKind.ACKNOWLEDGED and rung > LAST_CALL)
                or (
                    said.kind is DecisionKind.SNOOZED
                    and said.snoozed_until is not None
                    and day < said.snoozed_until
                    and not snooze_over
                )
            ):
                return True
        return False

    def has_migrated(self, version: str) -> bool:
        return any(said.kind is DecisionKind.MIGRATED and said.version == version for said in self.decisions)

    def find_reached_rung(self, key: DateKey, now: datetime) -> int | None:
        """The nearest rung whose moment has come."""
        passed = now.date() > key[2]
        come = [r for at, r in list_due_times(key[2], self.ladder, self.hour) if at <= now and (r == PASSED) == passed]
        return min(come, default=None)


@dataclass
class Model:
    """All channels, and the dates they watch."""

    now: datetime
    dates: dict[tuple[str, Milestone], date | None]
    channels: dict[Place, ModelChannel] = field(default_factory=dict)
    date_changes: Counter[tuple[object, ...]] = field(default_factory=Counter)
    accepted_counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    latest_now: datetime = EPOCH
    """The farthest the clock has ever been: what is reached a second time is not owed a second time."""

    def list_keys(self, watcher: ModelChannel) -> Iterator[DateKey]:
        for (version, milestone), day in self.dates.items():
            if day is not None and watcher.covers(version):
                yield version, milestone, day

    def reset_expectations(self) -> None:
        """What changed just now begins here: what is behind is not made up for, what is moot is not owed."""
        for watcher in self.channels.values():
            keys = set(self.list_keys(watcher))
            watcher.nearest_rungs = {key: watcher.find_reached_rung(key, self.now) for key in keys}
            watcher.owed = {
                key: (rung, since)
                for key, (rung, since) in watcher.owed.items()
                if key in keys and not watcher.is_silenced(key, rung, self.now.date())
            }

    def update_expectations(self) -> None:
        """Owes every channel what has just been reached."""
        day, again = self.now.date(), self.now < self.latest_now
        self.latest_now = max(self.latest_now, self.now)
        for watcher in self.channels.values():
            for key in self.list_keys(watcher):
                rung = watcher.find_reached_rung(key, self.now)
                before, watcher.nearest_rungs[key] = watcher.nearest_rungs.get(key), rung
                if rung is None or rung == before or (before is not None and before < rung):
                    continue
                if not again and not watcher.is_silenced(key, rung, day):
                    watcher.owed[key] = (rung, self.now)
            for said in watcher.decisions:
                if (
                    said.kind is DecisionKind.SNOOZED
                    and said.key in watcher.nearest_rungs
                    and said.snoozed_until is not None
                ):
                    self._expect_snooze_end(watcher, said.key, said.snoozed_until)

    def _expect_snooze_end(self, watcher: ModelChannel, key: DateKey, until: date) -> None:
        rung = (key[2] - until).days
        if self.now == datetime.combine(until, time(watcher.hour), UTC) and not watcher.is_silenced(
            key, rung, until, snooze_over=True
        ):
            watcher.owed[key] = (rung, self.now)

    def advance_to(self, to: datetime) -> None:
        """Lets time go on, hour by hour."""
        while self.now < to:
            self.now = min(to, self.now.replace(minute=0) + HOUR)
            self.update_expectations()

    def record_message(self, message: ReminderMessage, now: datetime) -> None:
        """A channel got a message: is it true, wanted, and the first of its kind?"""
        place = next(p for p in self.channels if (p.workspace_id, p.channel_id) == _get_channel_key(message))
        watcher = self.channels[place]
        self.accepted_counts[message.delivery_id] += 1
        for line in message.lines:
            for milestone in (line.milestone, line.second_milestone):
                if milestone is not None:
                    self._check_line(watcher, line, (line.version, milestone, line.milestone_date), message, now)
        for moved in message.date_changes:
            self._check_date_change(watcher, moved, message, now)
        if message.weekly is not None:
            monday = now.date() - timedelta(days=now.weekday())
            watcher.summary_days.append(now.date())
            self._count_delivery(watcher, ("weekly", monday), message)
            self._require(watcher.weekly, f"a summary for {place}, which wants none")

    def _check_line(
        self, watcher: ModelChannel, line: ReminderLine, key: DateKey, message: ReminderMessage, now: datetime
    ) -> None:
        what = f"{key} rung {line.rung} in {message.channel_id} at {now}"
        day = now.date()
        self._require(watcher.covers(key[0]), f"not watched: {what}")
        self._require(self.dates[key[:2]] == key[2], f"not the date any more: {what}")
        self._require((day > key[2]) == (line.rung == PASSED), f"untrue today: {what}")
        self._require(
            not watcher.is_silenced(key, line.rung, day, snooze_over=line.is_snooze_over), f"silenced: {what}"
        )
        if not line.is_snooze_over:
            self._require(compute_sending_day(key[2], line.rung) <= day, f"early: {what}")
            farther = any(rung < line.rung for rung in watcher.received[key])
            self._require(now < self.latest_now or not farther, f"farther than one before it: {what}")
        watcher.received[key].append(line.rung)
        self._count_delivery(watcher, (*key, line.rung, line.is_snooze_over), message)

    def _check_date_change(
        self, watcher: ModelChannel, moved: DateChangeLine, message: ReminderMessage, now: datetime
    ) -> None:
        which = (moved.version, moved.milestone, moved.before, moved.after)
        self._require(self.dates[which[:2]] == moved.after, f"moved again since: {which}")
        self._require(watcher.covers(moved.version) and not watcher.has_migrated(moved.version), f"unwanted: {which}")
        self._count_delivery(watcher, ("moved", *which), message, self.date_changes[which])
        if moved.after is not None:  # it stands for the rungs behind
            key = (moved.version, moved.milestone, moved.after)
            rung = watcher.find_reached_rung(key, now)
            watcher.received[key] += [] if rung is None else [rung]

    def _count_delivery(
        self, watcher: ModelChannel, identity: tuple[object, ...], message: ReminderMessage, allowed: int = 1
    ) -> None:
        watcher.counts[identity] += 1
        watcher.delivery_ids[identity].add(message.delivery_id)
        self._require(len(watcher.delivery_ids[identity]) <= allowed, f"in two messages: {identity}")

    def _require(self, so: object, why: str) -> None:
        if not so:
            self.violations.append(why)

    def list_missing(self, before: datetime) -> list[str]:
        """What channels were owed before a moment and never heard."""
        return [
            f"{place}: {key} rung {rung}, owed since {since}, heard {watcher.received[key]}"
            for place, watcher in self.channels.items()
            for key, (rung, since) in watcher.owed.items()
            if since <= before and not any(said <= rung for said in watcher.received[key])
        ]


def _get_channel_key(message: ReminderMessage) -> tuple[str, str]:
    return message.workspace_id, message.channel_id
