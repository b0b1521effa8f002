"""The loop that brings reminders to channels: plan, claim, send, settle.

Nothing here trusts a process to live: what is claimed under a lease that ran out is claimed again, as unsure, and a
settle is fenced by owner and attempt. Slack is reached through a `Sender` and a `History`, never inside a
transaction.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec import Struct
from msgspec.structs import fields, replace
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.policy import post_outcomes
from bot.service.delivery.in_flight import InFlight, InFlightCall
from bot.service.delivery.ports import MessageHistory, Sender, Timer
from bot.service.delivery.prepare import Lookup, Post, PreparedCall, Preparer, Update
from bot.service.delivery.settle import LOOKUP_DELAY, Settler
from bot.service.reminders.planning import LOCK_TIMEOUT, Planner
from storage import outbox
from storage.database import Database, DatabaseError
from storage.facts import OutboxEntry, OutboxState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""How long a claim holds; several times what a call may take."""

MAX_CALL_TIME = timedelta(seconds=15)
"""The longest a call takes, with what comes before it: no call is begun with less of its lease left."""

MAX_TICK_TIME = timedelta(seconds=45)
"""After it nothing new is claimed: a tick always ends, and the next one plans anew."""

SHUTDOWN_GRACE = 8.0
"""Seconds for calls under way when the process is asked to end; what is not back by then is looked up later."""

MAX_IDLE_WAIT = timedelta(seconds=2)
"""What is to be tried within this time is waited for, not left to the next tick."""

POLL_INTERVAL = 1.0
"""Seconds between two looks for more to claim, at most."""


class TickResult(Struct, frozen=True):
    """What one tick did, in reminders (a message can carry several)."""

    planned: int = 0
    sent: int = 0
    messages: int = 0
    superseded: int = 0
    waiting: int = 0
    """Not sent, and to be tried again."""
    held: int = 0
    dead: int = 0
    unfinished: int = 0
    """1 where its time was over before its work was: tick again at once."""


class DeliveryLoop:
    """Plans and delivers what is due as of a moment."""

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
        """Plans, then delivers until nothing more is due; time goes on while it does."""
        started = self._timer.monotonic()
        planned = self._planner.plan(now, self._checkpoint)
        done = [TickResult(planned=planned.written, superseded=planned.superseded)]
        in_flight = InFlight()
        while True:
            moment = now + timedelta(seconds=self._timer.monotonic() - started)
            open_for_more = not self._stop_requested.is_set() and moment - now < MAX_TICK_TIME
            if open_for_more and in_flight.free_slots:
                done.append(self._start_calls(in_flight, moment))
            if not in_flight and (pause := self._compute_pause(moment) if open_for_more else None) is None:
                done.append(TickResult(unfinished=int(not open_for_more and not self._stop_requested.is_set())))
                break
            self._timer.wait(in_flight.futures, POLL_INTERVAL if in_flight else pause or 0.0)
            moment = now + timedelta(seconds=self._timer.monotonic() - started)
            done += [self._finish_call(flight, moment) for flight in in_flight.pop_completed()]
            if self._stop_requested.is_set() and in_flight.get_longest_duration(moment) > timedelta(
                seconds=SHUTDOWN_GRACE
            ):
                break
        return _sum_results(done)

    def deliver(self, clock: Callable[[], datetime], heartbeat: Callable[[], None] = lambda: None) -> TickResult:
        """Ticks again and again until nothing is left to do now; each one plans anew, and `beat` tells of it."""
        ticks = [self.tick(clock())]
        while ticks[-1].unfinished and not self._stop_requested.is_set():
            heartbeat()
            ticks.append(self.tick(clock()))
        return replace(_sum_results(ticks), unfinished=ticks[-1].unfinished)

    def stop(self) -> None:
        """Has a tick under way claim nothing more and end soon; may be called from any thread."""
        self._stop_requested.set()

    def get_next_attempt_time(self) -> datetime | None:
        """When the next reminder on its way is to be tried; None while none is."""
        with self._database.read_only() as session:
            return outbox.get_next_attempt_time(session)

    def get_next_message_time(self) -> datetime | None:
        """The same of what brings a message, not of messages that are drawn anew."""
        with self._database.read_only() as session:
            return outbox.get_next_message_time(session)

    def _compute_pause(self, moment: datetime) -> float | None:
        """How long to wait for a channel's or workspace's turn; None where nothing waits for one."""
        if not outbox.has_due(self._database, moment + MAX_IDLE_WAIT):
            return None
        with self._database.read_only() as session:
            due = outbox.has_due_in_session(session, moment)
            at = outbox.get_next_free_time(session, moment) if due else outbox.get_next_attempt_time(session)
        if at is None or at - moment > (MAX_TICK_TIME if due else MAX_IDLE_WAIT):
            return None
        return min(max((at - moment).total_seconds(), 0.0), POLL_INTERVAL)

    def _start_calls(self, in_flight: InFlight, moment: datetime) -> TickResult:
        """Claims what has its turn, and starts a call for each channel of it."""
        if not outbox.has_due(self._database, moment):
            return TickResult()
        begun = self._timer.monotonic()
        batch = self._database.run(
            lambda session: outbox.claim(
                session,
                moment,
                self._owner,
                moment + LEASE,
                in_flight.free_slots,
                busy_workspaces=in_flight.get_busy_workspaces(),
            ),
            wait=LOCK_TIMEOUT,
        )
        self._checkpoint("claimed")
        prepared = self._database.run(lambda session: self._prepare_batch(session, batch, moment), wait=LOCK_TIMEOUT)
        for each in prepared:
            self._checkpoint("before the call")
            spent = timedelta(seconds=self._timer.monotonic() - begun)
            if LEASE - spent < MAX_CALL_TIME or self._stop_requested.is_set():
                self._release(each, moment)
            else:
                self._start_call(in_flight, each, moment)
        return TickResult(superseded=sum(each.skipped for each in prepared))

    def _prepare_batch(self, session: Session, batch: Sequence[OutboxEntry], moment: datetime) -> list[PreparedCall]:
        return [
            self._prepare_channel(session, list(entries), moment) for _, entries in groupby(batch, key=_get_channel_key)
        ]

    def _prepare_channel(self, session: Session, entries: list[OutboxEntry], moment: datetime) -> PreparedCall:
        """The call for one channel; a channel that can't be judged must not stop the others."""
        try:
            with session.begin_nested():
                return self._preparer.prepare(session, entries, moment)
        except (SQLAlchemyError, DatabaseError):
            raise
        except Exception:
            logger.exception("a message for channel %s could not be composed", entries[0].reminder.channel_id)
            trouble = post_outcomes.Refused("could not be composed", post_outcomes.Remedy.UNKNOWN)
            self._settler.settle(session, entries, trouble, moment)
            return PreparedCall()

    def _release(self, prepared: PreparedCall, moment: datetime) -> None:
        entries = prepared.call.entries if prepared.call else ()
        self._database.run(lambda session: [outbox.release(session, entry, moment) for entry in entries])

    def _start_call(self, in_flight: InFlight, prepared: PreparedCall, moment: datetime) -> None:
        match prepared.call:
            case Post(message=message) as call:
                in_flight.add(call, self._sender.send(message), moment)
            case Update(message=message, message_ts=ts) as call:
                in_flight.add(call, self._sender.update(message, ts), moment)
            case Lookup(place=place, oldest=oldest) as call:
                in_flight.add(call, self._history.find(place, oldest), moment)
            case None:
                pass

    def _finish_call(self, completed: InFlightCall, moment: datetime) -> TickResult:
        """Records what came of a call."""
        self._checkpoint("answered")
        found: post_outcomes.PostOutcome | post_outcomes.HistoryLookup = completed.future.result()

        entries = completed.call.entries
        if isinstance(found, post_outcomes.HistoryFound | post_outcomes.HistoryUnavailable):
            states = self._settle_lookup(entries, found, moment)
        else:
            states = self._settler.settle_in_transaction(self._database, entries, found, moment, self._checkpoint)
        self._checkpoint("settled")
        return _count_states(states)

    def _settle_lookup(
        self, entries: Sequence[OutboxEntry], found: post_outcomes.HistoryLookup, moment: datetime
    ) -> list[OutboxState | None]:
        def work(session: Session) -> list[OutboxState | None]:
            states = self._settle_lookup_in_session(session, entries, found, moment)
            self._checkpoint("settling")
            return states

        return self._database.run(work, wait=LOCK_TIMEOUT)

    def _settle_lookup_in_session(
        self, session: Session, entries: Sequence[OutboxEntry], found: post_outcomes.HistoryLookup, moment: datetime
    ) -> list[OutboxState | None]:
        self._checkpoint("looked")
        again = moment + LOOKUP_DELAY
        if isinstance(found, post_outcomes.HistoryUnavailable) and not found.is_permanent:
            handed = [outbox.release(session, entry, again) for entry in entries]
            return [OutboxState.AMBIGUOUS if ours else None for ours in handed]
        shown = found.messages if isinstance(found, post_outcomes.HistoryFound) else {}
        reason = found.reason if isinstance(found, post_outcomes.HistoryUnavailable) else ""
        return [
            self._preparer.settle_lookup(session, entry, shown.get(entry.delivery_id, ""), reason, moment, again)
            for entry in entries
        ]


def _get_channel_key(entry: OutboxEntry) -> tuple[str, str]:
    return entry.reminder.workspace_id, entry.reminder.channel_id


def _count_states(states: Sequence[OutboxState | None]) -> TickResult:
    sent = states.count(OutboxState.SENT)
    held, dead = states.count(OutboxState.HELD), states.count(OutboxState.DEAD)
    moot = states.count(OutboxState.SUPERSEDED)
    waiting = len(states) - sent - held - dead - moot
    return TickResult(sent=sent, messages=int(sent > 0), superseded=moot, waiting=waiting, held=held, dead=dead)


def _sum_results(ticks: Sequence[TickResult]) -> TickResult:
    return TickResult(**{each.name: sum(getattr(tick, each.name) for tick in ticks) for each in fields(TickResult)})
