"""Outbox entries other than planned reminders: announcements, corrections, summaries, and messages to people."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.facts import (
    CatalogueChange,
    CatalogueEvent,
    DateChange,
    DateFilledIn,
    MessageKind,
    OutboxState,
    OverrideConflict,
    ReleaseNoteMention,
    Reminder,
)
from storage.outbox.statements import DAY, INSERT, INSTANT, ON_CONFLICT, bind_types, execute
from storage.tables import OutboxRow, validate_text

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "date": DAY,
    "due_on": DAY,
    "due_at": INSTANT,
    "rung": sa.Integer(),
    **{name: sa.String() for name in ("product", "version", "framework", "milestone", "kind", "subject")},
}


def _build_insert(rows: str, on_conflict: str) -> sa.TextClause:
    text = f"{INSERT}\n{rows}\n{ON_CONFLICT} {on_conflict}"
    return bind_types(text, **{name: type_ for name, type_ in _TYPES.items() if f":{name}" in text})


_SELECT_SUBSCRIBERS = """
SELECT DISTINCT s.workspace_id, s.channel_id, :product, :version, :milestone, :date, 0, :kind, :subject, '',
       :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM subscription s {join}
 WHERE s.product = :product AND s.target IN (:version, :framework, 'all')
 ORDER BY s.workspace_id, s.channel_id
"""
_WANTS_NOTES = "JOIN channel c ON c.workspace_id = s.workspace_id AND c.channel_id = s.channel_id AND c.notes"
_INSERT_FOR_SUBSCRIBERS = _build_insert(_SELECT_SUBSCRIBERS.format(join=""), "DO NOTHING")
_INSERT_FOR_RELEASE_NOTE_SUBSCRIBERS = _build_insert(_SELECT_SUBSCRIBERS.format(join=_WANTS_NOTES), "DO NOTHING")

_INSERT_CORRECTIONS = _build_insert(
    """
SELECT o.workspace_id, o.channel_id, o.product, o.version, o.milestone, o.milestone_date, o.rung, 'correction', '', '',
       :due_on, :due_at, :due_at, 'pending', 0, 0, max(o.message_ts), ''
  FROM outbox o
 WHERE o.product = :product AND o.version = :version AND o.milestone = :milestone AND o.milestone_date = :date
   AND o.kind IN ('reminder', 'snoozed') AND o.state = 'sent' AND o.message_ts <> ''
 GROUP BY o.workspace_id, o.channel_id, o.product, o.version, o.milestone, o.milestone_date, o.rung
 ORDER BY o.workspace_id, o.channel_id
""",
    """
DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at, attempt = 0
 WHERE outbox.state IN ('sent', 'superseded', 'dead')
""",
)

_INSERT_WEEKLY_SUMMARIES = _build_insert(
    """
SELECT c.workspace_id, c.channel_id, :product, '', '', :date, 0, 'weekly', '', '',
       :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM channel c
 WHERE c.schedule_id = :schedule_id AND c.weekly
   AND EXISTS (SELECT 1 FROM subscription s WHERE s.workspace_id = c.workspace_id AND s.channel_id = c.channel_id)
 ORDER BY c.workspace_id, c.channel_id
""",
    "DO NOTHING",
)

_INSERT_ENTRY = _build_insert(
    """
VALUES (:workspace_id, :channel_id, :product, :version, :milestone, :date, :rung, :kind, :subject, :health,
        :due_on, :due_at, :due_at, 'pending', 0, 0, '', '')
""",
    """
DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at, attempt = 0
 WHERE outbox.state = 'superseded'
""",
)

_INSERT_REDRAW = _build_insert(
    """
VALUES (:workspace_id, :channel_id, :product, :version, :milestone, :date, :rung, :kind, :subject, :health,
        :due_on, :due_at, :due_at, 'pending', 0, 0, :ts, '')
""",
    """
DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at, attempt = 0,
              message_ts = excluded.message_ts, owner = NULL, lease_until = NULL, ambiguous_since = NULL
""",
)


def announce_date_change(session: Session, change: DateChange, now: datetime) -> int:
    """Write an announcement for every subscribed channel, and a correction for every outdated message.

    Return the number of announcements. A withdrawn date is announced under the old date.
    """
    key = {"product": change.product, "version": change.version, "milestone": change.milestone.value}
    due = {"due_on": now.date(), "due_at": now}
    execute(session, _INSERT_CORRECTIONS, {**key, **due, "date": change.before})
    if change.after is not None:  # The date may have moved back: messages about it, once corrected, are right again.
        execute(session, _INSERT_CORRECTIONS, {**key, **due, "date": change.after})
    announcement = {
        "framework": change.version.partition("-")[0],
        "subject": str(change.change_id),
        "kind": MessageKind.DATE_CHANGE.value,
        "date": change.after or change.before,
    }
    return execute(session, _INSERT_FOR_SUBSCRIBERS, {**key, **due, **announcement})


def announce_event(session: Session, event: CatalogueEvent, now: datetime) -> int:
    """Write the stored event for every channel subscribed to its version, its framework, or all. Return their number.

    A release note is written only for those channels that want release notes.
    """
    change = event.change
    is_release_note = isinstance(change, ReleaseNoteMention)
    milestone, day = _get_milestone(change)
    statement = _INSERT_FOR_RELEASE_NOTE_SUBSCRIBERS if is_release_note else _INSERT_FOR_SUBSCRIBERS
    values = {
        "kind": (MessageKind.RELEASE_NOTE if is_release_note else MessageKind.EVENT).value,
        "product": change.product,
        "version": change.version,
        "framework": change.version.partition("-")[0],
        "milestone": milestone,
        "date": day or event.found_at.date(),
        "subject": str(event.event_id),
        "due_on": now.date(),
        "due_at": now,
    }
    return execute(session, statement, values)


def plan_weekly_summaries(session: Session, schedule_id: int, product: str, monday: date, due_at: datetime) -> int:
    """Write the summary of a week for every channel on the schedule that gets one. Return their number."""
    values = {"schedule_id": schedule_id, "product": product, "date": monday, "due_on": monday, "due_at": due_at}
    return execute(session, _INSERT_WEEKLY_SUMMARIES, values)


def add(session: Session, reminder: Reminder, due_at: datetime) -> bool:
    """Write one entry, or make a superseded one pending again. Return False if it exists in another state."""
    return bool(execute(session, _INSERT_ENTRY, _build_values(reminder, due_at)))


def redraw_message(session: Session, reminder: Reminder, message_ts: str, due_at: datetime) -> None:
    """Write an entry that updates a sent message, or make an existing one pending again.

    This includes an entry that is being sent, because it might show the message's old content.
    """
    execute(session, _INSERT_REDRAW, {**_build_values(reminder, due_at), "ts": validate_text(message_ts)})


def supersede_snoozed(session: Session, reminder: Reminder) -> None:
    """Supersede the pending reminder at the end of a snooze."""
    session.execute(
        sa.update(OutboxRow)
        .filter_by(workspace_id=reminder.workspace_id, channel_id=reminder.channel_id, kind=MessageKind.SNOOZED.value)
        .filter_by(product=reminder.product, version=reminder.version, rung=reminder.rung)
        .filter_by(
            milestone=reminder.milestone.value if reminder.milestone else "", milestone_date=reminder.milestone_date
        )
        .where(col(OutboxRow.state).in_((OutboxState.PENDING.value, OutboxState.HELD.value)))
        .values(state=OutboxState.SUPERSEDED.value)
    )


def _get_milestone(change: CatalogueChange) -> tuple[str, date | None]:
    """Return the milestone and the day that a change is about, if it is about any."""
    match change:
        case DateFilledIn(milestone=milestone, day=day) | OverrideConflict(milestone=milestone, day=day):
            return milestone.value, day
        case ReleaseNoteMention(day=day):
            return "", day
        case _:
            return "", None


def _build_values(reminder: Reminder, due_at: datetime) -> dict[str, object]:
    return {
        "workspace_id": validate_text(reminder.workspace_id),
        "channel_id": validate_text(reminder.channel_id),
        "product": validate_text(reminder.product),
        "version": validate_text(reminder.version),
        "milestone": reminder.milestone.value if reminder.milestone else "",
        "date": reminder.milestone_date,
        "rung": reminder.rung,
        "kind": MessageKind(reminder.kind).value,
        "subject": validate_text(reminder.subject),
        "health": reminder.health.value if reminder.health else "",
        "due_on": due_at.date(),
        "due_at": due_at,
    }
