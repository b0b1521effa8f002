"""What is to be done for the claimed entries of one channel: at most one call to Slack, the rest waits its turn."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy.post_outcomes import AmbiguityPolicy
from bot.service.delivery import notices
from bot.service.operator.channel import OperatorChannel
from bot.service.place import Place
from bot.service.reminders import compose, redraw, send_time
from bot.service.versions.snapshot import SnapshotCache
from storage import outbox, workspaces
from storage.facts import REDRAW_KINDS, Channel, Health, Milestone, OutboxEntry, OutboxState, Schedule

MAX_LOOKUPS = 2
"""How often a channel's history is asked for a message before it counts as not there: Slack may show it late."""

CHANNEL_INTERVAL = timedelta(seconds=1)
"""Until what a channel has besides gets its turn: one call a second."""


class Post(Struct, frozen=True):
    """A message to be posted."""

    message: answers.Message
    entries: tuple[OutboxEntry, ...]


class Update(Struct, frozen=True):
    """A message sent earlier, to be drawn anew."""

    message: answers.ReminderMessage | answers.OperatorMessage
    message_ts: str
    entries: tuple[OutboxEntry, ...]


class Lookup(Struct, frozen=True):
    """Entries of which Slack may hold the message: its history is to be asked."""

    place: Place
    oldest: datetime
    entries: tuple[OutboxEntry, ...]


Call = Post | Update | Lookup


class PreparedCall(Struct, frozen=True):
    """The call for a channel, and how many entries turned out moot."""

    call: Call | None = None
    skipped: int = 0


class Preparer:
    """Turns claimed entries into calls, and settles at once those that need none."""

    def __init__(
        self,
        snapshots: SnapshotCache,
        default: Schedule,
        on_ambiguous: AmbiguityPolicy,
        operator: OperatorChannel | None = None,
    ) -> None:
        self._snapshots = snapshots
        self._operator = operator or OperatorChannel()
        self._default = default
        self._on_ambiguous = on_ambiguous

    def prepare(self, session: Session, entries: Sequence[OutboxEntry], now: datetime) -> PreparedCall:
        """The one call to make now for the entries, which are all of one channel."""
        first = entries[0].reminder
        place = Place(first.workspace_id, first.channel_id)
        context = compose.load_context(session, place, entries, self._snapshots.read(session), self._default)
        reason = _find_block_reason(session, context.channel)
        if reason and first.kind not in REDRAW_KINDS:
            for entry in entries:
                outbox.settle(session, entry, state=OutboxState.HELD, now=now, error=reason)
            return PreparedCall()
        call, moot, rest = self._choose_call(session, entries, context, now)
        for entry in rest:
            outbox.release(session, entry, now + CHANNEL_INTERVAL)
        return PreparedCall(call, moot)

    def _choose_call(
        self, session: Session, entries: Sequence[OutboxEntry], context: compose.ChannelContext, now: datetime
    ) -> tuple[Call | None, int, Sequence[OutboxEntry]]:
        """The call, how many entries were moot, and the entries that have to wait their turn."""
        unsure = [e for e in entries if e.ambiguous_since is not None and e.reminder.kind not in REDRAW_KINDS]
        asking = tuple(e for e in unsure if e.lookups < MAX_LOOKUPS)
        if asking:
            place = Place(context.channel.workspace_id, context.channel.channel_id)
            oldest = min(e.ambiguous_since for e in asking if e.ambiguous_since is not None)
            return Lookup(place, oldest, asking), 0, [e for e in entries if e not in asking]
        again, outdone = _choose_resends(unsure, [e for e in entries if e not in unsure])
        gone = self._supersede(session, outdone, now)
        left = [e for e in entries if e not in outdone]
        messages = again or [e for e in left if e.reminder.kind not in REDRAW_KINDS]
        apart = [e for e in messages if e.reminder.kind in notices.NOTICE_KINDS]
        if apart:
            post, done, dropped = self._build_notice_post(session, apart, context, now)
            rest = [e for e in left if e not in done]
            return post, dropped + gone, [self._clear_ambiguity(session, e, now) if e in again else e for e in rest]
        if messages:
            call, moot = self._build_post(session, messages, context, now)
            return call, moot + gone, [e for e in left if e not in messages]
        if not left:
            return None, gone, ()
        redrawn = self._build_update(session, left[0], context, now)
        return redrawn, gone + (0 if redrawn else 1), left[1:]

    def _build_post(
        self, session: Session, entries: Sequence[OutboxEntry], context: compose.ChannelContext, now: datetime
    ) -> tuple[Post | None, int]:
        composed = compose.compose(entries, context, now)
        moot = self._supersede(session, [entry for entry, _ in composed.skipped], now)
        if composed.message is None:
            return None, moot
        later = send_time.find_postponed_time(session, composed.message, context.channel, now)
        if later is not None:
            for entry in composed.entries:
                outbox.release(session, entry, later)
            return None, moot
        self._record_possible_duplicate(session, composed.entries[0], now)
        return Post(composed.message, composed.entries), moot

    def _build_notice_post(
        self, session: Session, entries: Sequence[OutboxEntry], context: compose.ChannelContext, now: datetime
    ) -> tuple[Post | None, Sequence[OutboxEntry], int]:
        """A message of one entry, the entries that are done with, and how many of them were moot."""
        chosen = notices.choose(session, entries, context.channel, self._operator, now)
        dropped = self._supersede(session, chosen.skipped, now, chosen.reason)
        if chosen.message is None or chosen.entry is None:
            return None, chosen.skipped, dropped
        self._record_possible_duplicate(session, chosen.entry, now)
        return Post(chosen.message, (chosen.entry,)), (*chosen.skipped, chosen.entry), dropped

    def _clear_ambiguity(self, session: Session, entry: OutboxEntry, now: datetime) -> OutboxEntry:
        """What shares the key of a message that goes out alone gets another: else it would count as sent with it."""
        self._record_possible_duplicate(session, entry, now)
        return replace(entry, ambiguous_since=None, lookups=0)

    def _record_possible_duplicate(self, session: Session, entry: OutboxEntry, now: datetime) -> None:
        """Counts what is sent again though Slack may hold it."""
        if entry.ambiguous_since is not None:
            outbox.add_possible_duplicate(session, entry, entry.error, now)

    def _build_update(
        self, session: Session, entry: OutboxEntry, context: compose.ChannelContext, now: datetime
    ) -> Update | None:
        message = notices.rebuild_operator_message(session, entry) or redraw.rebuild_message(
            session, entry, context, now
        )
        if message is None:
            self._supersede(session, [entry], now)
            return None
        return Update(message, entry.message_ts, (entry,))

    def _supersede(self, session: Session, entries: Sequence[OutboxEntry], now: datetime, reason: str = "") -> int:
        return sum(outbox.settle(session, e, state=OutboxState.SUPERSEDED, now=now, error=reason) for e in entries)

    def settle_lookup(
        self, session: Session, entry: OutboxEntry, message_ts: str, reason: str, now: datetime, retry_at: datetime
    ) -> OutboxState | None:
        """Settles an unsure entry by what the channel's history showed; `reason` is why it could not be read."""
        if message_ts:
            ours = outbox.settle(session, entry, state=OutboxState.SENT, now=now, message_ts=message_ts)
            return OutboxState.SENT if ours else None
        if reason and self._on_ambiguous is AmbiguityPolicy.HOLD:
            error = f"Slack may hold it, and can't be asked ({reason}): retry or drop it"
            return (
                OutboxState.HELD
                if outbox.settle(session, entry, state=OutboxState.HELD, now=now, error=error)
                else None
            )
        looks = MAX_LOOKUPS if reason else entry.lookups + 1
        next_try = now if looks >= MAX_LOOKUPS else retry_at
        why = f"Slack could not be asked: {reason}" if reason else "Slack did not show it"
        done = outbox.record_lookup_miss(session, replace(entry, lookups=looks - 1), next_try, why)
        return OutboxState.AMBIGUOUS if done else None


def _choose_resends(
    ambiguous: Sequence[OutboxEntry], certain: Sequence[OutboxEntry]
) -> tuple[list[OutboxEntry], list[OutboxEntry]]:
    """One message of those that Slack does not show, to be sent again, and those that a nearer reminder outdoes."""
    counted = [e for e in (*certain, *ambiguous) if e.reminder.kind in compose.COUNTDOWN_KINDS]
    nearer = {_get_milestone_key(e): e.reminder.rung for e in counted if e in certain}
    outdone = [
        e for e in counted if e in ambiguous and nearer.get(_get_milestone_key(e), e.reminder.rung) < e.reminder.rung
    ]
    left = [e for e in ambiguous if e not in outdone]
    return [e for e in left if e.delivery_id == left[0].delivery_id], outdone


def _get_milestone_key(entry: OutboxEntry) -> tuple[str, Milestone | None, date]:
    return entry.reminder.version, entry.reminder.milestone, entry.reminder.milestone_date


def _find_block_reason(session: Session, channel: Channel) -> str:
    """Why nothing is posted to the channel at present; empty where it is open."""
    workspace = workspaces.find(session, channel.workspace_id)
    if workspace is not None and workspace.suspended_since is not None:
        return workspace.suspended_reason
    return channel.health_reason or channel.health.value if channel.health is not Health.OK else ""
