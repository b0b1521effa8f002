"""What a channel is to hear and must never hear, in a few dicts: the reference that delivery is held against."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from bot.answers import MovedLine, ReminderLine, ReminderMessage
from bot.service.place import Place
from storage.facts import Decided, Decision, Milestone

PASSED, LAST_CALL = -1, 1
SATURDAY = 5
HOUR = timedelta(hours=1)

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, Milestone, date]
"""A version's milestone and its date."""


@lru_cache(maxsize=100_000)
def working_day(day: date, rung: int) -> date:
    """The day a rung is sent on, where Saturday and Sunday are off."""
    found = day - timedelta(days=rung)
    while found.weekday() >= SATURDAY:
        found += timedelta(days=1 if rung == PASSED else -1)
    return found


@lru_cache(maxsize=100_000)
def moments(day: date, ladder: tuple[int, ...], hour: int) -> tuple[tuple[datetime, int], ...]:
    """When each rung before a date comes."""
    return tuple((datetime.combine(working_day(day, rung), time(hour), UTC), rung) for rung in ladder)


@dataclass
class Said:
    """A decision as the model holds it."""

    decided: Decided
    key: Key | None
    version: str
    until: date | None
    real: Decision


@dataclass
class Watcher:
    """A channel: what it wants, what it was told, and what it is owed."""

    targets: set[str] = field(default_factory=set)
    hour: int = 9
    ladder: tuple[int, ...] = ()
    weekly: bool = False
    decisions: list[Said] = field(default_factory=list)
    nearest: dict[Key, int | None] = field(default_factory=dict)
    owed: dict[Key, tuple[int, datetime]] = field(default_factory=dict)
    heard: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    once: Counter[tuple[object, ...]] = field(default_factory=Counter)
    keys_of: dict[tuple[object, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    weeks: list[date] = field(default_factory=list)

    def covers(self, version: str) -> bool:
        return bool({version, version.rpartition("-")[0], "all"} & self.targets)

    def silenced(self, key: Key, rung: int, day: date, *, back: bool = False) -> bool:
        """Whether somebody decided that this is not to be heard; `back`: a snooze ends with it."""
        for said in self.decisions:
            if said.decided is Decided.MIGRATED and said.version == key[0]:
                return True
            if said.key == key and (
                (said.decided is Decided.ACKNOWLEDGED and rung > LAST_CALL)
                or (said.decided is Decided.SNOOZED and said.until is not None and day < said.until and not back)
            ):
                return True
        return False

    def migrated(self, version: str) -> bool:
        return any(said.decided is Decided.MIGRATED and said.version == version for said in self.decisions)

    def reached(self, key: Key, now: datetime) -> int | None:
        """The nearest rung whose moment has come."""
        passed = now.date() > key[2]
        come = [r for at, r in moments(key[2], self.ladder, self.hour) if at <= now and (r == PASSED) == passed]
        return min(come, default=None)


@dataclass
class Model:
    """All channels, and the dates they watch."""

    now: datetime
    dates: dict[tuple[str, Milestone], date | None]
    watchers: dict[Place, Watcher] = field(default_factory=dict)
    moves: Counter[tuple[object, ...]] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    latest: datetime = BEGINNING
    """The farthest the clock has ever been: what is reached a second time is not owed a second time."""

    def keys(self, watcher: Watcher) -> Iterator[Key]:
        for (version, milestone), day in self.dates.items():
            if day is not None and watcher.covers(version):
                yield version, milestone, day

    def settle(self) -> None:
        """What changed just now begins here: what is behind is not made up for, what is moot is not owed."""
        for watcher in self.watchers.values():
            keys = set(self.keys(watcher))
            watcher.nearest = {key: watcher.reached(key, self.now) for key in keys}
            watcher.owed = {
                key: (rung, since)
                for key, (rung, since) in watcher.owed.items()
                if key in keys and not watcher.silenced(key, rung, self.now.date())
            }

    def look(self) -> None:
        """Owes every channel what has just been reached."""
        day, again = self.now.date(), self.now < self.latest
        self.latest = max(self.latest, self.now)
        for watcher in self.watchers.values():
            for key in self.keys(watcher):
                rung = watcher.reached(key, self.now)
                before, watcher.nearest[key] = watcher.nearest.get(key), rung
                if rung is None or rung == before or (before is not None and before < rung):
                    continue
                if not again and not watcher.silenced(key, rung, day):
                    watcher.owed[key] = (rung, self.now)
            for said in watcher.decisions:
                if said.decided is Decided.SNOOZED and said.key in watcher.nearest and said.until is not None:
                    self._come_back(watcher, said.key, said.until)

    def _come_back(self, watcher: Watcher, key: Key, until: date) -> None:
        rung = (key[2] - until).days
        if self.now == datetime.combine(until, time(watcher.hour), UTC) and not watcher.silenced(
            key, rung, until, back=True
        ):
            watcher.owed[key] = (rung, self.now)

    def walk(self, to: datetime) -> None:
        """Lets time go on, hour by hour."""
        while self.now < to:
            self.now = min(to, self.now.replace(minute=0) + HOUR)
            self.look()

    def hear(self, message: ReminderMessage, now: datetime) -> None:
        """A channel got a message: is it true, wanted, and the first of its kind?"""
        place = next(p for p in self.watchers if (p.workspace_id, p.channel_id) == _of(message))
        watcher = self.watchers[place]
        self.accepted[message.delivery_id] += 1
        for line in message.lines:
            for milestone in (line.milestone, line.also):
                if milestone is not None:
                    self._hear_line(watcher, line, (line.version, milestone, line.milestone_date), message, now)
        for moved in message.moved:
            self._hear_move(watcher, moved, message, now)
        if message.weekly is not None:
            monday = now.date() - timedelta(days=now.weekday())
            watcher.weeks.append(now.date())
            self._count(watcher, ("weekly", monday), message)
            self._demand(watcher.weekly, f"a summary for {place}, which wants none")

    def _hear_line(
        self, watcher: Watcher, line: ReminderLine, key: Key, message: ReminderMessage, now: datetime
    ) -> None:
        what = f"{key} rung {line.rung} in {message.channel_id} at {now}"
        day = now.date()
        self._demand(watcher.covers(key[0]), f"not watched: {what}")
        self._demand(self.dates[key[:2]] == key[2], f"not the date any more: {what}")
        self._demand((day > key[2]) == (line.rung == PASSED), f"untrue today: {what}")
        self._demand(not watcher.silenced(key, line.rung, day, back=line.snoozed), f"silenced: {what}")
        if not line.snoozed:
            self._demand(working_day(key[2], line.rung) <= day, f"early: {what}")
            farther = any(rung < line.rung for rung in watcher.heard[key])
            self._demand(now < self.latest or not farther, f"farther than one before it: {what}")
        watcher.heard[key].append(line.rung)
        self._count(watcher, (*key, line.rung, line.snoozed), message)

    def _hear_move(self, watcher: Watcher, moved: MovedLine, message: ReminderMessage, now: datetime) -> None:
        which = (moved.version, moved.milestone, moved.before, moved.after)
        self._demand(self.dates[which[:2]] == moved.after, f"moved again since: {which}")
        self._demand(watcher.covers(moved.version) and not watcher.migrated(moved.version), f"unwanted: {which}")
        self._count(watcher, ("moved", *which), message, self.moves[which])
        if moved.after is not None:  # it stands for the rungs behind
            key = (moved.version, moved.milestone, moved.after)
            rung = watcher.reached(key, now)
            watcher.heard[key] += [] if rung is None else [rung]

    def _count(
        self, watcher: Watcher, identity: tuple[object, ...], message: ReminderMessage, allowed: int = 1
    ) -> None:
        watcher.once[identity] += 1
        watcher.keys_of[identity].add(message.delivery_id)
        self._demand(len(watcher.keys_of[identity]) <= allowed, f"in two messages: {identity}")

    def _demand(self, so: object, why: str) -> None:
        if not so:
            self.wrong.append(why)

    def unheard(self, before: datetime) -> list[str]:
        """What channels were owed before a moment and never heard."""
        return [
            f"{place}: {key} rung {rung}, owed since {since}, heard {watcher.heard[key]}"
            for place, watcher in self.watchers.items()
            for key, (rung, since) in watcher.owed.items()
            if since <= before and not any(said <= rung for said in watcher.heard[key])
        ]


def _of(message: ReminderMessage) -> tuple[str, str]:
    return message.workspace_id, message.channel_id
