"""What an outcome of a post means for the reminders it carried, for their channel, and for its workspace."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace
from sqlmodel import Session

from bot.policy.post_outcomes import Accepted, Ambiguous, PostOutcome, Refused, Remedy
from bot.service.delivery import notices
from bot.service.delivery.circuit_breaker import CircuitBreaker
from bot.service.operator import notices as bugs
from bot.service.operator.channel import OperatorChannel
from bot.service.reminders.planning import LOCK_TIMEOUT
from bot.service.workspaces import channel_health
from storage import channels, outbox, workspaces
from storage.database import Database
from storage.facts import REDRAW_KINDS, MessageKind, OutboxEntry, OutboxState, Reminder

MAX_ATTEMPTS = 12
"""Refusals that nobody understands, before a reminder is dead. An outage alone never makes it so."""

LOOKUP_DELAY = timedelta(seconds=60)
"""After an ambiguous post, before Slack is asked whether it has the message: it may show it late."""

BREAKER_DELAY = timedelta(minutes=15)
"""How long everything waits when the same trouble comes from many workspaces."""

REPEATED_LIMIT_WINDOW = timedelta(seconds=60)
"""A second complaint within this time makes the whole workspace wait."""

MIN_BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(minutes=15)
JITTER = 0.2
"""Share of a wait that is left to chance, so that many do not come back at once."""

RETRY_AFTER_RANGE = (timedelta(seconds=1), timedelta(days=1))
"""Between these a wait that Slack names is obeyed to the second."""

logger = logging.getLogger(__name__)


class Settler:
    """Settles reminders by the outcome of their post; refused ones come back, none is lost."""

    def __init__(
        self, random: Random, breaker: CircuitBreaker | None = None, operator: OperatorChannel | None = None
    ) -> None:
        self._random = random
        self._breaker = breaker or CircuitBreaker()
        self._operator = operator or OperatorChannel()

    def settle(
        self, session: Session, entries: Sequence[OutboxEntry], outcome: PostOutcome, now: datetime
    ) -> list[OutboxState | None]:
        """The state each entry of a message is in afterwards; None where it was no longer ours to settle."""
        match outcome:
            case Accepted(message_ts=ts, flaw=flaw):
                if flaw:
                    bugs.report_plain_fallback(session, self._operator, entries, flaw, now)
                channels.mark_reachable(session, entries[0].reminder.workspace_id, entries[0].reminder.channel_id)
                return [self._settle_accepted(session, entry, ts, now) for entry in entries]
            case Ambiguous(error=error):
                return [self._settle_ambiguous(session, entry, error, now) for entry in entries]
            case Refused():
                return self._settle_refused(session, entries, outcome, now)

    def settle_in_transaction(
        self,
        database: Database,
        entries: Sequence[OutboxEntry],
        outcome: PostOutcome,
        now: datetime,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> list[OutboxState | None]:
        """The same in a transaction of its own; what is usual, one reminder that was posted, in one statement."""
        if isinstance(outcome, Accepted) and not outcome.flaw and len(entries) == 1:
            checkpoint("settling")
            if outbox.settle_sent(database, entries[0], outcome.message_ts, now, wait=LOCK_TIMEOUT):
                return [OutboxState.SENT]

        def work(session: Session) -> list[OutboxState | None]:
            states = self.settle(session, entries, outcome, now)
            checkpoint("settling")
            return states

        return database.run(work, wait=LOCK_TIMEOUT)

    def _settle_accepted(self, session: Session, entry: OutboxEntry, ts: str, now: datetime) -> OutboxState | None:
        if outbox.settle(session, entry, state=OutboxState.SENT, now=now, message_ts=ts):
            return OutboxState.SENT
        if entry.reminder.kind in REDRAW_KINDS:  # put anew meanwhile, or taken by another: nothing stands there twice
            return None
        logger.warning("reminder %s was accepted as %s after its lease had run out", entry.entry_id, ts)
        outbox.add_possible_duplicate(session, entry, "accepted after its lease had run out", now)
        return None

    def _settle_ambiguous(self, session: Session, entry: OutboxEntry, error: str, now: datetime) -> OutboxState | None:
        idempotent = entry.reminder.kind in REDRAW_KINDS
        state = OutboxState.PENDING if idempotent else OutboxState.AMBIGUOUS
        unseen = replace(entry, lookups=0)  # this post was never looked for, whatever became of earlier ones
        return _reschedule(
            session, unseen, state, error, now, max(LOOKUP_DELAY, self._compute_wait(entry.attempt, None))
        )

    def _settle_refused(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        match refused.remedy:
            case Remedy.OUR_BUG:
                logger.error("Slack refuses a reminder as wrong (%s); it is kept as dead", refused.error)
                return self._give_up(session, entries, refused.error, now)
            case Remedy.GONE:
                return [_end(session, entry, OutboxState.SUPERSEDED, refused.error, now) for entry in entries]
            case Remedy.PAUSE_CHANNEL:
                return self._pause_channel(session, entries, refused, now)
            case Remedy.SUSPEND_WORKSPACE:
                return self._suspend_workspace(session, entries, refused, now)
            case Remedy.RETRY | Remedy.UNKNOWN:
                return self._schedule_retry(session, entries, refused, now)

    def _pause_channel(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        """Held until the channel can be reached; the operator's is asked again every hour where it watches nothing."""
        where = entries[0].reminder
        if where.kind in notices.DIRECT_MESSAGE_KINDS:
            return [_end(session, entry, OutboxState.DEAD, refused.error, now) for entry in entries]
        if where.kind is MessageKind.OPERATOR_NOTE and not _is_stored(session, where):
            return [
                _reschedule(session, e, _get_retry_state(e), refused.error, now, channel_health.CHECK_INTERVAL)
                for e in entries
            ]
        channel_health.pause(session, where.workspace_id, where.channel_id, refused, now)
        return [_end(session, entry, OutboxState.HELD, refused.error, now) for entry in entries]

    def _give_up(
        self, session: Session, entries: Sequence[OutboxEntry], error: str, now: datetime
    ) -> list[OutboxState | None]:
        bugs.report_given_up(session, self._operator, entries, error, now)
        return [_end(session, entry, OutboxState.DEAD, error, now) for entry in entries]

    def _suspend_workspace(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        """Many workspaces that refuse us at once have no trouble of their own: then we have."""
        workspace_id = entries[0].reminder.workspace_id
        if self._breaker.record_refusal(workspace_id, refused.error, now):
            bugs.report_widespread_refusal(session, self._operator, refused.error, now)
            return [_reschedule(session, e, _get_retry_state(e), refused.error, now, BREAKER_DELAY) for e in entries]
        if workspaces.suspend(session, workspace_id, now, refused.error):
            logger.error("workspace %s refuses the bot: %s; its reminders are held", workspace_id, refused.error)
        return [_end(session, entry, OutboxState.HELD, refused.error, now) for entry in entries]

    def _schedule_retry(
        self, session: Session, entries: Sequence[OutboxEntry], refused: Refused, now: datetime
    ) -> list[OutboxState | None]:
        named = refused.retry_after
        wait = self._compute_wait(max(entry.attempt for entry in entries), named)
        if named is not None:
            where = entries[0].reminder
            outbox.record_rate_limit(session, where.workspace_id, where.channel_id, now, wait, REPEATED_LIMIT_WINDOW)
        worn_out = [e for e in entries if refused.remedy is Remedy.UNKNOWN and e.attempt >= MAX_ATTEMPTS]
        if worn_out:
            bugs.report_given_up(session, self._operator, worn_out, refused.error, now)
        return [
            _end(session, entry, OutboxState.DEAD, refused.error, now)
            if entry in worn_out
            else _reschedule(session, entry, _get_retry_state(entry), refused.error, now, wait)
            for entry in entries
        ]

    def _compute_wait(self, attempt: int, retry_after: float | None) -> timedelta:
        """What Slack names, never less; otherwise doubling from half a minute."""
        if retry_after is not None:
            shortest, longest = RETRY_AFTER_RANGE
            return min(max(timedelta(seconds=retry_after), shortest), longest)
        doubled: timedelta = min(MIN_BACKOFF * 2 ** min(max(attempt, 1) - 1, 10), MAX_BACKOFF)
        return doubled * (1 + self._random.uniform(-JITTER, JITTER))


def _is_stored(session: Session, where: Reminder) -> bool:
    """Whether the channel is stored: only then does it have a health, and what is held for it comes back."""
    return channels.find(session, where.workspace_id, where.channel_id) is not None


def _get_retry_state(entry: OutboxEntry) -> OutboxState:
    """The state of what was refused: an earlier post of it may still turn up."""
    doubtful = entry.ambiguous_since is not None and entry.reminder.kind not in REDRAW_KINDS
    return OutboxState.AMBIGUOUS if doubtful else OutboxState.PENDING


def _reschedule(
    session: Session, entry: OutboxEntry, state: OutboxState, error: str, now: datetime, wait: timedelta
) -> OutboxState | None:
    done = outbox.settle(session, entry, state=state, now=now, error=error, next_try_at=now + wait)
    return state if done else None


def _end(session: Session, entry: OutboxEntry, state: OutboxState, error: str, now: datetime) -> OutboxState | None:
    return state if outbox.settle(session, entry, state=state, now=now, error=error) else None
