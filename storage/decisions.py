"""Decisions that people made for their channels. A decision is active until it has an end."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import Decision, DecisionKind, Milestone
from storage.tables import ChannelRow, DecisionRow, get_table

_REPLACED = "replaced"
"""The stored reason why a decision ended, if another one replaced it."""

_DECISIONS = get_table(DecisionRow)
_LIST_FOR_WORKSPACE = (
    sa.select(_DECISIONS)
    .where(_DECISIONS.c.workspace_id == sa.bindparam("workspace_id"), _DECISIONS.c.ended_at.is_(None))
    .order_by(_DECISIONS.c.id)
)
_LIST_FOR_CHANNEL = _LIST_FOR_WORKSPACE.where(_DECISIONS.c.channel_id == sa.bindparam("channel_id"))


def list_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[Decision, ...]:
    """Return the channel's active decisions, oldest first."""
    rows = session.execute(_LIST_FOR_CHANNEL, {"workspace_id": workspace_id, "channel_id": channel_id})
    return tuple(DecisionRow.decode(row) for row in rows)


def list_for_channels(session: Session, workspace_id: str, channel_ids: Sequence[str]) -> tuple[Decision, ...]:
    """Return the channels' active decisions, oldest first."""
    active = select(DecisionRow).filter_by(workspace_id=workspace_id, ended_at=None).order_by(col(DecisionRow.id))
    return tuple(row.to_fact() for row in session.exec(active.where(col(DecisionRow.channel_id).in_(channel_ids))))


def list_for_workspace(session: Session, workspace_id: str) -> tuple[Decision, ...]:
    """Return the active decisions of every channel of the workspace, oldest first."""
    rows = session.execute(_LIST_FOR_WORKSPACE, {"workspace_id": workspace_id})
    return tuple(DecisionRow.decode(row) for row in rows)


def add(session: Session, decision: Decision) -> None:
    """Store the decision. It replaces an active decision on the same subject."""
    end(session, decision, decision.decided_at, _REPLACED)
    DecisionRow.store(session, decision)


def end(session: Session, decision: Decision, at: datetime, reason: str) -> bool:
    """End the active decision on the same subject. Return False if there was none.

    Assigning an owner is a subject of its own, so an owner and another decision can be active together.
    """
    result = session.execute(
        sa.update(DecisionRow)
        .filter_by(workspace_id=decision.workspace_id, channel_id=decision.channel_id, ended_at=None)
        .where(*_is_about_subject_of(decision))
        .values(ended_at=at, end_reason=reason)
        .returning(col(DecisionRow.id))
    )
    return result.first() is not None


def restore_replaced(session: Session, decision: Decision) -> Decision | None:
    """Make the decision that this one replaced active again. Return it, or None if nothing was replaced."""
    query = (
        select(DecisionRow)
        .filter_by(workspace_id=decision.workspace_id, channel_id=decision.channel_id)
        .filter_by(ended_at=decision.decided_at, end_reason=_REPLACED)
        .where(*_is_about_subject_of(decision))
        .order_by(col(DecisionRow.id).desc())
    )
    row = session.exec(query.limit(1)).first()
    if row is None:
        return None
    update = sa.update(DecisionRow).filter_by(id=row.id, workspace_id=decision.workspace_id)
    session.execute(update.values(ended_at=None, end_reason=""))
    return row.to_fact()


def lock_channel(session: Session, workspace_id: str, channel_id: str) -> None:
    """Lock the channel until the transaction ends, so that concurrent decisions see each other."""
    is_channel = col(ChannelRow.workspace_id) == workspace_id, col(ChannelRow.channel_id) == channel_id
    session.execute(sa.select(col(ChannelRow.channel_id)).where(*is_channel).with_for_update())


def list_for_milestone(
    session: Session, product: str, version: str, milestone: Milestone, milestone_date: date
) -> tuple[Decision, ...]:
    """Return the active decisions about one date of a version, oldest first. Covers all workspaces."""
    query = (
        select(DecisionRow)
        .filter_by(product=product, version=version, ended_at=None)
        .filter_by(milestone=milestone.value, milestone_date=milestone_date)
        .where(col(DecisionRow.kind) != DecisionKind.MIGRATED.value)
    )
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(DecisionRow.id))))


def _is_about_subject_of(decision: Decision) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(DecisionRow.product) == decision.product,
        col(DecisionRow.version) == decision.version,
        col(DecisionRow.milestone) == (decision.milestone.value if decision.milestone else ""),
        col(DecisionRow.milestone_date).is_not_distinct_from(decision.milestone_date),
        (col(DecisionRow.kind) == DecisionKind.OWNED.value) == (decision.kind is DecisionKind.OWNED),
    )
