"""Reminders written into the outbox: the same statement on both databases, run any number of times."""

import sqlalchemy as sa
from sqlmodel import Session

from storage.facts import DueRung, PlanResult
from storage.outbox.statements import DAY, INSTANT, bind_types
from storage.tables import ACTIVE

_NEW = """
INSERT INTO outbox (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind,
                    due_on, due_at, next_try_at, state, attempt, looks, message_ts, error)
SELECT DISTINCT s.workspace_id, s.channel_id, :product, :version, :milestone, :date, :rung, 'reminder',
       :due_on, :due_at, :due_at, 'pending', 0, 0, '', ''
  FROM subscription s JOIN channel c ON c.workspace_id = s.workspace_id AND c.channel_id = s.channel_id
 WHERE s.product = :product AND s.target IN (:version, :framework, 'all') AND s.created_at <= :due_at AND {where}
 ORDER BY s.workspace_id, s.channel_id
    ON CONFLICT (workspace_id, channel_id, product, version, milestone, milestone_date, rung, kind)
    DO UPDATE SET state = 'pending', due_at = excluded.due_at, next_try_at = excluded.next_try_at
 WHERE outbox.state = 'superseded'
"""

_NEARER = f"""
UPDATE outbox SET state = 'superseded', owner = NULL, lease_until = NULL
 WHERE {ACTIVE} AND state = 'pending' AND product = :product AND version = :version
   AND milestone = :milestone AND milestone_date = :date AND rung > :rung AND kind IN ('reminder', 'snoozed')
   AND EXISTS (SELECT 1 FROM outbox nearer
                WHERE nearer.workspace_id = outbox.workspace_id AND nearer.channel_id = outbox.channel_id
                  AND nearer.product = :product AND nearer.version = :version AND nearer.milestone = :milestone
                  AND nearer.milestone_date = :date AND nearer.rung = :rung AND nearer.kind = 'reminder')
"""  # noqa: S608 - a constant of ours


def _planning(where: str) -> sa.TextClause:
    """Every value with its type: PostgreSQL can't tell the type of a value in a SELECT."""
    return bind_types(
        _NEW.format(where=where),
        product=sa.String(),
        version=sa.String(),
        framework=sa.String(),
        milestone=sa.String(),
        rung=sa.Integer(),
        date=DAY,
        due_on=DAY,
        due_at=INSTANT,
    )


_PLAN = _planning("c.schedule_id = :schedule_id")
_PLAN_CHANNEL = _planning("s.workspace_id = :workspace_id AND s.channel_id = :channel_id")
_SUPERSEDE_FARTHER = bind_types(_NEARER, date=DAY)


def plan(session: Session, schedule_id: int, rung: DueRung) -> PlanResult:
    """Writes the rung for every channel of the schedule that watched the version at its moment; idempotent.

    A superseded reminder comes back; rungs farther from the milestone that still wait are superseded.
    """
    return _plan(session, _PLAN, rung, schedule_id=schedule_id)


def plan_channel(session: Session, workspace_id: str, channel_id: str, rung: DueRung) -> PlanResult:
    """The same for one channel."""
    return _plan(session, _PLAN_CHANNEL, rung, workspace_id=workspace_id, channel_id=channel_id)


def _plan(session: Session, statement: sa.TextClause, rung: DueRung, **where: object) -> PlanResult:
    same: dict[str, object] = {
        "product": rung.product,
        "version": rung.version,
        "milestone": rung.milestone.value,
        "date": rung.milestone_date,
        "rung": rung.rung,
    }
    more = {"framework": rung.framework, "due_on": rung.due_on, "due_at": rung.due_at}
    written = _count(session, statement, {**same, **more, **where})
    superseded = _count(session, _SUPERSEDE_FARTHER, same) if written else 0
    return PlanResult(written, superseded)


def _count(session: Session, statement: sa.TextClause, parameters: dict[str, object]) -> int:
    done = session.execute(statement, parameters)
    return int(done.rowcount)  # type: ignore[attr-defined] # rows changed; typed for SELECTs only
