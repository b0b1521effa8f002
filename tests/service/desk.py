"""The use cases on a real database, with a Slack that records and, when told to, refuses."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from bot import answers
from bot.policy.sending import Accepted, Outcome
from bot.service import seeding
from bot.service.delivery import Delivery
from bot.service.known import KnownVersions
from bot.service.place import Place
from bot.service.settling import Settling
from bot.slack import commands
from bot.slack.conversation import Conversation
from bot.wiring import talking
from storage.database import Database
from storage.facts import Schedule

SEED_READ = datetime(2026, 4, 11, tzinfo=UTC)
PLACE = Place("T1", "C1", "U1")


@dataclass
class RecordingSender:
    """Accepts every message, or gives the outcomes it is told, in turn; keeps all that was accepted."""

    outcomes: list[Outcome] = field(default_factory=list)
    tried: list[answers.ReminderMessage] = field(default_factory=list)
    accepted: list[answers.ReminderMessage] = field(default_factory=list)
    during: Callable[[], object] | None = None

    def send(self, message: answers.ReminderMessage) -> "Future[Outcome]":
        self.tried.append(message)
        if self.during is not None:
            self.during()
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted(f"{len(self.tried)}.000100")
        if isinstance(outcome, Accepted):
            self.accepted.append(message)
        future: Future[Outcome] = Future()
        future.set_result(outcome)
        return future

    def rungs(self) -> list[tuple[str, int]]:
        """(day, rung) of every line that was accepted, in order."""
        return [(str(message.day), line.rung) for message in self.accepted for line in message.lines]


@dataclass
class Desk:
    """Somebody at a channel, and the clock at hand."""

    database: Database
    conversation: Conversation
    sender: RecordingSender
    default: Schedule = field(default_factory=Schedule)

    def say(self, text: str, now: datetime, place: Place = PLACE) -> answers.Answer:
        """Types a command."""
        return self.conversation.answer(commands.read(text), place, now)

    def delivery(self, owner: str = "one", sender: RecordingSender | None = None) -> Delivery:
        """A process that ticks."""
        return Delivery(
            self.database,
            KnownVersions(),
            sender or self.sender,
            Settling(Random(7)),
            self.default,
            owner=owner,
            stopwatch=lambda: 0.0,
        )


def opened(database: Database) -> Desk:
    """A channel on a database that now holds the bundled catalogue."""
    seeding.load_bundled(database, SEED_READ)
    conversation, _ = talking(database, Schedule())
    return Desk(database, conversation, RecordingSender())


def at(text: str) -> datetime:
    """An instant in UTC: `2027-01-13 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
