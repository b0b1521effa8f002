"""The loop that brings reminders to channels: plan, claim, send, settle.

Nothing here trusts a process to live: what is claimed under a lease that ran out is claimed again, and a settle
is fenced by owner and attempt. The network is reached through a `Sender`, never inside a transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from bot.answers import ReminderMessage
from bot.policy import sending
from bot.service import restraint
from bot.service.composing import Composed, compose
from bot.service.known import KnownVersions
from bot.service.place import Place, channel_at
from bot.service.planning import PATIENCE, Planning
from bot.service.settling import Settling
from storage import outbox, subscriptions
from storage.database import Database
from storage.facts import OutboxEntry, OutboxState, Schedule

LEASE = timedelta(seconds=60)
"""How long a claim holds; several times what a post may take."""

BATCH = 50
"""Rows claimed at once."""

MOST_BATCHES = 10_000
"""In one tick; the rest waits for the next, so that a tick always ends."""


class Sender(Protocol):
    """Posts messages to Slack; the future never raises, every failure is an outcome."""

    def send(self, message: ReminderMessage) -> "Future[sending.Outcome]":
        """Starts posting the message."""
        ...


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick did, in reminders (a message can carry several)."""

    planned: int = 0
    sent: int = 0
    messages: int = 0
    superseded: int = 0
    waiting: int = 0
    """Not sent, and to be tried again."""
    dead: int = 0


class Delivery:
    """Plans and delivers what is due as of a moment."""

    def __init__(
        self,
        database: Database,
        known: KnownVersions,
        sender: Sender,
        settling: Settling,
        default: Schedule,
        *,
        owner: str,
        stopwatch: Callable[[], float],
    ) -> None:
        self._database = database
        self._known = known
        self._sender = sender
        self._default = default
        self._owner = owner
        self._stopwatch = stopwatch
        self._settling = settling
        self._planning = Planning(database, known)

    def tick(self, now: datetime) -> Tick:
        """Plans, then delivers until nothing more is due at this moment.

        Time goes on while it sends: leases are counted from when they are taken, not from the tick's beginning.
        """
        started = self._stopwatch()
        planned = self._planning.plan(now)
        done = Tick(planned=planned.written, superseded=planned.superseded)
        for _ in range(MOST_BATCHES):
            moment = now + timedelta(seconds=self._stopwatch() - started)
            batch = self._claim(moment)
            if not batch:
                break
            done = _sum((done, self._deliver(batch, moment)))
        return done

    def next_try(self) -> datetime | None:
        """When the next reminder on its way is to be tried; None while none is."""
        with self._database.reading() as session:
            return outbox.next_try(session)

    def _claim(self, now: datetime) -> tuple[OutboxEntry, ...]:
        with self._database.transaction(wait=PATIENCE) as session:
            return outbox.claim(session, now, self._owner, now + LEASE, BATCH)

    def _deliver(self, batch: Sequence[OutboxEntry], now: datetime) -> Tick:
        """Sends a message for each channel of the batch, all at once, and settles each as its outcome is known."""
        prepared = [self._prepare(list(entries), now) for _, entries in groupby(batch, key=_channel_of)]
        started = [(each, self._sender.send(each.message)) for each in prepared if each.message is not None]
        moot = Tick(superseded=sum(len(each.moot) for each in prepared))
        return _sum((moot, *(self._settle(each, future.result(), now) for each, future in started)))

    def _prepare(self, entries: list[OutboxEntry], now: datetime) -> Composed:
        """What the channel is to be told; what is moot, or has to wait for another day, is settled here."""
        place = Place(*_channel_of(entries[0]))
        with self._database.transaction(wait=PATIENCE) as session:
            channel = channel_at(session, place, self._default)
            watched = subscriptions.of_channel(session, place.workspace_id, place.channel_id)
            composed = compose(entries, channel, [s.target for s in watched], self._known.read(session), now)
            for entry in composed.moot:
                outbox.settle(session, entry, state=OutboxState.SUPERSEDED, now=now)
            later = restraint.wait_until(session, composed, channel, now)
            if later is None:
                return composed
            for entry in composed.carried:
                unsure = OutboxState.AMBIGUOUS if entry.unsure_since else OutboxState.PENDING
                outbox.settle(session, entry, state=unsure, now=now, next_try_at=later)
            return replace(composed, message=None, carried=())

    def _settle(self, composed: Composed, outcome: sending.Outcome, now: datetime) -> Tick:
        with self._database.transaction(wait=PATIENCE) as session:
            states = [self._settling.settle(session, entry, outcome, now) for entry in composed.carried]
        sent = states.count(OutboxState.SENT)
        dead = states.count(OutboxState.DEAD)
        return Tick(sent=sent, messages=int(sent > 0), waiting=len(states) - sent - dead, dead=dead)


def _channel_of(entry: OutboxEntry) -> tuple[str, str]:
    return entry.reminder.workspace_id, entry.reminder.channel_id


def _sum(ticks: Iterable[Tick]) -> Tick:
    every = list(ticks)
    return Tick(*(sum(getattr(tick, field.name) for tick in every) for field in fields(Tick)))
