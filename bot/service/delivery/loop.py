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
from bot.service.delivery.in_flight import Flight, Flights
from bot.service.delivery.ports import Watch
from bot.service.delivery.prepare import Correct, LookUp, Post, Prepared, Preparing
from bot.service.delivery.settle import LOOK_AGAIN, Settling
from bot.service.reaching import History, Sender
from bot.service.reminders.planning import PATIENCE, Planning
from storage import outbox
from storage.database import Database, DatabaseError
from storage.facts import OutboxEntry, OutboxState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""How long a claim holds; several times what a call may take."""

CALL = timedelta(seconds=15)
"""The longest a call takes, with what comes before it: no call is begun with less of its lease left."""

LONGEST_TICK = timedelta(seconds=45)
"""After it nothing new is claimed: a tick always ends, and the next one plans anew."""

GRACE = 8.0
"""Seconds for calls under way when the process is asked to end; what is not back by then is looked up later."""

SOON = timedelta(seconds=2)
"""What is to be tried within this time is waited for, not left to the next tick."""

POLL = 1.0
"""Seconds between two looks for more to claim, at most."""


class Tick(Struct, frozen=True):
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


class Delivery:
    """Plans and delivers what is due as of a moment."""

    def __init__(
        self,
        database: Database,
        planning: Planning,
        preparing: Preparing,
        settling: Settling,
        slack: tuple[Sender, History],
        *,
        owner: str,
        watch: Watch,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._planning = planning
        self._preparing = preparing
        self._settling = settling
        self._sender, self._history = slack
        self._owner = owner
        self._watch = watch
        self._checkpoint = checkpoint
        self._asked_to_stop = threading.Event()

    def tick(self, now: datetime) -> Tick:
        """Plans, then delivers until nothing more is due; time goes on while it does."""
        started = self._watch.elapsed()
        planned = self._planning.plan(now, self._checkpoint)
        done = [Tick(planned=planned.written, superseded=planned.superseded)]
        flights = Flights()
        while True:
            moment = now + timedelta(seconds=self._watch.elapsed() - started)
            open_for_more = not self._asked_to_stop.is_set() and moment - now < LONGEST_TICK
            if open_for_more and flights.room:
                done.append(self._launch(flights, moment))
            if not flights and (pause := self._pause(moment) if open_for_more else None) is None:
                done.append(Tick(unfinished=int(not open_for_more and not self._asked_to_stop.is_set())))
                break
            self._watch.wait(flights.futures, POLL if flights else pause or 0.0)
            moment = now + timedelta(seconds=self._watch.elapsed() - started)
            done += [self._land(flight, moment) for flight in flights.landed()]
            if self._asked_to_stop.is_set() and flights.oldest(moment) > timedelta(seconds=GRACE):
                break
        return _sum(done)

    def deliver(self, clock: Callable[[], datetime], beat: Callable[[], None] = lambda: None) -> Tick:
        """Ticks again and again until nothing is left to do now; each one plans anew, and `beat` tells of it."""
        ticks = [self.tick(clock())]
        while ticks[-1].unfinished and not self._asked_to_stop.is_set():
            beat()
            ticks.append(self.tick(clock()))
        return replace(_sum(ticks), unfinished=ticks[-1].unfinished)

    def stop(self) -> None:
        """Has a tick under way claim nothing more and end soon; may be called from any thread."""
        self._asked_to_stop.set()

    def next_try(self) -> datetime | None:
        """When the next reminder on its way is to be tried; None while none is."""
        with self._database.reading() as session:
            return outbox.next_try(session)

    def next_message(self) -> datetime | None:
        """The same of what brings a message, not of messages that are drawn anew."""
        with self._database.reading() as session:
            return outbox.next_message(session)

    def _pause(self, moment: datetime) -> float | None:
        """How long to wait for a channel's or workspace's turn; None where nothing waits for one."""
        if not outbox.waits(self._database, moment + SOON):
            return None
        with self._database.reading() as session:
            due = outbox.any_due(session, moment)
            at = outbox.next_free(session, moment) if due else outbox.next_try(session)
        if at is None or at - moment > (LONGEST_TICK if due else SOON):
            return None
        return min(max((at - moment).total_seconds(), 0.0), POLL)

    def _launch(self, flights: Flights, moment: datetime) -> Tick:
        """Claims what has its turn, and starts a call for each channel of it."""
        if not outbox.waits(self._database, moment):
            return Tick()
        begun = self._watch.elapsed()
        batch = self._database.run(
            lambda session: outbox.claim(
                session, moment, self._owner, moment + LEASE, flights.room, busy=flights.busy()
            ),
            wait=PATIENCE,
        )
        self._checkpoint("claimed")
        prepared = self._database.run(lambda session: self._prepare(session, batch, moment), wait=PATIENCE)
        for each in prepared:
            self._checkpoint("before the call")
            spent = timedelta(seconds=self._watch.elapsed() - begun)
            if LEASE - spent < CALL or self._asked_to_stop.is_set():
                self._hand_back(each, moment)
            else:
                self._start(flights, each, moment)
        return Tick(superseded=sum(each.moot for each in prepared))

    def _prepare(self, session: Session, batch: Sequence[OutboxEntry], moment: datetime) -> list[Prepared]:
        return [self._prepared(session, list(entries), moment) for _, entries in groupby(batch, key=_channel_of)]

    def _prepared(self, session: Session, entries: list[OutboxEntry], moment: datetime) -> Prepared:
        """The call for one channel; a channel that can't be judged must not stop the others."""
        try:
            with session.begin_nested():
                return self._preparing.prepare(session, entries, moment)
        except (SQLAlchemyError, DatabaseError):
            raise
        except Exception:
            logger.exception("a message for channel %s could not be composed", entries[0].reminder.channel_id)
            trouble = post_outcomes.Refused("could not be composed", post_outcomes.Remedy.UNKNOWN)
            self._settling.settle(session, entries, trouble, moment)
            return Prepared()

    def _hand_back(self, prepared: Prepared, moment: datetime) -> None:
        entries = prepared.call.entries if prepared.call else ()
        self._database.run(lambda session: [outbox.hand_back(session, entry, moment) for entry in entries])

    def _start(self, flights: Flights, prepared: Prepared, moment: datetime) -> None:
        match prepared.call:
            case Post(message=message) as call:
                flights.add(call, self._sender.send(message), moment)
            case Correct(message=message, message_ts=ts) as call:
                flights.add(call, self._sender.correct(message, ts), moment)
            case LookUp(place=place, oldest=oldest) as call:
                flights.add(call, self._history.find(place, oldest), moment)
            case None:
                pass

    def _land(self, flight: Flight, moment: datetime) -> Tick:
        """Records what came of a call."""
        self._checkpoint("answered")
        found: post_outcomes.Outcome | post_outcomes.Sighting = flight.future.result()

        entries = flight.call.entries
        if isinstance(found, post_outcomes.Shown | post_outcomes.NotShown):
            states = self._look_settled(entries, found, moment)
        else:
            states = self._settling.settle_alone(self._database, entries, found, moment, self._checkpoint)
        self._checkpoint("settled")
        return _told(states)

    def _look_settled(
        self, entries: Sequence[OutboxEntry], found: post_outcomes.Sighting, moment: datetime
    ) -> list[OutboxState | None]:
        def work(session: Session) -> list[OutboxState | None]:
            states = self._looked(session, entries, found, moment)
            self._checkpoint("settling")
            return states

        return self._database.run(work, wait=PATIENCE)

    def _looked(
        self, session: Session, entries: Sequence[OutboxEntry], found: post_outcomes.Sighting, moment: datetime
    ) -> list[OutboxState | None]:
        self._checkpoint("looked")
        again = moment + LOOK_AGAIN
        if isinstance(found, post_outcomes.NotShown) and not found.for_good:
            handed = [outbox.hand_back(session, entry, again) for entry in entries]
            return [OutboxState.AMBIGUOUS if ours else None for ours in handed]
        shown = found.messages if isinstance(found, post_outcomes.Shown) else {}
        reason = found.reason if isinstance(found, post_outcomes.NotShown) else ""
        return [
            self._preparing.seen(session, entry, shown.get(entry.delivery_id, ""), reason, moment, again)
            for entry in entries
        ]


def _channel_of(entry: OutboxEntry) -> tuple[str, str]:
    return entry.reminder.workspace_id, entry.reminder.channel_id


def _told(states: Sequence[OutboxState | None]) -> Tick:
    sent = states.count(OutboxState.SENT)
    held, dead = states.count(OutboxState.HELD), states.count(OutboxState.DEAD)
    moot = states.count(OutboxState.SUPERSEDED)
    waiting = len(states) - sent - held - dead - moot
    return Tick(sent=sent, messages=int(sent > 0), superseded=moot, waiting=waiting, held=held, dead=dead)


def _sum(ticks: Sequence[Tick]) -> Tick:
    return Tick(**{each.name: sum(getattr(tick, each.name) for tick in ticks) for each in fields(Tick)})
