"""What is to be done for the claimed entries of one channel: at most one call to Slack, the rest waits its turn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot import answers
from bot.policy.sending import OnAmbiguous
from bot.service import askings, composing, redrawing, restraint
from bot.service.known import KnownVersions
from bot.service.place import Place
from storage import outbox, workspaces
from storage.facts import REDRAWN, Channel, Health, Kind, Milestone, OutboxEntry, OutboxState, Schedule

LOOKS = 2
"""How often a channel's history is asked for a message before it counts as not there: Slack may show it late."""

_ABOUT_ASKINGS = (Kind.ASKING, Kind.GRANTED)

TURN = timedelta(seconds=1)
"""Until what a channel has besides gets its turn: one call a second."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message to be posted."""

    message: answers.Message
    entries: tuple[OutboxEntry, ...]


@dataclass(frozen=True, slots=True)
class Correct:
    """A message sent earlier, to be drawn anew."""

    message: answers.ReminderMessage
    message_ts: str
    entries: tuple[OutboxEntry, ...]


@dataclass(frozen=True, slots=True)
class LookUp:
    """Entries of which Slack may hold the message: its history is to be asked."""

    place: Place
    oldest: datetime
    entries: tuple[OutboxEntry, ...]


Call = Post | Correct | LookUp


@dataclass(frozen=True, slots=True)
class Prepared:
    """The call for a channel, and how many entries turned out moot."""

    call: Call | None = None
    moot: int = 0


class Preparing:
    """Turns claimed entries into calls, and settles at once those that need none."""

    def __init__(self, known: KnownVersions, default: Schedule, on_ambiguous: OnAmbiguous) -> None:
        self._known = known
        self._default = default
        self._on_ambiguous = on_ambiguous

    def prepare(self, session: Session, entries: Sequence[OutboxEntry], now: datetime) -> Prepared:
        """The one call to make now for the entries, which are all of one channel."""
        first = entries[0].reminder
        place = Place(first.workspace_id, first.channel_id)
        at = composing.desk(session, place, entries, self._known.read(session), self._default)
        reason = _closed(session, at.channel)
        if reason and first.kind not in REDRAWN:
            for entry in entries:
                outbox.settle(session, entry, state=OutboxState.HELD, now=now, error=reason)
            return Prepared()
        call, moot, rest = self._choose(session, entries, at, now)
        for entry in rest:
            outbox.hand_back(session, entry, now + TURN)
        return Prepared(call, moot)

    def _choose(
        self, session: Session, entries: Sequence[OutboxEntry], at: composing.Desk, now: datetime
    ) -> tuple[Call | None, int, Sequence[OutboxEntry]]:
        """The call, how many entries were moot, and the entries that have to wait their turn."""
        unsure = [e for e in entries if e.unsure_since is not None and e.reminder.kind not in REDRAWN]
        asking = tuple(e for e in unsure if e.looks < LOOKS)
        if asking:
            place = Place(at.channel.workspace_id, at.channel.channel_id)
            oldest = min(e.unsure_since for e in asking if e.unsure_since is not None)
            return LookUp(place, oldest, asking), 0, [e for e in entries if e not in asking]
        again, outdone = _to_repeat(unsure, [e for e in entries if e not in unsure])
        gone = self._drop(session, outdone, now)
        left = [e for e in entries if e not in outdone]
        alone = [e for e in left if e.reminder.kind is Kind.INTRODUCTION][:1]
        messages = again or alone or [e for e in left if e.reminder.kind not in REDRAWN]
        if messages:
            call, moot = self._post(session, messages, at, now)
            return call, moot + gone, [e for e in left if e not in messages]
        if not left:
            return None, gone, ()
        redrawn = self._redraw(session, left[0], at, now)
        return redrawn, gone + (0 if redrawn else 1), left[1:]

    def _post(
        self, session: Session, entries: Sequence[OutboxEntry], at: composing.Desk, now: datetime
    ) -> tuple[Post | None, int]:
        if entries[0].reminder.kind in _ABOUT_ASKINGS:
            return self._asking(session, entries, now)
        if entries[0].reminder.kind is Kind.HEALTH:
            return self._health(session, entries, now)
        if entries[0].reminder.kind is Kind.INTRODUCTION:
            return Post(_introduction(entries[0], at.channel), (entries[0],)), 0
        composed = composing.compose(entries, at, now)
        moot = self._drop(session, [entry for entry, _ in composed.moot], now)
        if composed.message is None:
            return None, moot
        later = restraint.wait_until(session, composed.message, at.channel, now)
        if later is not None:
            for entry in composed.carried:
                outbox.hand_back(session, entry, later)
            return None, moot
        if composed.carried[0].unsure_since is not None:
            outbox.note_possible_repeat(session, composed.carried[0], composed.carried[0].error, now)
        return Post(composed.message, composed.carried), moot

    def _health(self, session: Session, entries: Sequence[OutboxEntry], now: datetime) -> tuple[Post, int]:
        """The newest note about one channel; what the person is told about others waits its turn."""
        about = entries[0].reminder.version
        same = [e for e in entries if e.reminder.kind is Kind.HEALTH and e.reminder.version == about]
        for entry in entries:
            if entry not in same:
                outbox.hand_back(session, entry, now + TURN)
        return Post(_health_note(same[-1], now), (same[-1],)), self._drop(session, same[:-1], now)

    def _asking(self, session: Session, entries: Sequence[OutboxEntry], now: datetime) -> tuple[Post | None, int]:
        """A note about an asking; whatever else the person is told waits its turn."""
        for entry in entries[1:]:
            outbox.hand_back(session, entry, now + TURN)
        note = askings.note(session, entries[0], now)
        return (Post(note, (entries[0],)), 0) if note else (None, self._drop(session, entries[:1], now))

    def _redraw(self, session: Session, entry: OutboxEntry, at: composing.Desk, now: datetime) -> Correct | None:
        message = redrawing.as_it_is_now(session, entry, at, now)
        if message is None:
            self._drop(session, [entry], now)
            return None
        return Correct(message, entry.message_ts, (entry,))

    def _drop(self, session: Session, entries: Sequence[OutboxEntry], now: datetime) -> int:
        return sum(outbox.settle(session, e, state=OutboxState.SUPERSEDED, now=now) for e in entries)

    def seen(
        self, session: Session, entry: OutboxEntry, message_ts: str, reason: str, now: datetime, again: datetime
    ) -> OutboxState | None:
        """Settles an unsure entry by what the channel's history showed; `reason` is why it could not be read."""
        if message_ts:
            ours = outbox.settle(session, entry, state=OutboxState.SENT, now=now, message_ts=message_ts)
            return OutboxState.SENT if ours else None
        if reason and self._on_ambiguous is OnAmbiguous.HOLD:
            error = f"Slack may hold it, and can't be asked ({reason}): retry or drop it"
            return (
                OutboxState.HELD
                if outbox.settle(session, entry, state=OutboxState.HELD, now=now, error=error)
                else None
            )
        looks = LOOKS if reason else entry.looks + 1
        next_try = now if looks >= LOOKS else again
        why = f"Slack could not be asked: {reason}" if reason else "Slack did not show it"
        done = outbox.looked(session, replace(entry, looks=looks - 1), next_try, why)
        return OutboxState.AMBIGUOUS if done else None


def _to_repeat(
    unsure: Sequence[OutboxEntry], sure: Sequence[OutboxEntry]
) -> tuple[list[OutboxEntry], list[OutboxEntry]]:
    """One message of those that Slack does not show, to be sent again, and those that a nearer reminder outdoes."""
    nearer = {(r.version, r.milestone, r.milestone_date): r.rung for r in (e.reminder for e in sure)}
    outdone = [e for e in unsure if nearer.get(_date_of(e), e.reminder.rung) < e.reminder.rung]
    left = [e for e in unsure if e not in outdone]
    return [e for e in left if e.delivery_id == left[0].delivery_id], outdone


def _date_of(entry: OutboxEntry) -> tuple[str, Milestone | None, date]:
    return entry.reminder.version, entry.reminder.milestone, entry.reminder.milestone_date


def _closed(session: Session, channel: Channel) -> str:
    """Why nothing is posted to the channel at present; empty where it is open."""
    workspace = workspaces.find(session, channel.workspace_id)
    if workspace is not None and workspace.suspended_since is not None:
        return workspace.suspended_reason
    return channel.health_reason or channel.health.value if channel.health is not Health.OK else ""


def _health_note(entry: OutboxEntry, now: datetime) -> answers.HealthNote:
    reminder = entry.reminder
    return answers.HealthNote(
        workspace_id=reminder.workspace_id,
        channel_id=reminder.channel_id,
        delivery_id=entry.delivery_id,
        about=reminder.version,
        health=list(Health)[reminder.rung],
        day=now.date(),
    )


def _introduction(entry: OutboxEntry, channel: Channel) -> answers.Introduction:
    return answers.Introduction(
        workspace_id=channel.workspace_id,
        channel_id=channel.channel_id,
        delivery_id=entry.delivery_id,
        invited_by=entry.reminder.version,
        hour=channel.schedule.hour,
        zone=channel.schedule.zone,
    )
