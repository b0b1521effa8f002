"""Preparation of the next Slack call for the claimed entries of one channel.

A channel gets at most one call at a time; its remaining entries are released until later.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot import answers
from bot.policy.decisions import get_milestone_key
from bot.policy.post_outcomes import AmbiguityPolicy
from bot.service.delivery import notices
from bot.service.operator.channel import OperatorChannel
from bot.service.place import Place
from bot.service.reminders import compose, redraw, send_time
from bot.service.versions.snapshot import SnapshotCache
from storage import outbox, workspaces
from storage.facts import REDRAW_KINDS, Channel, Health, OutboxEntry, OutboxState, Schedule

MAX_LOOKUPS = 2
"""Lookups without a result after which a message counts as not posted: Slack's history can lag behind."""

CHANNEL_INTERVAL = timedelta(seconds=1)
"""How long the channel's remaining entries are released for: Slack allows one message per second in a channel."""


class Post(Struct, frozen=True):
    """A message to post."""

    message: answers.Message
    entries: tuple[OutboxEntry, ...]


class Update(Struct, frozen=True):
    """A message posted earlier, to be replaced by its current version."""

    message: answers.ReminderMessage | answers.OperatorMessage
    message_ts: str
    entries: tuple[OutboxEntry, ...]


class Lookup(Struct, frozen=True):
    """Ambiguous entries: the channel's history shows if their message was posted."""

    place: Place
    oldest: datetime
    entries: tuple[OutboxEntry, ...]


Call = Post | Update | Lookup


class PreparedCall(Struct, frozen=True):
    """The call for a channel, if any, and the number of entries that were superseded instead of sent."""

    call: Call | None = None
    skipped: int = 0


def group_by_channel(entries: Iterable[OutboxEntry]) -> Iterator[tuple[Place, list[OutboxEntry]]]:
    """Return each channel with its entries; the entries have to be sorted by channel."""
    return ((place, list(group)) for place, group in groupby(entries, key=_get_place))


class Preparer:
    """Turns claimed entries into calls, and settles the entries that need no call."""

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
        """Return the call to make now for entries of one channel; release or settle the other entries."""
        place = _get_place(entries[0])
        context = compose.load_context(session, place, entries, self._snapshots.read(session), self._default)
        reason = _find_block_reason(session, context.channel)
        if reason and entries[0].reminder.kind not in REDRAW_KINDS:
            for entry in entries:
                outbox.settle(session, entry, state=OutboxState.HELD, now=now, error=reason)
            return PreparedCall()
        call, skipped, remaining = self._choose_call(session, entries, context, now)
        for entry in remaining:
            outbox.release(session, entry, now + CHANNEL_INTERVAL)
        return PreparedCall(call, skipped)

    def _choose_call(
        self, session: Session, entries: Sequence[OutboxEntry], context: compose.ChannelContext, now: datetime
    ) -> tuple[Call | None, int, Sequence[OutboxEntry]]:
        """Return the call, the number of superseded entries, and the entries to release."""
        ambiguous = [e for e in entries if e.ambiguous_since is not None and e.reminder.kind not in REDRAW_KINDS]
        to_look_up = tuple(e for e in ambiguous if e.lookups < MAX_LOOKUPS)
        if to_look_up:
            oldest = min(e.ambiguous_since for e in to_look_up if e.ambiguous_since is not None)
            return Lookup(_get_place(entries[0]), oldest, to_look_up), 0, [e for e in entries if e not in to_look_up]
        resends, outranked = _choose_resends(ambiguous, [e for e in entries if e not in ambiguous])
        skipped = self._supersede(session, outranked, now)
        left = [e for e in entries if e not in outranked]
        to_send = resends or [e for e in left if e.reminder.kind not in REDRAW_KINDS]
        notice_entries = [e for e in to_send if e.reminder.kind in notices.NOTICE_KINDS]
        if notice_entries:
            post, done, more_skipped = self._build_notice_post(session, notice_entries, context, now)
            remaining = [self._clear_ambiguity(session, e, now) if e in resends else e for e in left if e not in done]
            return post, skipped + more_skipped, remaining
        if to_send:
            post, more_skipped = self._build_post(session, to_send, context, now)
            return post, skipped + more_skipped, [e for e in left if e not in to_send]
        if not left:
            return None, skipped, ()
        update = self._build_update(session, left[0], context, now)
        return update, skipped + (0 if update else 1), left[1:]

    def _build_post(
        self, session: Session, entries: Sequence[OutboxEntry], context: compose.ChannelContext, now: datetime
    ) -> tuple[Post | None, int]:
        """Return one message for the entries, if it is to be sent now, and the number of superseded entries."""
        composition = compose.compose(entries, context, now)
        skipped = self._supersede(session, [entry for entry, _ in composition.skipped], now)
        if composition.message is None:
            return None, skipped
        if send_at := send_time.find_postponed_time(session, composition.message, context.channel, now):
            for entry in composition.entries:
                outbox.release(session, entry, send_at)
            return None, skipped
        self._record_possible_duplicate(session, composition.entries[0], now)
        return Post(composition.message, composition.entries), skipped

    def _build_notice_post(
        self, session: Session, entries: Sequence[OutboxEntry], context: compose.ChannelContext, now: datetime
    ) -> tuple[Post | None, Sequence[OutboxEntry], int]:
        """Return a message for one of the entries, the entries that are done, and how many were superseded."""
        choice = notices.choose(session, entries, context.channel, self._operator, now)
        skipped = self._supersede(session, choice.skipped, now, choice.reason)
        if choice.message is None or choice.entry is None:
            return None, choice.skipped, skipped
        self._record_possible_duplicate(session, choice.entry, now)
        return Post(choice.message, (choice.entry,)), (*choice.skipped, choice.entry), skipped

    def _clear_ambiguity(self, session: Session, entry: OutboxEntry, now: datetime) -> OutboxEntry:
        """Return the entry as never posted, so that it gets a delivery id of its own.

        It shares the delivery id of a notice that is sent alone, and would otherwise count as sent with that notice.
        """
        self._record_possible_duplicate(session, entry, now)
        return replace(entry, ambiguous_since=None, lookups=0)

    def _record_possible_duplicate(self, session: Session, entry: OutboxEntry, now: datetime) -> None:
        if entry.ambiguous_since is not None:
            outbox.add_possible_duplicate(session, entry, entry.error, now)

    def _build_update(
        self, session: Session, entry: OutboxEntry, context: compose.ChannelContext, now: datetime
    ) -> Update | None:
        """Return the current version of the entry's message; supersede the entry if there is no such message."""
        operator_message = notices.rebuild_operator_message(session, entry)
        message = operator_message or redraw.rebuild_message(session, entry, context, now)
        if message is None:
            self._supersede(session, [entry], now)
            return None
        return Update(message, entry.message_ts, (entry,))

    def _supersede(self, session: Session, entries: Sequence[OutboxEntry], now: datetime, reason: str = "") -> int:
        return sum(outbox.settle(session, e, state=OutboxState.SUPERSEDED, now=now, error=reason) for e in entries)

    def settle_lookup(
        self, session: Session, entry: OutboxEntry, message_ts: str, reason: str, now: datetime, retry_at: datetime
    ) -> OutboxState | None:
        """Settle an ambiguous entry by what the channel's history showed.

        `message_ts` is empty if the message was not found. `reason` tells why the history can't be read, if so. Return
        the new state; None if another process has taken the entry over.
        """
        if message_ts:
            done = outbox.settle(session, entry, state=OutboxState.SENT, now=now, message_ts=message_ts)
            return OutboxState.SENT if done else None
        if reason and self._on_ambiguous is AmbiguityPolicy.HOLD:
            error = f"might be posted, but channel history can't be read ({reason}): retry or drop it"
            done = outbox.settle(session, entry, state=OutboxState.HELD, now=now, error=error)
            return OutboxState.HELD if done else None
        lookups = MAX_LOOKUPS if reason else entry.lookups + 1
        next_try_at = now if lookups >= MAX_LOOKUPS else retry_at
        error = f"channel history can't be read: {reason}" if reason else "not found in channel history"
        done = outbox.record_lookup_miss(session, replace(entry, lookups=lookups - 1), next_try_at, error)
        return OutboxState.AMBIGUOUS if done else None


def _get_place(entry: OutboxEntry) -> Place:
    return Place(entry.reminder.workspace_id, entry.reminder.channel_id)


def _choose_resends(
    ambiguous: Sequence[OutboxEntry], certain: Sequence[OutboxEntry]
) -> tuple[list[OutboxEntry], list[OutboxEntry]]:
    """Return the ambiguous entries of one message to send again, and those outranked by a more urgent reminder."""
    countdowns = [e for e in certain if e.reminder.kind in compose.COUNTDOWN_KINDS]
    rungs = {get_milestone_key(e.reminder): e.reminder.rung for e in countdowns}
    outranked = [
        e
        for e in ambiguous
        if e.reminder.kind in compose.COUNTDOWN_KINDS
        and rungs.get(get_milestone_key(e.reminder), e.reminder.rung) < e.reminder.rung
    ]
    left = [e for e in ambiguous if e not in outranked]
    return [e for e in left if e.delivery_id == left[0].delivery_id], outranked


def _find_block_reason(session: Session, channel: Channel) -> str:
    """Return why nothing can be posted to the channel now; empty if it can be reached."""
    workspace = workspaces.find(session, channel.workspace_id)
    if workspace is not None and workspace.suspended_since is not None:
        return workspace.suspended_reason
    return channel.health_reason or channel.health.value if channel.health is not Health.OK else ""
