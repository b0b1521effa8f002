"""What else than a ladder's rungs is written into the outbox: moved dates, news, corrections, summaries, notes."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.facts import CatalogueEvent, DateChange, EventKind, MessageKind, OutboxState, Reminder
from storage.outbox.statements import DAY, INSTANT, bind_types
from storage.tables import OutboxRow, validate_text

_COLUMNS = """
INSERT INTO outbox (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind,
                    due_on, due_at, next_try_at, state, attempt, looks, message_ts, error)
"""
_ONCE = """
    ON CONFLICT (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind)
"""
_TEXTS = {name: sa.String() for name in ("product", "version", "framework", "milestone", "kind")}


def _statement(text: str) -> sa.TextClause:
    names = {"before": DAY, "date": DAY, "due_on": DAY, "due_at": INSTANT, "rung": sa.Integer(), **_TEXTS}
    return bind_types(text, **{name: kind for name, kind in names.items() if f":{name}" in text})


_WATCHERS = _statement(f"""
{_COLUMNS}
SELECT DISTINCT s.workspace_id, s.channel_id, :product, :version, :milestone, :date, :rung, :kind,
       :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM subscription s
 WHERE s.product = :product AND s.target IN (:version, :framework, 'all')
 ORDER BY s.workspace_id, s.channel_id
{_ONCE} DO NOTHING
""")  # noqa: S608 - constants of ours

_LISTENERS = _statement(f"""
{_COLUMNS}
SELECT DISTINCT s.workspace_id, s.channel_id, :product, :version, :milestone, :date, :rung, :kind,
       :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM subscription s JOIN channel c ON c.workspace_id = s.workspace_id AND c.channel_id = s.channel_id
 WHERE s.product = :product AND s.target IN (:version, :framework, 'all') AND c.notes
 ORDER BY s.workspace_id, s.channel_id
{_ONCE} DO NOTHING
""")  # noqa: S608 - constants of ours

_CORRECTIONS = _statement(f"""
{_COLUMNS}
SELECT o.workspace_id, o.channel_id, o.product, o.version, o.milestone, o.milestone_date, o.rung, 'correction',
       :due_on, :due_at, :due_at, 'pending', 0, 0, max(o.message_ts), ''
  FROM outbox o
 WHERE o.product = :product AND o.version = :version AND o.milestone = :milestone AND o.milestone_date = :date
   AND o.kind IN ('reminder', 'snoozed') AND o.state = 'sent' AND o.message_ts <> ''
 GROUP BY o.workspace_id, o.channel_id, o.product, o.version, o.milestone, o.milestone_date, o.rung
 ORDER BY o.workspace_id, o.channel_id
{_ONCE} DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at, attempt = 0
 WHERE outbox.state IN ('sent', 'superseded', 'dead')
""")  # noqa: S608 - constants of ours

_WEEKLY = _statement(f"""
{_COLUMNS}
SELECT c.workspace_id, c.channel_id, :product, 'all', '', :date, 0, 'weekly',
       :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM channel c
 WHERE c.schedule_id = :schedule_id AND c.weekly
   AND EXISTS (SELECT 1 FROM subscription s WHERE s.workspace_id = c.workspace_id AND s.channel_id = c.channel_id)
 ORDER BY c.workspace_id, c.channel_id
{_ONCE} DO NOTHING
""")  # noqa: S608 - constants of ours

_ONE = _statement(f"""
{_COLUMNS}
VALUES (:workspace_id, :channel_id, :product, :version, :milestone, :date, :rung, :kind,
        :due_on, :due_at, :due_at, 'pending', 0, 0, '', '')
{_ONCE} DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at, attempt = 0
 WHERE outbox.state = 'superseded'
""")


def announce_date_change(session: Session, change: DateChange, now: datetime) -> int:
    """Writes one notice for every channel that watches the version, and a correction for each message that is wrong.

    A withdrawn date is told under its old day.
    """
    same = {"product": change.product, "version": change.version, "milestone": change.milestone.value}
    when = {"due_on": now.date(), "due_at": now}
    session.execute(_CORRECTIONS, {**same, **when, "date": change.before})
    if change.after is not None:  # messages about that day, from when it stood before, are true again
        session.execute(_CORRECTIONS, {**same, **when, "date": change.after})
    told = {
        "framework": change.version.partition("-")[0],
        "rung": change.change_id,
        "kind": MessageKind.DATE_CHANGE.value,
    }
    done = session.execute(_WATCHERS, {**same, **when, **told, "date": change.after or change.before})
    return int(done.rowcount)  # type: ignore[attr-defined] # rows changed; typed for SELECTs only


def announce_event(session: Session, event: CatalogueEvent, now: datetime) -> int:
    """Writes the event, which has its number, for every channel that watches the version, its framework, or all.

    What the release notes say goes to those of them that want it.
    """
    noted = event.kind is EventKind.RELEASE_NOTE
    values = {
        "kind": (MessageKind.RELEASE_NOTE if noted else MessageKind.EVENT).value,
        "product": event.product,
        "version": event.version,
        "framework": event.framework,
        "milestone": event.milestone.value if event.milestone else "",
        "date": event.day or event.found_at.date(),
        "rung": event.event_id,
        "due_on": now.date(),
        "due_at": now,
    }
    done = session.execute(_LISTENERS if noted else _WATCHERS, values)
    return int(done.rowcount)  # type: ignore[attr-defined] # the same


def plan_weekly_summaries(session: Session, schedule_id: int, product: str, monday: date, due_at: datetime) -> int:
    """Writes the week's summary for every channel of the schedule that wants one."""
    values = {"schedule_id": schedule_id, "product": product, "date": monday, "due_on": monday, "due_at": due_at}
    return int(session.execute(_WEEKLY, values).rowcount)  # type: ignore[attr-defined] # the same


def add(session: Session, reminder: Reminder, due_at: datetime) -> bool:
    """Writes one entry; False where it is there already. A superseded one comes back."""
    values = {
        "workspace_id": validate_text(reminder.workspace_id),
        "channel_id": validate_text(reminder.channel_id),
        "product": validate_text(reminder.product),
        "version": validate_text(reminder.version),
        "milestone": reminder.milestone.value if reminder.milestone else "",
        "date": reminder.milestone_date,
        "rung": reminder.rung,
        "kind": MessageKind(reminder.kind).value,
        "due_on": due_at.date(),
        "due_at": due_at,
    }
    return bool(session.execute(_ONE, values).rowcount)  # type: ignore[attr-defined] # the same


_REDRAW = bind_types(
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


def redraw_message(session: Session, reminder: Reminder, message_ts: str, due_at: datetime) -> None:
    """Has the message drawn anew at a moment, once more where that was asked for before.

    One that is being drawn this moment may show what was so before: it is drawn again.
    """
    values = {
        "workspace_id": validate_text(reminder.workspace_id),
        "channel_id": validate_text(reminder.channel_id),
        "product": validate_text(reminder.product),
        "version": validate_text(reminder.version),
        "milestone": reminder.milestone.value if reminder.milestone else "",
        "date": reminder.milestone_date,
        "rung": reminder.rung,
        "kind": MessageKind(reminder.kind).value,
        "due_on": due_at.date(),
        "due_at": due_at,
        "ts": validate_text(message_ts),
    }
    session.execute(_REDRAW, values)


def supersede_snoozed(session: Session, reminder: Reminder) -> None:
    """Drops the reminder that a snooze would have ended with."""
    session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.workspace_id) == reminder.workspace_id, col(OutboxRow.channel_id) == reminder.channel_id)
        .where(col(OutboxRow.product) == reminder.product, col(OutboxRow.version) == reminder.version)
        .where(col(OutboxRow.milestone) == (reminder.milestone.value if reminder.milestone else ""))
        .where(col(OutboxRow.milestone_date) == reminder.milestone_date, col(OutboxRow.rung) == reminder.rung)
        .where(col(OutboxRow.kind) == MessageKind.SNOOZED.value)
        .where(col(OutboxRow.state).in_((OutboxState.PENDING.value, OutboxState.HELD.value)))
        .values(state=OutboxState.SUPERSEDED.value)
    )
