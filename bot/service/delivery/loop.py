"""The delivery loop: plan, claim, send, settle.

A process can die at any point. An entry whose lease has expired is claimed again as ambiguous, and settling is fenced
by owner and attempt. Slack is called through a `Sender` and a `MessageHistory`, never inside a transaction.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct
from msgspec.structs import fields, replace
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.policy.post_outcomes import HistoryFound, HistoryLookup, HistoryUnavailable, PostOutcome, Refused, Remedy
from bot.service.delivery.in_flight import InFlight, InFlightCall
from bot.service.delivery.ports import MessageHistory, Sender, Timer
from bot.service.delivery.prepare import Lookup, Post, PreparedCall, Preparer, Update, group_by_channel
from bot.service.delivery.settle import LOOKUP_DELAY, Entries, Settler, States
from bot.service.reminders.planning import LOCK_TIMEOUT, Planner
from storage import outbox
from storage.database import Database, DatabaseError
from storage.facts import OutboxEntry, OutboxState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""How long a claim lasts: several times as long as a call."""

MAX_CALL_TIME = timedelta(seconds=15)
"""The longest a call takes, preparation included. A call is not started if less of its lease is left."""

MAX_TICK_TIME = timedelta(seconds=45)
"""A tick claims nothing more after this time, so that the next tick can plan."""

SHUTDOWN_GRACE = timedelta(seconds=8)
"""How long a stopping process waits for calls in flight. Later ticks look up the messages of unfinished calls."""

MAX_IDLE_WAIT = timedelta(seconds=2)
"""A tick waits for entries whose next attempt is at most this far away, instead of leaving them to the next tick."""

POLL_INTERVAL = 1.0
"""Seconds after which a waiting tick tries to claim more, at most."""


class TickResult(Struct, frozen=True):
    """Result of a tick. Except for `messages`, it counts outbox entries; a message can carry several."""

    planned: int = 0
    sent: int = 0
    messages: int = 0
    superseded: int = 0
    waiting: int = 0
    """Not sent yet, to be retried."""
    held: int = 0
    dead: int = 0
    unfinished: int = 0
    """1 if the tick ran out of time with work left; tick again at once."""


class DeliveryLoop:
    """Plans and delivers what is due."""

    def __init__(
        self,
        database: Database,
        planner: Planner,
        preparer: Preparer,
        settler: Settler,
        slack: tuple[Sender, MessageHistory],
        *,
        owner: str,
        timer: Timer,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._planner = planner
        self._preparer = preparer
        self._settler = settler
        self._sender, self._history = slack
        self._owner = owner
        self._timer = timer
        self._checkpoint = checkpoint
        self._stop_requested = threading.Event()

    def tick(self, now: datetime) -> TickResult:
        """Plan, then deliver until nothing is due; `now` advances with the timer."""
        started = self._timer.monotonic()
        plan = self._planner.plan(now, self._checkpoint)
        results = [TickResult(planned=plan.written, superseded=plan.superseded)]
        in_flight = InFlight()
        while True:
            moment = now + timedelta(seconds=self._timer.monotonic() - started)
            can_claim = not self._stop_requested.is_set() and moment - now < MAX_TICK_TIME
            if can_claim and in_flight.free_slots:
                results.append(self._start_calls(in_flight, moment))
            if not in_flight and (pause := self._compute_pause(moment) if can_claim else None) is None:
                results.append(TickResult(unfinished=int(not can_claim and not self._stop_requested.is_set())))
                break
            self._timer.wait(in_flight.futures, POLL_INTERVAL if in_flight else pause or 0.0)
            moment = now + timedelta(seconds=self._timer.monotonic() - started)
            results += [self._finish_call(completed, moment) for completed in in_flight.pop_completed()]
            if self._stop_requested.is_set() and in_flight.get_longest_duration(moment) > SHUTDOWN_GRACE:
                break
        return _sum_results(results)

    def deliver(self, clock: Callable[[], datetime], heartbeat: Callable[[], None] = lambda: None) -> TickResult:
        """Tick until nothing is left to do now. Call `heartbeat` between two ticks."""
        results = [self.tick(clock())]
        while results[-1].unfinished and not self._stop_requested.is_set():
            heartbeat()
            results.append(self.tick(clock()))
        return replace(_sum_results(results), unfinished=results[-1].unfinished)

    def stop(self) -> None:
        """Make a running tick claim nothing more and end soon; safe to call from any thread."""
        self._stop_requested.set()

    def get_next_attempt_time(self) -> datetime | None:
        """Return when the next outbox entry is to be tried; None if there is none."""
        with self._database.read_only() as session:
            return outbox.get_next_attempt_time(session)

    def get_next_message_time(self) -> datetime | None:
        """Return when the next entry that posts a new message is to be tried; None if there is none."""
        with self._database.read_only() as session:
            return outbox.get_next_message_time(session)

    def _compute_pause(self, moment: datetime) -> float | None:
        """Return the seconds to wait for the next entry this tick can send; None if there is none."""
        if not outbox.has_due(self._database, moment + MAX_IDLE_WAIT):
            return None
        with self._database.read_only() as session:
            is_due = outbox.has_due_in_session(session, moment)
            at = outbox.get_next_free_time(session, moment) if is_due else outbox.get_next_attempt_time(session)
        if at is None or at - moment > (MAX_TICK_TIME if is_due else MAX_IDLE_WAIT):
            return None
        return min(max((at - moment).total_seconds(), 0.0), POLL_INTERVAL)

    def _start_calls(self, in_flight: InFlight, moment: datetime) -> TickResult:
        if not outbox.has_due(self._database, moment):
            return TickResult()
        claim_started = self._timer.monotonic()
        limits = in_flight.free_slots, in_flight.get_busy_workspaces()
        batch = self._database.run(
            lambda session: outbox.claim(session, moment, self._owner, moment + LEASE, *limits), wait=LOCK_TIMEOUT
        )
        self._checkpoint("claimed")
        prepared_calls = self._database.run(
            lambda session: [self._prepare_channel(session, entries, moment) for _, entries in group_by_channel(batch)],
            wait=LOCK_TIMEOUT,
        )
        for prepared in prepared_calls:
            self._checkpoint("before the call")
            spent = timedelta(seconds=self._timer.monotonic() - claim_started)
            if LEASE - spent < MAX_CALL_TIME or self._stop_requested.is_set():
                self._release(prepared, moment)
            else:
                self._start_call(in_flight, prepared, moment)
        return TickResult(superseded=sum(prepared.skipped for prepared in prepared_calls))

    def _prepare_channel(self, session: Session, entries: list[OutboxEntry], moment: datetime) -> PreparedCall:
        """Prepare the call for one channel. A channel that fails here must not stop the others."""
        try:
            with session.begin_nested():
                return self._preparer.prepare(session, entries, moment)
        except (SQLAlchemyError, DatabaseError):
            raise
        except Exception:
            logger.exception("failed to compose a message for channel %s", entries[0].reminder.channel_id)
            self._settler.settle(session, entries, Refused("could not be composed", Remedy.UNKNOWN), moment)
            return PreparedCall()

    def _release(self, prepared: PreparedCall, moment: datetime) -> None:
        entries = prepared.call.entries if prepared.call else ()
        self._database.run(lambda session: [outbox.release(session, entry, moment) for entry in entries])

    def _start_call(self, in_flight: InFlight, prepared: PreparedCall, moment: datetime) -> None:
        match prepared.call:
            case Post(message=message) as call:
                in_flight.add(call, self._sender.send(message), moment)
            case Update(message=message, message_ts=message_ts) as call:
                in_flight.add(call, self._sender.update(message, message_ts), moment)
            case Lookup(place=place, oldest=oldest) as call:
                in_flight.add(call, self._history.find(place, oldest), moment)
            case None:
                pass

    def _finish_call(self, completed: InFlightCall, moment: datetime) -> TickResult:
        self._checkpoint("answered")
        outcome: PostOutcome | HistoryLookup = completed.future.result()
        entries = completed.call.entries
        if isinstance(outcome, HistoryFound | HistoryUnavailable):
            states = self._settle_lookup(entries, outcome, moment)
        else:
            states = self._settler.settle_in_transaction(self._database, entries, outcome, moment, self._checkpoint)
        self._checkpoint("settled")
        return _count_states(states)

    def _settle_lookup(self, entries: Entries, lookup: HistoryLookup, moment: datetime) -> States:
        retry_at = moment + LOOKUP_DELAY

        def work(session: Session) -> States:
            self._checkpoint("looked")
            states: States
            if isinstance(lookup, HistoryUnavailable) and not lookup.is_permanent:
                released = [outbox.release(session, entry, retry_at) for entry in entries]
                states = [OutboxState.AMBIGUOUS if is_ours else None for is_ours in released]
            else:
                messages = lookup.messages if isinstance(lookup, HistoryFound) else {}
                reason = lookup.reason if isinstance(lookup, HistoryUnavailable) else ""
                settle = partial(self._preparer.settle_lookup, session, reason=reason, now=moment, retry_at=retry_at)
                states = [settle(entry, messages.get(entry.delivery_id, "")) for entry in entries]
            self._checkpoint("settling")
            return states

        return self._database.run(work, wait=LOCK_TIMEOUT)


def _count_states(states: States) -> TickResult:
    sent, superseded = states.count(OutboxState.SENT), states.count(OutboxState.SUPERSEDED)
    held, dead = states.count(OutboxState.HELD), states.count(OutboxState.DEAD)
    waiting = len(states) - sent - superseded - held - dead
    return TickResult(sent=sent, messages=int(sent > 0), superseded=superseded, waiting=waiting, held=held, dead=dead)


def _sum_results(results: Sequence[TickResult]) -> TickResult:
    return TickResult(
        **{field.name: sum(getattr(result, field.name) for result in results) for field in fields(TickResult)}
    )
