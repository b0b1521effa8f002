"""The end of a claim. A process that has lost its lease can't settle the entry.

The lease's owner and the attempt number are the fence: a statement changes nothing unless both still match.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import Database
from storage.facts import OutboxEntry, OutboxState, PossibleDuplicate
from storage.outbox.statements import INSTANT, bind_types
from storage.tables import OutboxRow, PossibleDuplicateRow

_END_CLAIM = bind_types(
    """
UPDATE outbox SET state = :state, message_ts = :ts, sent_at = :sent_at, error = :error, next_try_at = :next,
                  ambiguous_since = :ambiguous_since, lookups = :lookups, attempt = :attempts, owner = NULL,
                  lease_until = NULL
 WHERE id = :id AND state = 'sending' AND owner = :owner AND attempt = :attempt
RETURNING id
""",
    next=INSTANT,
    sent_at=INSTANT,
    ambiguous_since=INSTANT,
)

_SETTLE_SENT = bind_types(
    """
UPDATE outbox SET state = 'sent', message_ts = :ts, sent_at = :now, error = '', next_try_at = :now,
                  ambiguous_since = NULL, lookups = 0, owner = NULL, lease_until = NULL
 WHERE id = :id AND attempt = :attempt
   AND (state = 'sending' AND owner = :owner OR state = 'sent' AND message_ts = :ts)
   AND NOT EXISTS (SELECT 1 FROM channel
                    WHERE channel.workspace_id = :workspace_id AND channel.channel_id = :channel_id
                      AND channel.health_since IS NOT NULL)
RETURNING id
""",
    now=INSTANT,
)

_STAYS_AMBIGUOUS = (OutboxState.AMBIGUOUS, OutboxState.HELD)
"""States in which an earlier attempt might still have reached Slack."""


def settle(
    session: Session,
    entry: OutboxEntry,
    *,
    state: OutboxState,
    now: datetime,
    message_ts: str = "",
    error: str = "",
    next_try_at: datetime | None = None,
) -> bool:
    """End a claim with the state its delivery came to. Return False if the lease was lost to another process."""
    ambiguous_since = entry.ambiguous_since
    if state is OutboxState.AMBIGUOUS:
        ambiguous_since = ambiguous_since or now
    return _end_claim(
        session,
        entry,
        state=state.value,
        ts=message_ts or entry.message_ts,
        sent_at=now if state is OutboxState.SENT else entry.sent_at,
        error="".join(c if c.isprintable() else " " for c in error[:200]),
        next=next_try_at or now,
        ambiguous_since=ambiguous_since if state in _STAYS_AMBIGUOUS else None,
        lookups=entry.lookups if state in _STAYS_AMBIGUOUS else 0,
    )


def settle_sent(database: Database, entry: OutboxEntry, message_ts: str, now: datetime, *, wait: float = 0.0) -> bool:
    """End the claim of a posted message, with one idempotent statement run through the driver alone.

    Return False and change nothing if the lease was lost, or if the channel has a health problem to clear as well.
    `wait` is how many seconds to wait for a locked SQLite database.
    """
    values = {
        "id": entry.entry_id,
        "owner": entry.owner,
        "attempt": entry.attempt,
        "ts": message_ts,
        "now": now,
        "workspace_id": entry.reminder.workspace_id,
        "channel_id": entry.reminder.channel_id,
    }
    return bool(database.write(_SETTLE_SENT, values, wait=wait))


def release(session: Session, entry: OutboxEntry, next_try_at: datetime) -> bool:
    """End a claim under which nothing was sent, without counting the attempt. Return False if the lease was lost."""
    return _end_claim(
        session,
        entry,
        state=(OutboxState.AMBIGUOUS if entry.ambiguous_since else OutboxState.PENDING).value,
        next=next_try_at,
        attempts=max(entry.attempt - 1, 0),
    )


def record_lookup_miss(session: Session, entry: OutboxEntry, next_try_at: datetime, error: str) -> bool:
    """End a claim under which the channel's history did not show the message, to search again later.

    Return False if the lease was lost.
    """
    state = OutboxState.AMBIGUOUS.value
    return _end_claim(session, entry, state=state, next=next_try_at, error=error, lookups=entry.lookups + 1)


def add_possible_duplicate(session: Session, entry: OutboxEntry, reason: str, now: datetime) -> None:
    """Store that the entry's message might have been posted twice."""
    reminder = entry.reminder
    place = reminder.workspace_id, reminder.channel_id
    PossibleDuplicateRow.store(session, PossibleDuplicate(entry.entry_id, *place, entry.delivery_id, reason, now))


def list_possible_duplicates(session: Session) -> tuple[PossibleDuplicate, ...]:
    """Return every message that might have been posted twice, newest first. Covers all workspaces."""
    query = select(PossibleDuplicateRow).order_by(col(PossibleDuplicateRow.id).desc())
    return tuple(row.to_fact() for row in session.exec(query))


def resume_held(session: Session, workspace_id: str, now: datetime, channel_id: str = "") -> int:
    """Make the held entries of the channel, or of the whole workspace, due. Return their number.

    Ambiguous ones are searched for in Slack before they are posted again.
    """
    state = sa.case((col(OutboxRow.ambiguous_since).is_not(None), "ambiguous"), else_="pending")
    statement = (
        sa.update(OutboxRow)
        .where(col(OutboxRow.workspace_id) == workspace_id, col(OutboxRow.state) == OutboxState.HELD.value)
        .values(state=state, next_try_at=now, attempt=0)
        .returning(col(OutboxRow.id))
    )
    if channel_id:
        statement = statement.where(col(OutboxRow.channel_id) == channel_id)
    return len(session.execute(statement).all())


def _end_claim(session: Session, entry: OutboxEntry, **changes: object) -> bool:
    """End the claim with these changes to the entry. Return False if the lease was lost."""
    fence = {"id": entry.entry_id, "owner": entry.owner, "attempt": entry.attempt}
    kept = {"ts": entry.message_ts, "sent_at": entry.sent_at, "error": entry.error, "lookups": entry.lookups}
    kept |= {"ambiguous_since": entry.ambiguous_since, "attempts": entry.attempt}
    return session.execute(_END_CLAIM, {**kept, **changes, **fence}).first() is not None
