"""What people decided for their channels, in force until it ends."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import Decided, Decision, Milestone
from storage.tables import DecisionRow


def of_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[Decision, ...]:
    """The channel's decisions in force, oldest first."""
    query = select(DecisionRow).where(*_in_force(workspace_id, channel_id)).order_by(col(DecisionRow.id))
    return tuple(row.fact() for row in session.exec(query))


def of_workspace(session: Session, workspace_id: str) -> tuple[Decision, ...]:
    """The decisions in force in every channel of the workspace, oldest first."""
    query = (
        select(DecisionRow)
        .where(col(DecisionRow.workspace_id) == workspace_id, col(DecisionRow.ended_at).is_(None))
        .order_by(col(DecisionRow.id))
    )
    return tuple(row.fact() for row in session.exec(query))


def add(session: Session, decision: Decision) -> None:
    """Puts the decision in force; an earlier one about the same ends."""
    end(session, decision, decision.decided_at, "decided anew")
    session.add(DecisionRow.of(decision))
    session.flush()


def end(session: Session, decision: Decision, at: datetime, why: str) -> bool:
    """Ends what is in force about the same; False where nothing was. An owner stands beside other decisions."""
    done = session.execute(
        sa.update(DecisionRow)
        .where(*_in_force(decision.workspace_id, decision.channel_id))
        .where(col(DecisionRow.product) == decision.product, col(DecisionRow.version) == decision.version)
        .where(col(DecisionRow.milestone) == (decision.milestone.value if decision.milestone else ""))
        .where(col(DecisionRow.milestone_date).is_not_distinct_from(decision.milestone_date))
        .where((col(DecisionRow.decided) == Decided.OWNED.value) == (decision.decided is Decided.OWNED))
        .values(ended_at=at, ended_why=why)
        .returning(col(DecisionRow.id))
    )
    return done.first() is not None


def about(
    session: Session, product: str, version: str, milestone: Milestone, milestone_date: date
) -> tuple[Decision, ...]:
    """Decisions in force about one date of a version, in every channel of any workspace."""
    query = (
        select(DecisionRow)
        .where(col(DecisionRow.product) == product, col(DecisionRow.version) == version)
        .where(col(DecisionRow.ended_at).is_(None), col(DecisionRow.decided) != Decided.MIGRATED.value)
        .where(col(DecisionRow.milestone) == milestone.value, col(DecisionRow.milestone_date) == milestone_date)
        .order_by(col(DecisionRow.id))
    )
    return tuple(row.fact() for row in session.exec(query))


def _in_force(workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(DecisionRow.workspace_id) == workspace_id,
        col(DecisionRow.channel_id) == channel_id,
        col(DecisionRow.ended_at).is_(None),
    )
