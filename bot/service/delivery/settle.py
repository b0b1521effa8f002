"""Settling of outbox entries by the outcome of their post, with the consequences for channel and workspace."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace
from sqlmodel import Session

from bot.policy.post_outcomes import Accepted, Ambiguous, PostOutcome, Refused, Remedy
from bot.service.delivery.circuit_breaker import CircuitBreaker
from bot.service.delivery.notices import DIRECT_MESSAGE_KINDS
from bot.service.operator import notices
from bot.service.operator.channel import OperatorChannel
from bot.service.reminders.planning import LOCK_TIMEOUT
from bot.service.workspaces import channel_health
from storage import channels, outbox, workspaces
from storage.database import Database
from storage.facts import REDRAW_KINDS, MessageKind, OutboxEntry, OutboxState

MAX_ATTEMPTS = 12
"""Unknown refusals after which an entry is dead. Network errors and rate limits are retried without limit."""

LOOKUP_DELAY = timedelta(seconds=60)
"""How long to wait after an ambiguous post before the channel's history is read: Slack's history can lag behind."""

BREAKER_DELAY = timedelta(minutes=15)
"""How long entries wait while the circuit breaker is open."""

REPEATED_LIMIT_WINDOW = timedelta(seconds=60)
"""A second rate limit within this time pauses the whole workspace."""

MIN_BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(minutes=15)
JITTER = 0.2
"""Random share of a backoff, so that retries are spread out."""

RETRY_AFTER_RANGE = (timedelta(seconds=1), timedelta(days=1))
"""The shortest and the longest wait that Slack's Retry-After can set."""

Entries = Sequence[OutboxEntry]

States = list[OutboxState | None]
"""The new states of entries; None for one that another process has taken over."""

logger = logging.getLogger(__name__)


class Settler:
    """Settles entries by the outcome of their post. Refused entries are retried, held or reported, never lost."""

    def __init__(
        self, random: Random, breaker: CircuitBreaker | None = None, operator: OperatorChannel | None = None
    ) -> None:
        self._random = random
        self._breaker = breaker or CircuitBreaker()
        self._operator = operator or OperatorChannel()

    def settle(self, session: Session, entries: Entries, outcome: PostOutcome, now: datetime) -> States:
        """Settle the entries of a message. Return their new states."""
        match outcome:
            case Accepted(message_ts=ts, flaw=flaw):
                if flaw:
                    notices.report_plain_fallback(session, self._operator, entries, flaw, now)
                channels.mark_reachable(session, entries[0].reminder.workspace_id, entries[0].reminder.channel_id)
                return [self._settle_accepted(session, entry, ts, now) for entry in entries]
            case Ambiguous(error=error):
                return [self._settle_ambiguous(session, entry, error, now) for entry in entries]
            case Refused():
                return self._settle_refused(session, entries, outcome, now)

    def settle_in_transaction(
        self,
        database: Database,
        entries: Entries,
        outcome: PostOutcome,
        now: datetime,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> States:
        """Settle the entries of a message in a new transaction; a single accepted entry in one statement."""
        if isinstance(outcome, Accepted) and not outcome.flaw and len(entries) == 1:
            checkpoint("settling")
            if outbox.settle_sent(database, entries[0], outcome.message_ts, now, wait=LOCK_TIMEOUT):
                return [OutboxState.SENT]

        def work(session: Session) -> States:
            states = self.settle(session, entries, outcome, now)
            checkpoint("settling")
            return states

        return database.run(work, wait=LOCK_TIMEOUT)

    def _settle_accepted(self, session: Session, entry: OutboxEntry, ts: str, now: datetime) -> OutboxState | None:
        if outbox.settle(session, entry, state=OutboxState.SENT, now=now, message_ts=ts):
            return OutboxState.SENT
        if entry.reminder.kind in REDRAW_KINDS:  # an update never posts a second message
            return None
        logger.warning("reminder %s was accepted as %s after its lease expired", entry.entry_id, ts)
        outbox.add_possible_duplicate(session, entry, "accepted after its lease expired", now)
        return None

    def _settle_ambiguous(self, session: Session, entry: OutboxEntry, error: str, now: datetime) -> OutboxState | None:
        is_update = entry.reminder.kind in REDRAW_KINDS
        state = OutboxState.PENDING if is_update else OutboxState.AMBIGUOUS
        entry = replace(entry, lookups=0)  # lookups for an earlier post of the entry don't count for this one
        wait = max(LOOKUP_DELAY, self._compute_wait(entry.attempt, None))
        return _set_state(session, entry, state, error, now, wait)

    def _settle_refused(self, session: Session, entries: Entries, refused: Refused, now: datetime) -> States:
        match refused.remedy:
            case Remedy.OUR_BUG:
                logger.error("Slack rejects a reminder as invalid (%s); marked as dead", refused.error)
                notices.report_given_up(session, self._operator, entries, refused.error, now)
                return [_set_state(session, entry, OutboxState.DEAD, refused.error, now) for entry in entries]
            case Remedy.GONE:
                return [_set_state(session, entry, OutboxState.SUPERSEDED, refused.error, now) for entry in entries]
            case Remedy.PAUSE_CHANNEL:
                return self._pause_channel(session, entries, refused, now)
            case Remedy.SUSPEND_WORKSPACE:
                return self._suspend_workspace(session, entries, refused, now)
            case Remedy.RETRY | Remedy.UNKNOWN:
                return self._schedule_retry(session, entries, refused, now)

    def _pause_channel(self, session: Session, entries: Entries, refused: Refused, now: datetime) -> States:
        """Hold the entries until the channel can be reached.

        Direct messages are dead instead. An operator channel without subscriptions has no health to recover, so it is
        retried hourly.
        """
        reminder = entries[0].reminder
        if reminder.kind in DIRECT_MESSAGE_KINDS:
            return [_set_state(session, entry, OutboxState.DEAD, refused.error, now) for entry in entries]
        key = reminder.workspace_id, reminder.channel_id
        if reminder.kind is MessageKind.OPERATOR_NOTE and channels.find(session, *key) is None:
            return [_retry(session, entry, refused.error, now, channel_health.CHECK_INTERVAL) for entry in entries]
        channel_health.pause(session, *key, refused, now)
        return [_set_state(session, entry, OutboxState.HELD, refused.error, now) for entry in entries]

    def _suspend_workspace(self, session: Session, entries: Entries, refused: Refused, now: datetime) -> States:
        """Suspend the workspace and hold its entries; while the circuit breaker is open, retry them later instead."""
        workspace_id = entries[0].reminder.workspace_id
        if self._breaker.record_refusal(workspace_id, refused.error, now):
            notices.report_widespread_refusal(session, self._operator, refused.error, now)
            return [_retry(session, entry, refused.error, now, BREAKER_DELAY) for entry in entries]
        if workspaces.suspend(session, workspace_id, now, refused.error):
            logger.error("workspace %s refuses the bot: %s; its reminders are held", workspace_id, refused.error)
        return [_set_state(session, entry, OutboxState.HELD, refused.error, now) for entry in entries]

    def _schedule_retry(self, session: Session, entries: Entries, refused: Refused, now: datetime) -> States:
        wait = self._compute_wait(max(entry.attempt for entry in entries), refused.retry_after)
        if refused.retry_after is not None:
            key = entries[0].reminder.workspace_id, entries[0].reminder.channel_id
            outbox.record_rate_limit(session, *key, now, wait, REPEATED_LIMIT_WINDOW)
        exhausted = [e for e in entries if refused.remedy is Remedy.UNKNOWN and e.attempt >= MAX_ATTEMPTS]
        if exhausted:
            notices.report_given_up(session, self._operator, exhausted, refused.error, now)
        return [
            _set_state(session, entry, OutboxState.DEAD, refused.error, now)
            if entry in exhausted
            else _retry(session, entry, refused.error, now, wait)
            for entry in entries
        ]

    def _compute_wait(self, attempt: int, retry_after: float | None) -> timedelta:
        """Return Slack's Retry-After, in seconds, within its range; without one, an exponential backoff with jitter."""
        if retry_after is not None:
            shortest, longest = RETRY_AFTER_RANGE
            return min(max(timedelta(seconds=retry_after), shortest), longest)
        backoff: timedelta = min(MIN_BACKOFF * 2 ** min(max(attempt, 1) - 1, 10), MAX_BACKOFF)
        return backoff * (1 + self._random.uniform(-JITTER, JITTER))


def _retry(session: Session, entry: OutboxEntry, error: str, now: datetime, wait: timedelta) -> OutboxState | None:
    """Schedule the next attempt. An entry that was ambiguous stays so: an earlier post of it can still turn up."""
    is_ambiguous = entry.ambiguous_since is not None and entry.reminder.kind not in REDRAW_KINDS
    state = OutboxState.AMBIGUOUS if is_ambiguous else OutboxState.PENDING
    return _set_state(session, entry, state, error, now, wait)


def _set_state(
    session: Session, entry: OutboxEntry, state: OutboxState, error: str, now: datetime, wait: timedelta = timedelta()
) -> OutboxState | None:
    done = outbox.settle(session, entry, state=state, now=now, error=error, next_try_at=now + wait)
    return state if done else None
