"""The use cases on a real database, with a Slack that records and, when told to, refuses."""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

from bot import answers
from bot.bootstrap.core import talking
from bot.commands import parser
from bot.commands.dispatcher import Conversation, Seen
from bot.policy.post_outcomes import Accepted, Ambiguous, NotShown, OnAmbiguous, Outcome, Shown, Sighting
from bot.service.delivery.in_flight import AnyFuture
from bot.service.delivery.loop import Delivery
from bot.service.delivery.prepare import Preparing
from bot.service.delivery.settle import Settling
from bot.service.operator.channel import Operator
from bot.service.place import Place
from bot.service.reminders.planning import Planning
from bot.service.versions.snapshot import KnownVersions
from storage.database import Database
from storage.facts import Schedule
from tests import catalogue_fixture

SEED_READ = datetime(2026, 4, 11, tzinfo=UTC)
PLACE = Place("T1", "C1", "U1")


T = TypeVar("T")

LOST = "lost"
"""A message that Slack accepts, and whose answer gets lost on the way."""


@dataclass
class RecordingSender:
    """Accepts every message, or gives the outcomes it is told, in turn; keeps all that was accepted."""

    outcomes: list[Outcome | str] = field(default_factory=list)
    tried: list[answers.ReminderMessage] = field(default_factory=list)
    accepted: list[answers.ReminderMessage] = field(default_factory=list)
    notes: list[answers.HealthNote] = field(default_factory=list)
    introductions: list[answers.Introduction] = field(default_factory=list)
    personal: list[answers.Message] = field(default_factory=list)
    """What is neither a reminder nor a note about health."""
    corrected: list[tuple[str, answers.ReminderMessage]] = field(default_factory=list)
    told: list[answers.OperatorMessage] = field(default_factory=list)
    """What whoever runs the bot was told; the first one stands as `9.000001`."""
    retold: list[tuple[str, answers.Message]] = field(default_factory=list)
    """The same, drawn anew."""
    refusing_told: list[Outcome] = field(default_factory=list)
    """What comes of posting to them, in turn, instead of being accepted."""
    refusing: dict[str, Outcome] = field(default_factory=dict)
    """Workspaces that always give the same outcome."""
    during: Callable[[], object] | None = None
    history: NotShown | None = None
    """How the history refuses to be read; None where it can be."""
    hidden: int = 0
    """How many looks the history does not show anything at."""
    looks: int = 0
    asked_since: list[datetime] = field(default_factory=list)

    def send(self, message: answers.Message) -> "Future[Outcome]":
        if isinstance(message, answers.HealthNote):
            self.notes.append(message)
            return _done(Accepted("1.0"))
        if isinstance(message, answers.Introduction):
            self.introductions.append(message)
            return _done(Accepted("1.0"))
        if isinstance(message, answers.OperatorMessage):
            if self.refusing_told:
                return _done(self.refusing_told.pop(0))
            self.told.append(message)
            return _done(Accepted(f"9.{len(self.told):06}"))
        if not isinstance(message, answers.ReminderMessage):
            self.personal.append(message)
            return _done(Accepted("1.0"))
        self.tried.append(message)
        if self.during is not None:
            self.during()
        outcome = self.refusing.get(message.workspace_id) or (
            self.outcomes.pop(0) if self.outcomes else Accepted(f"{len(self.tried)}.000100")
        )
        if outcome == LOST or isinstance(outcome, Accepted):
            self.accepted.append(message)
        return _done(Ambiguous("lost") if isinstance(outcome, str) else outcome)

    def correct(self, message: answers.Message, message_ts: str) -> "Future[Outcome]":
        if isinstance(message, answers.ReminderMessage):
            self.corrected.append((message_ts, message))
        else:
            self.retold.append((message_ts, message))
        return _done(Accepted(message_ts))

    def find(self, place: Place, oldest: datetime) -> "Future[Sighting]":
        self.looks += 1
        self.asked_since.append(oldest)
        if self.history is not None:
            return _done(self.history)
        sent: list[answers.Message] = [*self.accepted, *self.told]
        here = [m for m in sent if (m.workspace_id, m.channel_id) == (place.workspace_id, place.channel_id)]
        shown = {} if self.looks <= self.hidden else {m.delivery_id: f"{n}.000100" for n, m in enumerate(here)}
        return _done(Shown(shown))

    def rungs(self) -> list[tuple[str, int]]:
        """(day, rung) of every line that was accepted, in order."""
        return [(str(message.day), line.rung) for message in self.accepted for line in message.lines]


def _done(result: T) -> "Future[T]":
    future: Future[T] = Future()
    future.set_result(result)
    return future


@dataclass
class MovedTime:
    """A watch that goes on only while somebody waits for nothing in particular."""

    seconds: float = 0.0

    def elapsed(self) -> float:
        return self.seconds

    def wait(self, futures: Collection[AnyFuture], seconds: float) -> None:
        if futures:
            wait(futures, timeout=30, return_when=FIRST_COMPLETED)
        else:
            self.seconds += seconds


@dataclass
class Desk:
    """Somebody at a channel, and the clock at hand."""

    database: Database
    conversation: Conversation
    sender: RecordingSender
    default: Schedule = field(default_factory=Schedule)
    operator: Operator = field(default_factory=Operator)

    def say(self, text: str, now: datetime, place: Place = PLACE) -> answers.Answer:
        """Types a command."""
        return self.conversation.answer(parser.read(text), place, now)

    def seen(self, reach: answers.Reach) -> "Desk":
        """The same desk where Slack says this of every channel."""
        conversation, _ = talking(self.database, self.default, lambda _: Seen(reach))
        return Desk(self.database, conversation, self.sender, self.default)

    def delivery(
        self,
        owner: str = "one",
        sender: RecordingSender | None = None,
        on_ambiguous: OnAmbiguous = OnAmbiguous.RESEND,
        watch: MovedTime | None = None,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> Delivery:
        """A process that ticks."""
        known = KnownVersions()
        slack = sender or self.sender
        return Delivery(
            self.database,
            Planning(self.database, known),
            Preparing(known, self.default, on_ambiguous, self.operator),
            Settling(Random(7), operator=self.operator),
            (slack, slack),
            owner=owner,
            watch=watch or MovedTime(),
            checkpoint=checkpoint,
        )


def settings(desk: Desk, text: str, now: datetime) -> answers.ChannelSettings:
    found = desk.say(f"settings {text}", now)
    assert isinstance(found, answers.ChannelSettings), found
    return found


def opened(database: Database) -> Desk:
    """A channel on a database that now holds the bundled catalogue."""
    catalogue_fixture.fill(database, SEED_READ)
    conversation, _ = talking(database, Schedule())
    return Desk(database, conversation, RecordingSender())


def at(text: str) -> datetime:
    """An instant in UTC: `2027-01-13 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
