"""What people decided for their channels, in force until it ends."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import Decision, DecisionKind, Milestone
from storage.tables import ChannelRow, DecisionRow, get_table

_ANEW = "decided anew"

_DECISIONS = get_table(DecisionRow)
_OF_WORKSPACE = (
    sa.select(_DECISIONS)
    .where(_DECISIONS.c.workspace_id == sa.bindparam("workspace_id"), _DECISIONS.c.ended_at.is_(None))
    .order_by(_DECISIONS.c.id)
)
_OF_CHANNEL = _OF_WORKSPACE.where(_DECISIONS.c.channel_id == sa.bindparam("channel_id"))


def list_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[Decision, ...]:
    """The channel's decisions in force, oldest first."""
    rows: Any = session.execute(_OF_CHANNEL, {"workspace_id": workspace_id, "channel_id": channel_id})
    return tuple(DecisionRow.to_fact(row) for row in rows)


def list_for_channels(session: Session, workspace_id: str, channel_ids: Sequence[str]) -> tuple[Decision, ...]:
    """The channels' decisions in force, oldest first."""
    query = select(DecisionRow).where(
        col(DecisionRow.workspace_id) == workspace_id,
        col(DecisionRow.channel_id).in_(channel_ids),
        col(DecisionRow.ended_at).is_(None),
    )
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(DecisionRow.id))))


def list_for_workspace(session: Session, workspace_id: str) -> tuple[Decision, ...]:
    """The decisions in force in every channel of the workspace, oldest first."""
    rows: Any = session.execute(_OF_WORKSPACE, {"workspace_id": workspace_id})
    return tuple(DecisionRow.to_fact(row) for row in rows)


def add(session: Session, decision: Decision) -> None:
    """Puts the decision in force; an earlier one about the same ends."""
    end(session, decision, decision.decided_at, _ANEW)
    session.add(DecisionRow.from_fact(decision))
    session.flush()


def end(session: Session, decision: Decision, at: datetime, reason: str) -> bool:
    """Ends what is in force about the same; False where nothing was. An owner stands beside other decisions."""
    done = session.execute(
        sa.update(DecisionRow)
        .where(*_in_force(decision.workspace_id, decision.channel_id), *_about(decision))
        .values(ended_at=at, ended_why=reason)
        .returning(col(DecisionRow.id))
    )
    return done.first() is not None


def restore_replaced(session: Session, decision: Decision) -> Decision | None:
    """Puts in force again what the decision had replaced; None where it replaced nothing."""
    query = (
        select(DecisionRow)
        .where(col(DecisionRow.workspace_id) == decision.workspace_id)
        .where(col(DecisionRow.channel_id) == decision.channel_id, *_about(decision))
        .where(col(DecisionRow.ended_at) == decision.decided_at, col(DecisionRow.ended_why) == _ANEW)
        .order_by(col(DecisionRow.id).desc())
        .limit(1)
    )
    row = session.exec(query).first()
    if row is None:
        return None
    session.execute(
        sa.update(DecisionRow)
        .where(col(DecisionRow.id) == row.id, col(DecisionRow.workspace_id) == decision.workspace_id)
        .values(ended_at=None, ended_why="")
    )
    return row.to_fact()


def lock_channel(session: Session, workspace_id: str, channel_id: str) -> None:
    """Lets one after another decide for a channel: whoever comes second sees what the first decided."""
    where = col(ChannelRow.workspace_id) == workspace_id, col(ChannelRow.channel_id) == channel_id
    session.execute(sa.select(col(ChannelRow.channel_id)).where(*where).with_for_update())


def list_for_milestone(
    session: Session, product: str, version: str, milestone: Milestone, milestone_date: date
) -> tuple[Decision, ...]:
    """Decisions in force about one date of a version, in every channel of any workspace."""
    query = (
        select(DecisionRow)
        .where(col(DecisionRow.product) == product, col(DecisionRow.version) == version)
        .where(col(DecisionRow.ended_at).is_(None), col(DecisionRow.decided) != DecisionKind.MIGRATED.value)
        .where(col(DecisionRow.milestone) == milestone.value, col(DecisionRow.milestone_date) == milestone_date)
        .order_by(col(DecisionRow.id))
    )
    return tuple(row.to_fact() for row in session.exec(query))


def _about(decision: Decision) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(DecisionRow.product) == decision.product,
        col(DecisionRow.version) == decision.version,
        col(DecisionRow.milestone) == (decision.milestone.value if decision.milestone else ""),
        col(DecisionRow.milestone_date).is_not_distinct_from(decision.milestone_date),
        (col(DecisionRow.decided) == DecisionKind.OWNED.value) == (decision.kind is DecisionKind.OWNED),
    )


def _in_force(workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(DecisionRow.workspace_id) == workspace_id,
        col(DecisionRow.channel_id) == channel_id,
        col(DecisionRow.ended_at).is_(None),
    )
