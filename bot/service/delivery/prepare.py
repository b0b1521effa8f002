"""What is to be done for the claimed entries of one channel: at most one call to Slack, the rest waits its turn."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy.post_outcomes import OnAmbiguous
from bot.service.delivery import notices
from bot.service.operator.channel import Operator
from bot.service.place import Place
from bot.service.reminders import compose, redraw, send_time
from bot.service.versions.snapshot import KnownVersions
from storage import outbox, workspaces
from storage.facts import REDRAWN, Channel, Health, Milestone, OutboxEntry, OutboxState, Schedule

LOOKS = 2
"""How often a channel's history is asked for a message before it counts as not there: Slack may show it late."""

TURN = timedelta(seconds=1)
"""Until what a channel has besides gets its turn: one call a second."""


class Post(Struct, frozen=True):
    """A message to be posted."""

    message: answers.Message
    entries: tuple[OutboxEntry, ...]


class Correct(Struct, frozen=True):
    """A message sent earlier, to be drawn anew."""

    message: answers.ReminderMessage | answers.OperatorMessage
    message_ts: str
    entries: tuple[OutboxEntry, ...]


class LookUp(Struct, frozen=True):
    """Entries of which Slack may hold the message: its history is to be asked."""

    place: Place
    oldest: datetime
    entries: tuple[OutboxEntry, ...]


Call = Post | Correct | LookUp


class Prepared(Struct, frozen=True):
    """The call for a channel, and how many entries turned out moot."""

    call: Call | None = None
    moot: int = 0


class Preparing:
    """Turns claimed entries into calls, and settles at once those that need none."""

    def __init__(
        self, known: KnownVersions, default: Schedule, on_ambiguous: OnAmbiguous, operator: Operator | None = None
    ) -> None:
        self._known = known
        self._operator = operator or Operator()
        self._default = default
        self._on_ambiguous = on_ambiguous

    def prepare(self, session: Session, entries: Sequence[OutboxEntry], now: datetime) -> Prepared:
        """The one call to make now for the entries, which are all of one channel."""
        first = entries[0].reminder
        place = Place(first.workspace_id, first.channel_id)
        at = compose.desk(session, place, entries, self._known.read(session), self._default)
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
        self, session: Session, entries: Sequence[OutboxEntry], at: compose.Desk, now: datetime
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
        messages = again or [e for e in left if e.reminder.kind not in REDRAWN]
        apart = [e for e in messages if e.reminder.kind in notices.KINDS]
        if apart:
            post, done, dropped = self._alone(session, apart, at, now)
            rest = [e for e in left if e not in done]
            return post, dropped + gone, [self._as_new(session, e, now) if e in again else e for e in rest]
        if messages:
            call, moot = self._post(session, messages, at, now)
            return call, moot + gone, [e for e in left if e not in messages]
        if not left:
            return None, gone, ()
        redrawn = self._redraw(session, left[0], at, now)
        return redrawn, gone + (0 if redrawn else 1), left[1:]

    def _post(
        self, session: Session, entries: Sequence[OutboxEntry], at: compose.Desk, now: datetime
    ) -> tuple[Post | None, int]:
        composed = compose.compose(entries, at, now)
        moot = self._drop(session, [entry for entry, _ in composed.moot], now)
        if composed.message is None:
            return None, moot
        later = send_time.wait_until(session, composed.message, at.channel, now)
        if later is not None:
            for entry in composed.carried:
                outbox.hand_back(session, entry, later)
            return None, moot
        self._note_repeat(session, composed.carried[0], now)
        return Post(composed.message, composed.carried), moot

    def _alone(
        self, session: Session, entries: Sequence[OutboxEntry], at: compose.Desk, now: datetime
    ) -> tuple[Post | None, Sequence[OutboxEntry], int]:
        """A message of one entry, the entries that are done with, and how many of them were moot."""
        chosen = notices.choose(session, entries, at.channel, self._operator, now)
        dropped = self._drop(session, chosen.moot, now, chosen.why)
        if chosen.message is None or chosen.entry is None:
            return None, chosen.moot, dropped
        self._note_repeat(session, chosen.entry, now)
        return Post(chosen.message, (chosen.entry,)), (*chosen.moot, chosen.entry), dropped

    def _as_new(self, session: Session, entry: OutboxEntry, now: datetime) -> OutboxEntry:
        """What shares the key of a message that goes out alone gets another: else it would count as sent with it."""
        self._note_repeat(session, entry, now)
        return replace(entry, unsure_since=None, looks=0)

    def _note_repeat(self, session: Session, entry: OutboxEntry, now: datetime) -> None:
        """Counts what is sent again though Slack may hold it."""
        if entry.unsure_since is not None:
            outbox.note_possible_repeat(session, entry, entry.error, now)

    def _redraw(self, session: Session, entry: OutboxEntry, at: compose.Desk, now: datetime) -> Correct | None:
        message = notices.redrawn(session, entry) or redraw.as_it_is_now(session, entry, at, now)
        if message is None:
            self._drop(session, [entry], now)
            return None
        return Correct(message, entry.message_ts, (entry,))

    def _drop(self, session: Session, entries: Sequence[OutboxEntry], now: datetime, why: str = "") -> int:
        return sum(outbox.settle(session, e, state=OutboxState.SUPERSEDED, now=now, error=why) for e in entries)

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
    counted = [e for e in (*sure, *unsure) if e.reminder.kind in compose.COUNTED]
    nearer = {_date_of(e): e.reminder.rung for e in counted if e in sure}
    outdone = [e for e in counted if e in unsure and nearer.get(_date_of(e), e.reminder.rung) < e.reminder.rung]
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
