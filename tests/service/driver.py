"""A driver for the use cases on a real database, with a fake sender that records and can refuse."""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

from bot import answers
from bot.answers import ChannelLook
from bot.bootstrap.use_cases import UseCases, build_use_cases
from bot.commands import parser
from bot.policy.post_outcomes import (
    Accepted,
    AmbiguityPolicy,
    Ambiguous,
    HistoryFound,
    HistoryLookup,
    HistoryUnavailable,
    PostOutcome,
)
from bot.service.delivery.in_flight import AnyFuture
from bot.service.delivery.loop import DeliveryLoop
from bot.service.delivery.prepare import Preparer
from bot.service.delivery.settle import Settler
from bot.service.operator.channel import OperatorChannel
from bot.service.place import Place
from bot.service.reminders.planning import Planner
from bot.service.versions.snapshot import SnapshotCache
from storage.database import Database
from storage.facts import Schedule
from tests import catalogue_fixture

SEED_READ_AT = datetime(2026, 4, 11, tzinfo=UTC)
PLACE = Place("T1", "C1", "U1")


T = TypeVar("T")

LOST_ANSWER = "lost"
"""An outcome: Slack accepts the message, and its answer gets lost."""


@dataclass
class RecordingSender:
    """A fake sender and history. It accepts every message unless outcomes are set, and records the messages."""

    outcomes: list[PostOutcome | str] = field(default_factory=list)
    """Outcomes of the next reminder messages, in turn."""
    attempted: list[answers.ReminderMessage] = field(default_factory=list)
    accepted: list[answers.ReminderMessage] = field(default_factory=list)
    health_messages: list[answers.HealthMessage] = field(default_factory=list)
    introductions: list[answers.Introduction] = field(default_factory=list)
    personal: list[answers.Message] = field(default_factory=list)
    """Direct messages other than health messages."""
    updated: list[tuple[str, answers.ReminderMessage]] = field(default_factory=list)
    operator_messages: list[answers.OperatorMessage] = field(default_factory=list)
    """Accepted operator messages; the first one has the timestamp `9.000001`."""
    operator_updates: list[tuple[str, answers.Message]] = field(default_factory=list)
    operator_outcomes: list[PostOutcome] = field(default_factory=list)
    """Outcomes of the next operator messages, in turn."""
    workspace_outcomes: dict[str, PostOutcome] = field(default_factory=dict)
    """Outcomes of every message to a workspace."""
    on_send: Callable[[], object] | None = None
    history_error: HistoryUnavailable | None = None
    hidden_lookups: int = 0
    """The number of history lookups that find nothing."""
    lookups: int = 0
    lookup_starts: list[datetime] = field(default_factory=list)
    """The instant since which each lookup reads the history."""

    def send(self, message: answers.Message) -> "Future[PostOutcome]":
        if isinstance(message, answers.HealthMessage):
            self.health_messages.append(message)
            return _make_done(Accepted("1.0"))
        if isinstance(message, answers.Introduction):
            self.introductions.append(message)
            return _make_done(Accepted("1.0"))
        if isinstance(message, answers.OperatorMessage):
            if self.operator_outcomes:
                return _make_done(self.operator_outcomes.pop(0))
            self.operator_messages.append(message)
            return _make_done(Accepted(f"9.{len(self.operator_messages):06}"))
        if not isinstance(message, answers.ReminderMessage):
            self.personal.append(message)
            return _make_done(Accepted("1.0"))
        self.attempted.append(message)
        if self.on_send is not None:
            self.on_send()
        outcome = self.workspace_outcomes.get(message.workspace_id) or (
            self.outcomes.pop(0) if self.outcomes else Accepted(f"{len(self.attempted)}.000100")
        )
        if outcome == LOST_ANSWER or isinstance(outcome, Accepted):
            self.accepted.append(message)
        return _make_done(Ambiguous("lost") if isinstance(outcome, str) else outcome)

    def update(self, message: answers.Message, message_ts: str) -> "Future[PostOutcome]":
        if isinstance(message, answers.ReminderMessage):
            self.updated.append((message_ts, message))
        else:
            self.operator_updates.append((message_ts, message))
        return _make_done(Accepted(message_ts))

    def find(self, place: Place, oldest: datetime) -> "Future[HistoryLookup]":
        self.lookups += 1
        self.lookup_starts.append(oldest)
        if self.history_error is not None:
            return _make_done(self.history_error)
        sent: list[answers.Message] = [*self.accepted, *self.operator_messages]
        in_channel = [m for m in sent if (m.workspace_id, m.channel_id) == (place.workspace_id, place.channel_id)]
        if self.lookups <= self.hidden_lookups:
            return _make_done(HistoryFound({}))
        return _make_done(HistoryFound({m.delivery_id: f"{n}.000100" for n, m in enumerate(in_channel)}))

    def list_rungs(self) -> list[tuple[str, int]]:
        """Return the day and rung of every accepted line, in order."""
        return [(str(message.day), line.rung) for message in self.accepted for line in message.lines]


def _make_done(result: T) -> "Future[T]":
    future: Future[T] = Future()
    future.set_result(result)
    return future


@dataclass
class FakeTimer:
    """A timer that advances only when it waits without futures."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        if futures:
            wait(futures, timeout=30, return_when=FIRST_COMPLETED)
        else:
            self.seconds += seconds


@dataclass
class Driver:
    """A channel in which commands are run, and the delivery of its reminders."""

    database: Database
    use_cases: UseCases
    sender: RecordingSender
    default: Schedule = field(default_factory=Schedule)
    operator: OperatorChannel = field(default_factory=OperatorChannel)

    def run(self, text: str, now: datetime, place: Place = PLACE) -> answers.Answer:
        """Run a command as typed in a channel."""
        return self.use_cases.dispatcher.dispatch(parser.parse(text), place, now)

    def with_reach(self, reach: answers.ChannelReach) -> "Driver":
        """Return a driver on the same database for which Slack reports this reach for every channel."""
        use_cases = build_use_cases(self.database, self.default, lambda _: ChannelLook(reach))
        return Driver(self.database, use_cases, self.sender, self.default)

    def build_loop(
        self,
        owner: str = "one",
        sender: RecordingSender | None = None,
        on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND,
        timer: FakeTimer | None = None,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> DeliveryLoop:
        """Build the delivery loop of a process."""
        snapshots = SnapshotCache()
        slack = sender or self.sender
        return DeliveryLoop(
            self.database,
            Planner(self.database, snapshots),
            Preparer(snapshots, self.default, on_ambiguous, self.operator),
            Settler(Random(7), operator=self.operator),
            (slack, slack),
            owner=owner,
            timer=timer or FakeTimer(),
            checkpoint=checkpoint,
        )


def change_settings(driver: Driver, text: str, now: datetime) -> answers.ChannelSettings:
    """Run a settings command and return the settings."""
    answer = driver.run(f"settings {text}", now)
    assert isinstance(answer, answers.ChannelSettings), answer
    return answer


def open_driver(database: Database) -> Driver:
    """Fill the database with the bundled catalogue and return a driver on it."""
    catalogue_fixture.fill(database, SEED_READ_AT)
    return Driver(database, build_use_cases(database, Schedule()), RecordingSender())


def utc(text: str) -> datetime:
    """Parse an instant in UTC: `2027-01-13 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
