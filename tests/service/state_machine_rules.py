"""What people, and the page of dates, do in a life: the rules that tell the bot and the model the same."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)
from msgspec.structs import replace

from bot.bootstrap.core import talking
from bot.service.catalogue.ingest import Refresh
from bot.service.place import Place
from bot.service.versions.snapshot import KnownVersions
from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, CatalogueReading, Decided, Milestone, PrintedDate, Schedule
from tests import catalogue_fixture
from tests.service.decision_factories import Decisions
from tests.service.driver import Desk, at
from tests.service.model_slack import Witness
from tests.service.reference_model import LAST_CALL, Key, Model, Said, Watcher, working_day

BEGIN = at("2026-01-05 10:00")
PLACES = tuple(Place(team, channel, "U1") for team, channel in (("T1", "C1"), ("T1", "C2"), ("T2", "C3")))
VERSIONS = ("pytorch-2.7", "pytorch-2.4", "pytorch-2.3")
LADDERS = {"default": Schedule().ladder, "100 45 7 0 passed": (100, 45, 7, 0, -1)}
HOURS = (6, 9, 18)
places = st.sampled_from(PLACES)
dates = st.tuples(st.sampled_from(VERSIONS), st.sampled_from(Milestone))


class People(RuleBasedStateMachine):
    """What people and the page of dates do; the model is told of it."""

    database: Database

    def opened(self) -> Database:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.database = self.opened()
        catalogue_fixture.fill(self.database, BEGIN)
        with self.database.reading() as session:
            rows = catalogue.all(session, DLVM)
        pytorch = [row for row in rows if row.framework == "pytorch"]
        printed = {(row.version, m): row.date_of(m).day for row in pytorch for m in Milestone}
        self.model = Model(BEGIN, printed, {place: Watcher(ladder=LADDERS["default"]) for place in PLACES})
        self.slack = Witness(self.model)
        conversation, _ = talking(self.database, Schedule())
        self.desk = Desk(self.database, conversation, self.slack)
        self.decisions = Decisions(self.database, Schedule())
        self.begun()
        for place in PLACES:
            self.subscribe(place=place, what="pytorch")

    def begun(self) -> None:
        """All is laid out, and nobody has done anything yet."""

    @rule(place=places, what=st.sampled_from((*VERSIONS, "pytorch")))
    def subscribe(self, place: Place, what: str) -> None:
        self.desk.say(f"subscribe {what}", self.model.now, place)
        watcher = self.model.watchers[place]
        watcher.targets.add(what)
        again = (Decided.MIGRATED, what)
        watcher.decisions = [said for said in watcher.decisions if (said.decided, said.version) != again]
        self.model.settle()

    @rule(place=places, what=st.sampled_from((*VERSIONS, "pytorch")))
    def unsubscribe(self, place: Place, what: str) -> None:
        watcher = self.model.watchers[place]
        ended = {target for target in watcher.targets if target == what or target.startswith(f"{what}-")}
        if ended:
            self.desk.say(f"unsubscribe {what}", self.model.now, place)
            watcher.targets -= ended
            self.model.settle()

    @rule(place=places, ladder=st.sampled_from(sorted(LADDERS)))
    def ladder(self, place: Place, ladder: str) -> None:
        self.desk.say(f"settings ladder {ladder}", self.model.now, place)
        watcher = self.model.watchers[place]
        watcher.ladder = LADDERS[ladder]
        self.model.settle()

    @rule(place=places, hour=st.sampled_from(HOURS))
    def hour(self, place: Place, hour: int) -> None:
        self.desk.say(f"settings hour {hour}", self.model.now, place)
        self.model.watchers[place].hour = hour
        self.model.look()

    @rule(place=places, weekly=st.booleans())
    def weekly(self, place: Place, weekly: bool) -> None:
        self.desk.say(f"settings weekly {'on' if weekly else 'off'}", self.model.now, place)
        self.model.watchers[place].weekly = weekly

    @rule(place=places, version=st.sampled_from(VERSIONS))
    def migrate(self, place: Place, version: str) -> None:
        if self.model.watchers[place].migrated(version):
            return
        real = self.decisions.migrate(version, place, self.model.now)
        self.model.watchers[place].decisions.append(Said(Decided.MIGRATED, None, version, None, real))
        self.model.settle()

    @rule(place=places, which=st.integers(0, 9))
    def acknowledge(self, place: Place, which: int) -> None:
        for key in self._open(place, which):
            real = self.decisions.acknowledge(*key, place, self.model.now)
            self.model.watchers[place].decisions.append(Said(Decided.ACKNOWLEDGED, key, key[0], None, real))
        self.model.settle()

    @rule(place=places, which=st.integers(0, 9), days=st.integers(1, 40))
    def snooze(self, place: Place, which: int, days: int) -> None:
        for key in self._open(place, which):
            until = min(self.model.now.date() + timedelta(days=days), working_day(key[2], LAST_CALL))
            if until > self.model.now.date():
                real = self.decisions.snooze(*key, place, self.model.now, until)
                assert real.until == until
                self.model.watchers[place].decisions.append(Said(Decided.SNOOZED, key, key[0], until, real))
        self.model.settle()

    def _open(self, place: Place, which: int) -> list[Key]:
        """One of the dates ahead that the channel watches and nobody has decided about; or none."""
        watcher, today = self.model.watchers[place], self.model.now.date()
        ahead = [k for k in self.model.keys(watcher) if k[2] >= today and not watcher.silenced(k, 99, today)]
        soonest = sorted(ahead, key=lambda key: (key[2], *key[:2]))
        return [soonest[which % len(soonest)]] if soonest else []

    @precondition(lambda self: any(watcher.decisions for watcher in self.model.watchers.values()))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from([p for p, w in self.model.watchers.items() if w.decisions]))
        watcher = self.model.watchers[place]
        said = data.draw(st.sampled_from(watcher.decisions))
        if self.decisions.undo(said.real, self.model.now):
            watcher.decisions.remove(said)
            self.model.settle()

    @rule(date_of=dates, days=st.one_of(st.none(), st.integers(-10, 200)))
    def move(self, date_of: tuple[str, Milestone], days: int | None) -> None:
        version, milestone = date_of
        before = self.model.dates[date_of]
        after = self.model.now.date() + timedelta(days=days) if days is not None else None
        other = next(self.model.dates[version, m] for m in Milestone if m is not milestone)
        if after in {before, other}:
            return
        self._read({date_of: after})
        self.model.dates[date_of] = after
        if before is None:
            self.model.settle()
            return
        key = (version, milestone, before)
        self.model.moves[*key, after] += 1
        for watcher in self.model.watchers.values():
            watcher.decisions = [s for s in watcher.decisions if _outlives(s, key, after, self.model.now.date())]
        self.model.settle()

    def _read(self, moved: dict[tuple[str, Milestone], date | None]) -> None:
        with self.database.reading() as session:
            rows = catalogue.all(session, DLVM)
            last = catalogue.last_reading(session, DLVM)
        assert last is not None
        for (version, milestone), day in moved.items():
            cell = {milestone.value: PrintedDate(str(day) if day else "To be determined", day)}
            rows = tuple(replace(row, **cell) if row.version == version else row for row in rows)
        reading = CatalogueReading(DLVM, last.source_url, self.model.now.date(), self.model.now, len(rows))
        Refresh(self.database, KnownVersions(), Schedule()).take(rows, reading, self.model.now)


def _outlives(said: Said, moved: tuple[str, Milestone, date], after: date | None, today: date) -> bool:
    """Whether a decision outlives a move, taken along where it does."""
    if said.key != moved or after is None:
        return True
    if after <= moved[2] or today > moved[2]:
        return False
    said.key = (*moved[:2], after)
    said.until = min(said.until, working_day(after, LAST_CALL)) if said.until else None
    return True
