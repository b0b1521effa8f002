"""Rules for people and for changing dates. Each rule changes the bot and the model alike."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)
from msgspec.structs import replace

from bot.bootstrap.use_cases import build_use_cases
from bot.service.catalogue.ingest import CatalogueIngest
from bot.service.place import Place
from bot.service.versions.snapshot import SnapshotCache
from storage import catalogue
from storage.database import Database
from storage.facts import DLVM, CatalogueEdition, DecisionKind, Milestone, PrintedDate, Schedule
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
    """Commands and decisions of people, and changes of dates in the catalogue."""

    database: Database

    def open_database(self) -> Database:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.database = self.open_database()
        catalogue_fixture.fill(self.database, BEGIN)
        with self.database.read_only() as session:
            rows = catalogue.list_all(session, DLVM)
        pytorch = [row for row in rows if row.framework == "pytorch"]
        page_dates = {(row.version, m): row.get_date(m).day for row in pytorch for m in Milestone}
        self.model = Model(BEGIN, page_dates, {place: ModelChannel(ladder=LADDERS["default"]) for place in PLACES})
        self.slack = ModelSender(self.model)
        self.driver = Driver(self.database, build_use_cases(self.database, Schedule()), self.slack)
        self.decisions = DecisionFactory(self.database, Schedule())
        self.start_processes()
        for place in PLACES:
            self.subscribe(place=place, name="pytorch")

    def start_processes(self) -> None:
        """Start the processes that deliver; called once, before the first rule."""

    @rule(place=places, name=st.sampled_from((*VERSIONS, "pytorch")))
    def subscribe(self, place: Place, name: str) -> None:
        self.driver.run(f"subscribe {name}", self.model.now, place)
        channel = self.model.channels[place]
        channel.targets.add(name)
        channel.decisions = [d for d in channel.decisions if (d.kind, d.version) != (DecisionKind.MIGRATED, name)]
        self.model.reset_expectations()

    @rule(place=places, name=st.sampled_from((*VERSIONS, "pytorch")))
    def unsubscribe(self, place: Place, name: str) -> None:
        channel = self.model.channels[place]
        ended = {target for target in channel.targets if target == name or target.startswith(f"{name}-")}
        if ended:
            self.driver.run(f"unsubscribe {name}", self.model.now, place)
            channel.targets -= ended
            self.model.reset_expectations()

    @rule(place=places, ladder=st.sampled_from(sorted(LADDERS)))
    def change_ladder(self, place: Place, ladder: str) -> None:
        self.driver.run(f"settings ladder {ladder}", self.model.now, place)
        channel = self.model.channels[place]
        channel.ladder = LADDERS[ladder]
        self.model.reset_expectations()

    @rule(place=places, hour=st.sampled_from(HOURS))
    def change_hour(self, place: Place, hour: int) -> None:
        self.driver.run(f"settings hour {hour}", self.model.now, place)
        self.model.channels[place].hour = hour
        self.model.update_expectations()

    @rule(place=places, weekly=st.booleans())
    def change_weekly(self, place: Place, weekly: bool) -> None:
        self.driver.run(f"settings weekly {'on' if weekly else 'off'}", self.model.now, place)
        self.model.channels[place].weekly = weekly

    @rule(place=places, version=st.sampled_from(VERSIONS))
    def migrate(self, place: Place, version: str) -> None:
        if self.model.channels[place].has_migrated(version):
            return
        decision = self.decisions.migrate(version, place, self.model.now)
        self.model.channels[place].decisions.append(ModelDecision(DecisionKind.MIGRATED, None, version, None, decision))
        self.model.reset_expectations()

    @rule(place=places, index=st.integers(0, 9))
    def acknowledge(self, place: Place, index: int) -> None:
        for key in self._find_open_date(place, index):
            decision = self.decisions.acknowledge(*key, place, self.model.now)
            self.model.channels[place].decisions.append(
                ModelDecision(DecisionKind.ACKNOWLEDGED, key, key[0], None, decision)
            )
        self.model.reset_expectations()

    @rule(place=places, index=st.integers(0, 9), days=st.integers(1, 40))
    def snooze(self, place: Place, index: int, days: int) -> None:
        for key in self._find_open_date(place, index):
            until = min(self.model.now.date() + timedelta(days=days), compute_sending_day(key[2], LAST_CALL))
            if until > self.model.now.date():
                decision = self.decisions.snooze(*key, place, self.model.now, until)
                assert decision.snoozed_until == until
                self.model.channels[place].decisions.append(
                    ModelDecision(DecisionKind.SNOOZED, key, key[0], until, decision)
                )
        self.model.reset_expectations()

    def _find_open_date(self, place: Place, index: int) -> list[DateKey]:
        """Return one upcoming date of the channel's subscriptions without a decision; none if there is none."""
        channel, today = self.model.channels[place], self.model.now.date()
        open_keys = [
            k for k in self.model.list_keys(channel) if k[2] >= today and not channel.is_silenced(k, 99, today)
        ]
        open_keys.sort(key=lambda key: (key[2], *key[:2]))
        return [open_keys[index % len(open_keys)]] if open_keys else []

    @precondition(lambda self: any(channel.decisions for channel in self.model.channels.values()))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from([p for p, w in self.model.channels.items() if w.decisions]))
        channel = self.model.channels[place]
        decision = data.draw(st.sampled_from(channel.decisions))
        if self.decisions.undo(decision.stored, self.model.now):
            channel.decisions.remove(decision)
            self.model.reset_expectations()

    @rule(subject=dates, days=st.one_of(st.none(), st.integers(-10, 200)))
    def move_date(self, subject: tuple[str, Milestone], days: int | None) -> None:
        version, milestone = subject
        before = self.model.dates[subject]
        after = self.model.now.date() + timedelta(days=days) if days is not None else None
        other = next(self.model.dates[version, m] for m in Milestone if m is not milestone)
        if after in {before, other}:
            return
        self._ingest({subject: after})
        self.model.dates[subject] = after
        if before is None:
            self.model.reset_expectations()
            return
        key = (version, milestone, before)
        self.model.date_changes[*key, after] += 1
        for channel in self.model.channels.values():
            channel.decisions = [d for d in channel.decisions if _outlives(d, key, after, self.model.now.date())]
        self.model.reset_expectations()

    def _ingest(self, changes: dict[tuple[str, Milestone], date | None]) -> None:
        with self.database.read_only() as session:
            rows = catalogue.list_all(session, DLVM)
            last = catalogue.find_last_reading(session, DLVM)
        assert last is not None
        for (version, milestone), day in changes.items():
            cell = {milestone.value: PrintedDate(str(day) if day else "To be determined", day)}
            rows = tuple(replace(row, **cell) if row.version == version else row for row in rows)
        reading = CatalogueEdition(DLVM, last.source_url, self.model.now.date(), self.model.now, len(rows))
        CatalogueIngest(self.database, SnapshotCache(), Schedule()).apply(rows, reading, self.model.now)


def _outlives(decision: ModelDecision, changed: DateKey, after: date | None, today: date) -> bool:
    """Return True if a decision outlives a date change; carry it over to the new date."""
    if decision.key != changed or after is None:
        return True
    if after <= changed[2] or today > changed[2]:
        return False
    decision.key = (*changed[:2], after)
    if decision.snoozed_until is not None:
        decision.snoozed_until = min(decision.snoozed_until, compute_sending_day(after, LAST_CALL))
    return True
