"""Planning of reminders: one idempotent statement for each rung, on both databases."""

import sqlalchemy as sa
from sqlmodel import Session

from storage.facts import DueRung, PlanResult
from storage.outbox.statements import DAY, INSERT, INSTANT, ON_CONFLICT, bind_types, execute
from storage.tables import ACTIVE


def _build_plan(condition: str) -> sa.TextClause:
    """Return the statement with a type for every parameter, because PostgreSQL can't infer them in a SELECT."""
    return bind_types(
        f"""
{INSERT}
SELECT DISTINCT s.workspace_id, s.channel_id, :product, :version, :milestone, :date, :rung, 'reminder', '', '',
       :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM subscription s JOIN channel c ON c.workspace_id = s.workspace_id AND c.channel_id = s.channel_id
 WHERE s.product = :product AND s.target IN (:version, :framework, 'all') AND s.created_at <= :due_at AND {condition}
 ORDER BY s.workspace_id, s.channel_id
{ON_CONFLICT}
DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at
 WHERE outbox.state = 'superseded'
""",  # noqa: S608 - built from constants
        product=sa.String(),
        version=sa.String(),
        framework=sa.String(),
        milestone=sa.String(),
        rung=sa.Integer(),
        date=DAY,
        due_on=DAY,
        due_at=INSTANT,
    )


_PLAN = _build_plan("c.schedule_id = :schedule_id")
_PLAN_CHANNEL = _build_plan("s.workspace_id = :workspace_id AND s.channel_id = :channel_id")
_SUPERSEDE_EARLIER = bind_types(
    f"""
UPDATE outbox SET state = 'superseded', owner = NULL, lease_until = NULL
 WHERE {ACTIVE} AND state = 'pending' AND product = :product AND version = :version
   AND milestone = :milestone AND milestone_date = :date AND rung > :rung AND kind IN ('reminder', 'snoozed')
   AND EXISTS (SELECT 1 FROM outbox nearer
                WHERE nearer.workspace_id = outbox.workspace_id AND nearer.channel_id = outbox.channel_id
                  AND nearer.product = :product AND nearer.version = :version AND nearer.milestone = :milestone
                  AND nearer.milestone_date = :date AND nearer.rung = :rung AND nearer.kind = 'reminder')
""",  # noqa: S608 - built from constants
    date=DAY,
)


def plan(session: Session, schedule_id: int, rung: DueRung) -> PlanResult:
    """Write the rung's reminder for every channel on the schedule that had subscribed by the rung's due time.

    A superseded reminder becomes pending again. Pending reminders of earlier rungs are superseded.
    """
    return _plan(session, _PLAN, rung, schedule_id=schedule_id)


def plan_channel(session: Session, workspace_id: str, channel_id: str, rung: DueRung) -> PlanResult:
    """Write the rung's reminder for one channel, as `plan` does for a schedule."""
    return _plan(session, _PLAN_CHANNEL, rung, workspace_id=workspace_id, channel_id=channel_id)


def _plan(session: Session, statement: sa.TextClause, rung: DueRung, **scope: object) -> PlanResult:
    key: dict[str, object] = {
        "product": rung.product,
        "version": rung.version,
        "milestone": rung.milestone.value,
        "date": rung.milestone_date,
        "rung": rung.rung,
    }
    values = {**key, "framework": rung.framework, "due_on": rung.due_on, "due_at": rung.due_at, **scope}
    written = execute(session, statement, values)
    superseded = execute(session, _SUPERSEDE_EARLIER, key) if written else 0
    return PlanResult(written, superseded)
