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

from bot.bootstrap.core import build_dispatcher
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.place import Place
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, CatalogueReading, DecisionKind, Milestone, PrintedDate, Schedule
from tests import catalogue_fixture
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import Driver, utc
from tests.service.model_slack import ModelSender
from tests.service.reference_model import LAST_CALL, DateKey, Model, ModelChannel, ModelDecision, compute_sending_day

BEGIN = utc("2026-01-05 10:00")
PLACES = tuple(Place(team, channel, "U1") for team, channel in (("T1", "C1"), ("T1", "C2"), ("T2", "C3")))
VERSIONS = ("pytorch-2.7", "pytorch-2.4", "pytorch-2.3")
LADDERS = {"default": Schedule().ladder, "100 45 7 0 passed": (100, 45, 7, 0, -1)}
HOURS = (6, 9, 18)
places = st.sampled_from(PLACES)
dates = st.tuples(st.sampled_from(VERSIONS), st.sampled_from(Milestone))


class SubscriberMachine(RuleBasedStateMachine):
    """What people and the page of dates do; the model is told of it."""

    database: Database

    def opened(self) -> Database:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.database = self.opened()
        catalogue_fixture.fill(self.database, BEGIN)
        with self.database.read_only() as session:
            rows = catalogue.list_all(session, DLVM)
        pytorch = [row for row in rows if row.framework == "pytorch"]
        printed = {(row.version, m): row.get_date(m).day for row in pytorch for m in Milestone}
        self.model = Model(BEGIN, printed, {place: ModelChannel(ladder=LADDERS["default"]) for place in PLACES})
        self.slack = ModelSender(self.model)
        conversation, _ = build_dispatcher(self.database, Schedule())
        self.desk = Driver(self.database, conversation, self.slack)
        self.decisions = DecisionFactory(self.database, Schedule())
        self.start_processes()
        for place in PLACES:
            self.subscribe(place=place, what="pytorch")

    def start_processes(self) -> None:
        """All is laid out, and nobody has done anything yet."""

    @rule(place=places, what=st.sampled_from((*VERSIONS, "pytorch")))
    def subscribe(self, place: Place, what: str) -> None:
        self.desk.run(f"subscribe {what}", self.model.now, place)
        watcher = self.model.channels[place]
        watcher.targets.add(what)
        again = (DecisionKind.MIGRATED, what)
        watcher.decisions = [said for said in watcher.decisions if (said.kind, said.version) != again]
        self.model.reset_expectations()

    @rule(place=places, what=st.sampled_from((*VERSIONS, "pytorch")))
    def unsubscribe(self, place: Place, what: str) -> None:
        watcher = self.model.channels[place]
        ended = {target for target in watcher.targets if target == what or target.startswith(f"{what}-")}
        if ended:
            self.desk.run(f"unsubscribe {what}", self.model.now, place)
            watcher.targets -= ended
            self.model.reset_expectations()

    @rule(place=places, ladder=st.sampled_from(sorted(LADDERS)))
    def change_ladder(self, place: Place, ladder: str) -> None:
        self.desk.run(f"settings ladder {ladder}", self.model.now, place)
        watcher = self.model.channels[place]
        watcher.ladder = LADDERS[ladder]
        self.model.reset_expectations()

    @rule(place=places, hour=st.sampled_from(HOURS))
    def change_hour(self, place: Place, hour: int) -> None:
        self.desk.run(f"settings hour {hour}", self.model.now, place)
        self.model.channels[place].hour = hour
        self.model.update_expectations()

    @rule(place=places, weekly=st.booleans())
    def change_weekly(self, place: Place, weekly: bool) -> None:
        self.desk.run(f"settings weekly {'on' if weekly else 'off'}", self.model.now, place)
        self.model.channels[place].weekly = weekly

    @rule(place=places, version=st.sampled_from(VERSIONS))
    def migrate(self, place: Place, version: str) -> None:
        if self.model.channels[place].has_migrated(version):
            return
        real = self.decisions.migrate(version, place, self.model.now)
        self.model.channels[place].decisions.append(ModelDecision(DecisionKind.MIGRATED, None, version, None, real))
        self.model.reset_expectations()

    @rule(place=places, which=st.integers(0, 9))
    def acknowledge(self, place: Place, which: int) -> None:
        for key in self._find_open_date(place, which):
            real = self.decisions.acknowledge(*key, place, self.model.now)
            self.model.channels[place].decisions.append(
                ModelDecision(DecisionKind.ACKNOWLEDGED, key, key[0], None, real)
            )
        self.model.reset_expectations()

    @rule(place=places, which=st.integers(0, 9), days=st.integers(1, 40))
    def snooze(self, place: Place, which: int, days: int) -> None:
        for key in self._find_open_date(place, which):
            until = min(self.model.now.date() + timedelta(days=days), compute_sending_day(key[2], LAST_CALL))
            if until > self.model.now.date():
                real = self.decisions.snooze(*key, place, self.model.now, until)
                assert real.snoozed_until == until
                self.model.channels[place].decisions.append(
                    ModelDecision(DecisionKind.SNOOZED, key, key[0], until, real)
                )
        self.model.reset_expectations()

    def _find_open_date(self, place: Place, which: int) -> list[DateKey]:
        """One of the dates ahead that the channel watches and nobody has decided about; or none."""
        watcher, today = self.model.channels[place], self.model.now.date()
        ahead = [k for k in self.model.list_keys(watcher) if k[2] >= today and not watcher.is_silenced(k, 99, today)]
        soonest = sorted(ahead, key=lambda key: (key[2], *key[:2]))
        return [soonest[which % len(soonest)]] if soonest else []

    @precondition(lambda self: any(watcher.decisions for watcher in self.model.watchers.values()))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from([p for p, w in self.model.channels.items() if w.decisions]))
        watcher = self.model.channels[place]
        said = data.draw(st.sampled_from(watcher.decisions))
        if self.decisions.undo(said.stored, self.model.now):
            watcher.decisions.remove(said)
            self.model.reset_expectations()

    @rule(date_of=dates, days=st.one_of(st.none(), st.integers(-10, 200)))
    def move_date(self, date_of: tuple[str, Milestone], days: int | None) -> None:
        version, milestone = date_of
        before = self.model.dates[date_of]
        after = self.model.now.date() + timedelta(days=days) if days is not None else None
        other = next(self.model.dates[version, m] for m in Milestone if m is not milestone)
        if after in {before, other}:
            return
        self._ingest({date_of: after})
        self.model.dates[date_of] = after
        if before is None:
            self.model.reset_expectations()
            return
        key = (version, milestone, before)
        self.model.date_changes[*key, after] += 1
        for watcher in self.model.channels.values():
            watcher.decisions = [s for s in watcher.decisions if _outlives(s, key, after, self.model.now.date())]
        self.model.reset_expectations()

    def _ingest(self, moved: dict[tuple[str, Milestone], date | None]) -> None:
        with self.database.read_only() as session:
            rows = catalogue.list_all(session, DLVM)
            last = catalogue.find_last_reading(session, DLVM)
        assert last is not None
        for (version, milestone), day in moved.items():
            cell = {milestone.value: PrintedDate(str(day) if day else "To be determined", day)}
            rows = tuple(replace(row, **cell) if row.version == version else row for row in rows)
        reading = CatalogueReading(DLVM, last.source_url, self.model.now.date(), self.model.now, len(rows))
        CatalogueIngest(self.database, SnapshotCache(), Schedule()).apply(rows, reading, self.model.now)


def _outlives(said: ModelDecision, moved: tuple[str, Milestone, date], after: date | None, today: date) -> bool:
    """Whether a decision outlives a move, taken along where it does."""
    if said.key != moved or after is None:
        return True
    if after <= moved[2] or today > moved[2]:
        return False
    said.key = (*moved[:2], after)
    said.snoozed_until = min(said.snoozed_until, compute_sending_day(after, LAST_CALL)) if said.snoozed_until else None
    return True
