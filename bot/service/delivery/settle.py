"""What an outcome of a post means for the reminders it carried, for their channel, and for its workspace."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace
from sqlmodel import Session

from bot.policy.post_outcomes import Accepted, Ambiguous, Outcome, Refused, Remedy
from bot.service.delivery import notices
from bot.service.delivery.circuit_breaker import Breaker
from bot.service.operator import notices as bugs
from bot.service.operator.channel import Operator
from bot.service.reminders.planning import PATIENCE
from bot.service.workspaces import channel_health
from storage import channels, outbox, workspaces
from storage.database import Database
from storage.facts import REDRAWN, Kind, OutboxEntry, OutboxState, Reminder

ATTEMPTS = 12
"""Refusals that nobody understands, before a reminder is dead. An outage alone never makes it so."""

LOOK_AGAIN = timedelta(seconds=60)
"""After an ambiguous post, before Slack is asked whether it has the message: it may show it late."""

BREAK = timedelta(minutes=15)
"""How long everything waits when the same trouble comes from many workspaces."""

LIMITED_AGAIN = timedelta(seconds=60)
"""A second complaint within this time makes the whole workspace wait."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
JITTER = 0.2
"""Share of a wait that is left to chance, so that many do not come back at once."""

NAMED_WAIT = (timedelta(seconds=1), timedelta(days=1))
"""Between these a wait that Slack names is obeyed to the second."""

logger = logging.getLogger(__name__)


class Settling:
    """Settles reminders by the outcome of their post; refused ones come back, none is lost."""

    def __init__(self, chance: Random, breaker: Breaker | None = None, operator: Operator | None = None) -> None:
        self._chance = chance
        self._breaker = breaker or Breaker()
        self._operator = operator or Operator()

    def settle(
        self, session: Session, entries: Sequence[OutboxEntry], outcome: Outcome, now: datetime
    ) -> list[OutboxState | None]:
        """The state each entry of a message is in afterwards; None where it was no longer ours to settle."""
        match outcome:
            case Accepted(message_ts=ts, flaw=flaw):
                if flaw:
                    bugs.sent_plainly(session, self._operator, entries, flaw, now)
                channels.reached(session, entries[0].reminder.workspace_id, entries[0].reminder.channel_id)
                return [self._accepted(session, entry, ts, now) for entry in entries]
            case Ambiguous(error=error):
                return [self._ambiguous(session, entry, error, now) for entry in entries]
            case Refused():
                return self._refused(session, entries, outcome, now)

    def settle_alone(
        self,
        database: Database,
        entries: Sequence[OutboxEntry],
        outcome: Outcome,
        now: datetime,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> list[OutboxState | None]:
        """The same in a transaction of its own; what is usual, one reminder that was posted, in one statement."""
        if isinstance(outcome, Accepted) and not outcome.flaw and len(entries) == 1:
            checkpoint("settling")
            if outbox.sent(database, entries[0], outcome.message_ts, now, wait=PATIENCE):
                return [OutboxState.SENT]

        def work(session: Session) -> list[OutboxState | None]:
            states = self.settle(session, entries, outcome, now)
            checkpoint("settling")
            return states

        return database.run(work, wait=PATIENCE)

    def _accepted(self, session: Session, entry: OutboxEntry, ts: str, now: datetime) -> OutboxState | None:
        if outbox.settle(session, entry, state=OutboxState.SENT, now=now, message_ts=ts):
            return OutboxState.SENT
        if entry.reminder.kind in REDRAWN:  # put anew meanwhile, or taken by another: nothing stands there twice
            return None
        logger.warning("reminder %s was accepted as %s after its lease had run out", entry.entry_id, ts)
        outbox.note_possible_repeat(session, entry, "accepted after its lease had run out", now)
        return None

    def _ambiguous(self, session: Session, entry: OutboxEntry, error: str, now: datetime) -> OutboxState | None:
        idempotent = entry.reminder.kind in REDRAWN
        state = OutboxState.PENDING if idempotent else OutboxState.AMBIGUOUS
        unseen = replace(entry, looks=0)  # this post was never looked for, whatever became of earlier ones
        return _again(session, unseen, state, error, now, max(LOOK_AGAIN, self._wait(entry.attempt, None)))

    def _refused(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        match refused.remedy:
            case Remedy.OUR_BUG:
                logger.error("Slack refuses a reminder as wrong (%s); it is kept as dead", refused.error)
                return self._given_up(session, entries, refused.error, now)
            case Remedy.GONE:
                return [_ended(session, entry, OutboxState.SUPERSEDED, refused.error, now) for entry in entries]
            case Remedy.PAUSE_CHANNEL:
                return self._paused(session, entries, refused, now)
            case Remedy.SUSPEND_WORKSPACE:
                return self._suspended(session, entries, refused, now)
            case Remedy.RETRY | Remedy.UNKNOWN:
                return self._retried(session, entries, refused, now)

    def _paused(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        """Held until the channel can be reached; the operator's is asked again every hour where it watches nothing."""
        where = entries[0].reminder
        if where.kind in notices.TO_PEOPLE:
            return [_ended(session, entry, OutboxState.DEAD, refused.error, now) for entry in entries]
        if where.kind is Kind.OPERATOR and not _is_stored(session, where):
            return [_again(session, e, _still(e), refused.error, now, channel_health.LOOK_AGAIN) for e in entries]
        channel_health.paused(session, where.workspace_id, where.channel_id, refused, now)
        return [_ended(session, entry, OutboxState.HELD, refused.error, now) for entry in entries]

    def _given_up(
        self, session: Session, entries: Sequence[OutboxEntry], error: str, now: datetime
    ) -> list[OutboxState | None]:
        bugs.given_up(session, self._operator, entries, error, now)
        return [_ended(session, entry, OutboxState.DEAD, error, now) for entry in entries]

    def _suspended(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        """Many workspaces that refuse us at once have no trouble of their own: then we have."""
        workspace_id = entries[0].reminder.workspace_id
        if self._breaker.trips(workspace_id, refused.error, now):
            bugs.refused_by_many(session, self._operator, refused.error, now)
            return [_again(session, e, _still(e), refused.error, now, BREAK) for e in entries]
        if workspaces.suspend(session, workspace_id, now, refused.error):
            logger.error("workspace %s refuses the bot: %s; its reminders are held", workspace_id, refused.error)
        return [_ended(session, entry, OutboxState.HELD, refused.error, now) for entry in entries]

    def _retried(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        named = refused.retry_after
        wait = self._wait(max(entry.attempt for entry in entries), named)
        if named is not None:
            where = entries[0].reminder
            outbox.limited(session, where.workspace_id, where.channel_id, now, wait, LIMITED_AGAIN)
        worn_out = [e for e in entries if refused.remedy is Remedy.UNKNOWN and e.attempt >= ATTEMPTS]
        if worn_out:
            bugs.given_up(session, self._operator, worn_out, refused.error, now)
        return [
            _ended(session, entry, OutboxState.DEAD, refused.error, now)
            if entry in worn_out
            else _again(session, entry, _still(entry), refused.error, now, wait)
            for entry in entries
        ]

    def _wait(self, attempt: int, named: float | None) -> timedelta:
        """What Slack names, never less; otherwise doubling from half a minute."""
        if named is not None:
            shortest, longest = NAMED_WAIT
            return min(max(timedelta(seconds=named), shortest), longest)
        doubled: timedelta = min(FIRST_WAIT * 2 ** min(max(attempt, 1) - 1, 10), LONGEST_WAIT)
        return doubled * (1 + self._chance.uniform(-JITTER, JITTER))


def _is_stored(session: Session, where: Reminder) -> bool:
    """Whether the channel is stored: only then does it have a health, and what is held for it comes back."""
    return channels.find(session, where.workspace_id, where.channel_id) is not None


def _still(entry: OutboxEntry) -> OutboxState:
    """The state of what was refused: an earlier post of it may still turn up."""
    doubtful = entry.unsure_since is not None and entry.reminder.kind not in REDRAWN
    return OutboxState.AMBIGUOUS if doubtful else OutboxState.PENDING


def _again(
    session: Session, entry: OutboxEntry, state: OutboxState, error: str, now: datetime, wait: timedelta
) -> OutboxState | None:
    done = outbox.settle(session, entry, state=state, now=now, error=error, next_try_at=now + wait)
    return state if done else None


def _ended(session: Session, entry: OutboxEntry, state: OutboxState, error: str, now: datetime) -> OutboxState | None:
    return state if outbox.settle(session, entry, state=state, now=now, error=error) else None
