"""The use cases on a real database, with a Slack that records and, when told to, refuses."""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

from bot import answers
from bot.answers import ChannelLook
from bot.bootstrap.core import build_dispatcher
from bot.commands import parser
from bot.commands.dispatcher import Dispatcher
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
"""A message that Slack accepts, and whose answer gets lost on the way."""


@dataclass
class RecordingSender:
    """Accepts every message, or gives the outcomes it is told, in turn; keeps all that was accepted."""

    outcomes: list[PostOutcome | str] = field(default_factory=list)
    attempted: list[answers.ReminderMessage] = field(default_factory=list)
    accepted: list[answers.ReminderMessage] = field(default_factory=list)
    health_messages: list[answers.HealthMessage] = field(default_factory=list)
    introductions: list[answers.Introduction] = field(default_factory=list)
    personal: list[answers.Message] = field(default_factory=list)
    """What is neither a reminder nor a note about health."""
    updated: list[tuple[str, answers.ReminderMessage]] = field(default_factory=list)
    operator_messages: list[answers.OperatorMessage] = field(default_factory=list)
    """What whoever runs the bot was told; the first one stands as `9.000001`."""
    operator_updates: list[tuple[str, answers.Message]] = field(default_factory=list)
    """The same, drawn anew."""
    operator_outcomes: list[PostOutcome] = field(default_factory=list)
    """What comes of posting to them, in turn, instead of being accepted."""
    workspace_outcomes: dict[str, PostOutcome] = field(default_factory=dict)
    """Workspaces that always give the same outcome."""
    on_send: Callable[[], object] | None = None
    history_error: HistoryUnavailable | None = None
    """How the history refuses to be read; None where it can be."""
    hidden_lookups: int = 0
    """How many looks the history does not show anything at."""
    lookups: int = 0
    lookup_starts: list[datetime] = field(default_factory=list)

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
        here = [m for m in sent if (m.workspace_id, m.channel_id) == (place.workspace_id, place.channel_id)]
        shown = (
            {} if self.lookups <= self.hidden_lookups else {m.delivery_id: f"{n}.000100" for n, m in enumerate(here)}
        )
        return _make_done(HistoryFound(shown))

    def list_rungs(self) -> list[tuple[str, int]]:
        """(day, rung) of every line that was accepted, in order."""
        return [(str(message.day), line.rung) for message in self.accepted for line in message.lines]


def _make_done(result: T) -> "Future[T]":
    future: Future[T] = Future()
    future.set_result(result)
    return future


@dataclass
class FakeTimer:
    """A watch that goes on only while somebody waits for nothing in particular."""

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
    """Somebody at a channel, and the clock at hand."""

    database: Database
    dispatcher: Dispatcher
    sender: RecordingSender
    default: Schedule = field(default_factory=Schedule)
    operator: OperatorChannel = field(default_factory=OperatorChannel)

    def run(self, text: str, now: datetime, place: Place = PLACE) -> answers.Answer:
        """Types a command."""
        return self.dispatcher.dispatch(parser.parse(text), place, now)

    def with_reach(self, reach: answers.ChannelReach) -> "Driver":
        """The same desk where Slack says this of every channel."""
        conversation, _ = build_dispatcher(self.database, self.default, lambda _: ChannelLook(reach))
        return Driver(self.database, conversation, self.sender, self.default)

    def build_loop(
        self,
        owner: str = "one",
        sender: RecordingSender | None = None,
        on_ambiguous: AmbiguityPolicy = AmbiguityPolicy.RESEND,
        timer: FakeTimer | None = None,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> DeliveryLoop:
        """A process that ticks."""
        known = SnapshotCache()
        slack = sender or self.sender
        return DeliveryLoop(
            self.database,
            Planner(self.database, known),
            Preparer(known, self.default, on_ambiguous, self.operator),
            Settler(Random(7), operator=self.operator),
            (slack, slack),
            owner=owner,
            timer=timer or FakeTimer(),
            checkpoint=checkpoint,
        )


def change_settings(desk: Driver, text: str, now: datetime) -> answers.ChannelSettings:
    found = desk.run(f"settings {text}", now)
    assert isinstance(found, answers.ChannelSettings), found
    return found


def open_driver(database: Database) -> Driver:
    """A channel on a database that now holds the bundled catalogue."""
    catalogue_fixture.fill(database, SEED_READ_AT)
    conversation, _ = build_dispatcher(database, Schedule())
    return Driver(database, conversation, RecordingSender())


def utc(text: str) -> datetime:
    """An instant in UTC: `2027-01-13 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
