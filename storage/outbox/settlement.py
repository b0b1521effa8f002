"""Claims ended behind a fence: whoever lost the lease settles nothing."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import Database
from storage.facts import OutboxEntry, OutboxState, PossibleDuplicate
from storage.outbox.statements import INSTANT, bind_types
from storage.tables import OutboxRow, PossibleDuplicateRow

_RELEASE = bind_types(
    """
UPDATE outbox SET state = :state, message_ts = :ts, sent_at = :sent_at, error = :error, next_try_at = :next,
                  unsure_since = :unsure, looks = :looks, attempt = :attempts, owner = NULL, lease_until = NULL
 WHERE id = :id AND state = 'sending' AND owner = :owner AND attempt = :attempt
RETURNING id
""",
    next=INSTANT,
    sent_at=INSTANT,
    unsure=INSTANT,
)

_SENT = bind_types(
    """
UPDATE outbox SET state = 'sent', message_ts = :ts, sent_at = :now, error = '', next_try_at = :now,
                  unsure_since = NULL, looks = 0, owner = NULL, lease_until = NULL
 WHERE id = :id AND attempt = :attempt
   AND (state = 'sending' AND owner = :owner OR state = 'sent' AND message_ts = :ts)
   AND NOT EXISTS (SELECT 1 FROM channel
                    WHERE channel.workspace_id = :workspace_id AND channel.channel_id = :channel_id
                      AND channel.health_since IS NOT NULL)
RETURNING id
""",
    now=INSTANT,
)

_KEEPS_DOUBT = (OutboxState.AMBIGUOUS, OutboxState.HELD)
"""States in which it still matters that Slack may hold the message."""


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
    """Ends a claim; False where it was no longer ours, because the lease ran out and another took it."""
    unsure = (entry.ambiguous_since or now) if state is OutboxState.AMBIGUOUS else entry.ambiguous_since
    return _release(
        session,
        entry,
        state=state.value,
        ts=message_ts or entry.message_ts,
        sent_at=now if state is OutboxState.SENT else entry.sent_at,
        error="".join(c if c.isprintable() else " " for c in error[:200]),
        next=next_try_at or now,
        unsure=unsure if state in _KEEPS_DOUBT else None,
        looks=entry.lookups if state in _KEEPS_DOUBT else 0,
        attempts=entry.attempt,
    )


def settle_sent(database: Database, entry: OutboxEntry, message_ts: str, now: datetime, *, wait: float = 0.0) -> bool:
    """Ends the claim of a message that was posted, in one statement by the driver alone, which may be run twice.

    False, and nothing is changed, where the claim was no longer ours or the channel's health has to be mended along.
    """
    where = entry.reminder
    of = {"id": entry.entry_id, "owner": entry.owner, "attempt": entry.attempt, "ts": message_ts, "now": now}
    values = {**of, "workspace_id": where.workspace_id, "channel_id": where.channel_id}
    return bool(database.write(_SENT, values, wait=wait))


def release(session: Session, entry: OutboxEntry, next_try_at: datetime) -> bool:
    """Ends a claim under which nothing was sent: the entry is as if it had not been taken, to be tried later."""
    return _release(
        session,
        entry,
        state=(OutboxState.AMBIGUOUS if entry.ambiguous_since else OutboxState.PENDING).value,
        ts=entry.message_ts,
        sent_at=entry.sent_at,
        error=entry.error,
        next=next_try_at,
        unsure=entry.ambiguous_since,
        looks=entry.lookups,
        attempts=max(entry.attempt - 1, 0),
    )


def record_lookup_miss(session: Session, entry: OutboxEntry, next_try_at: datetime, error: str) -> bool:
    """Ends a claim under which Slack was asked and did not show the message; it is asked again later."""
    return _release(
        session,
        entry,
        state=OutboxState.AMBIGUOUS.value,
        ts=entry.message_ts,
        sent_at=entry.sent_at,
        error=error,
        next=next_try_at,
        unsure=entry.ambiguous_since,
        looks=entry.lookups + 1,
        attempts=entry.attempt,
    )


def add_possible_duplicate(session: Session, entry: OutboxEntry, reason: str, now: datetime) -> None:
    """Records that the entry's message may stand in its channel twice."""
    where = entry.reminder
    fact = PossibleDuplicate(entry.entry_id, where.workspace_id, where.channel_id, entry.delivery_id, reason, now)
    session.add(PossibleDuplicateRow.from_fact(fact))
    session.flush()


def list_possible_duplicates(session: Session) -> tuple[PossibleDuplicate, ...]:
    """Every message that may stand in its channel twice, newest first; any workspace's."""
    query = select(PossibleDuplicateRow).order_by(col(PossibleDuplicateRow.id).desc())
    return tuple(row.to_fact() for row in session.exec(query))


def resume_held(session: Session, workspace_id: str, now: datetime, channel_id: str = "") -> int:
    """Has what is held in the channel, or in the whole workspace, tried again; unsure ones are looked up first."""
    doubt = sa.case((col(OutboxRow.unsure_since).is_not(None), "ambiguous"), else_="pending")
    statement = (
        sa.update(OutboxRow)
        .where(col(OutboxRow.workspace_id) == workspace_id, col(OutboxRow.state) == OutboxState.HELD.value)
        .values(state=doubt, next_try_at=now, attempt=0)
        .returning(col(OutboxRow.id))
    )
    if channel_id:
        statement = statement.where(col(OutboxRow.channel_id) == channel_id)
    return len(session.execute(statement).all())


def _release(session: Session, entry: OutboxEntry, **values: object) -> bool:
    fence = {"id": entry.entry_id, "owner": entry.owner, "attempt": entry.attempt}
    return session.execute(_RELEASE, {**values, **fence}).first() is not None
