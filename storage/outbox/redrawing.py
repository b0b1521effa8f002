"""Messages to be drawn anew: an entry that names one by its time stamp."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.facts import Kind, OutboxState, Reminder
from storage.outbox.statements import DAY, INSTANT, typed
from storage.tables import OutboxRow, checked

_REDRAW = typed(
    """
INSERT INTO outbox (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind,
                    due_on, due_at, next_try_at, state, attempt, looks, message_ts, error)
VALUES (:workspace_id, :channel_id, :product, :version, :milestone, :date, :rung, :kind,
        :due_on, :due_at, :due_at, 'pending', 0, 0, :ts, '')
    ON CONFLICT (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind)
    DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at, attempt = 0,
                  message_ts = excluded.message_ts, owner = NULL, lease_until = NULL, unsure_since = NULL
""",
    date=DAY,
    due_on=DAY,
    due_at=INSTANT,
)


def redraw(session: Session, reminder: Reminder, message_ts: str, due_at: datetime) -> None:
    """Has the message drawn anew at a moment, once more where that was asked for before.

    One that is being drawn this moment may show what was so before: it is drawn again.
    """
    values = {
        "workspace_id": checked(reminder.workspace_id),
        "channel_id": checked(reminder.channel_id),
        "product": checked(reminder.product),
        "version": checked(reminder.version),
        "milestone": reminder.milestone.value if reminder.milestone else "",
        "date": reminder.milestone_date,
        "rung": reminder.rung,
        "kind": Kind(reminder.kind).value,
        "due_on": due_at.date(),
        "due_at": due_at,
        "ts": checked(message_ts),
    }
    session.execute(_REDRAW, values)


def forget_return(session: Session, reminder: Reminder) -> None:
    """Drops the reminder that a snooze would have ended with."""
    session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.workspace_id) == reminder.workspace_id, col(OutboxRow.channel_id) == reminder.channel_id)
        .where(col(OutboxRow.product) == reminder.product, col(OutboxRow.version) == reminder.version)
        .where(col(OutboxRow.milestone) == (reminder.milestone.value if reminder.milestone else ""))
        .where(col(OutboxRow.milestone_date) == reminder.milestone_date, col(OutboxRow.rung) == reminder.rung)
        .where(col(OutboxRow.kind) == Kind.SNOOZED.value)
        .where(col(OutboxRow.state).in_((OutboxState.PENDING.value, OutboxState.HELD.value)))
        .values(state=OutboxState.SUPERSEDED.value)
    )
