"""A channel's entries: lists of what was sent, and superseding what no longer applies."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import REDRAW_KINDS, MessageKind, Milestone, OutboxEntry, OutboxState
from storage.outbox.statements import TABLE
from storage.tables import OutboxRow, PossibleDuplicateRow

_REDRAW_KINDS = tuple(kind.value for kind in REDRAW_KINDS)
_WAITING = (OutboxState.PENDING.value, OutboxState.HELD.value)

_GET_LAST_SENT = (
    sa.select(TABLE.c.version, sa.func.max(TABLE.c.sent_at))
    .where(TABLE.c.workspace_id == sa.bindparam("workspace_id"), TABLE.c.channel_id == sa.bindparam("channel_id"))
    .where(TABLE.c.state == OutboxState.SENT.value, TABLE.c.kind.not_in(_REDRAW_KINDS))
    .group_by(TABLE.c.version)
)


def supersede_versions(
    session: Session, workspace_id: str, channel_id: str, product: str, versions: Sequence[str]
) -> int:
    """Supersede the channel's waiting messages about versions it unsubscribed from. Return their number."""
    result = session.execute(
        sa.update(OutboxRow)
        .filter_by(workspace_id=workspace_id, channel_id=channel_id, product=product)
        .where(col(OutboxRow.version).in_(versions), col(OutboxRow.state).in_(_WAITING))
        .values(state=OutboxState.SUPERSEDED.value)
        .returning(col(OutboxRow.id))
    )
    return len(result.all())


def supersede_milestone(
    session: Session, product: str, version: str, milestone: Milestone, milestone_date: date
) -> int:
    """Supersede all waiting messages about a date that no longer applies. Return their number.

    Covers all workspaces. Updates of sent messages are kept.
    """
    result = session.execute(
        sa.update(OutboxRow)
        .filter_by(product=product, version=version, milestone=milestone.value, milestone_date=milestone_date)
        .where(col(OutboxRow.state).in_(_WAITING), col(OutboxRow.kind).not_in(_REDRAW_KINDS))
        .values(state=OutboxState.SUPERSEDED.value)
        .returning(col(OutboxRow.id))
    )
    return len(result.all())


def get_last_sent(session: Session, workspace_id: str, channel_id: str) -> dict[str, datetime]:
    """Return when the channel last got a message about each version."""
    rows = session.execute(_GET_LAST_SENT, {"workspace_id": workspace_id, "channel_id": channel_id})
    return {version: sent_at for version, sent_at in rows if sent_at is not None}


def list_sent_between(
    session: Session, workspace_id: str, channel_id: str, start: datetime, end: datetime
) -> tuple[OutboxEntry, ...]:
    """Return what the channel was sent from start (inclusive) to end (exclusive).

    Updates of sent messages, introductions and notes to the operator are left out: they are no reminders.
    """
    omitted = (*_REDRAW_KINDS, MessageKind.INTRODUCTION.value, MessageKind.OPERATOR_NOTE.value)
    query = (
        select(OutboxRow)
        .filter_by(workspace_id=workspace_id, channel_id=channel_id, state=OutboxState.SENT.value)
        .where(col(OutboxRow.sent_at) >= start, col(OutboxRow.sent_at) < end, col(OutboxRow.kind).not_in(omitted))
    )
    return tuple(row.to_fact() for row in session.exec(query))


def list_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[OutboxEntry, ...]:
    """Return every entry of the channel, oldest first."""
    query = select(OutboxRow).filter_by(workspace_id=workspace_id, channel_id=channel_id)
    return tuple(row.to_fact() for row in session.exec(query.order_by(col(OutboxRow.id))))


def list_for_message(session: Session, workspace_id: str, channel_id: str, message_ts: str) -> tuple[OutboxEntry, ...]:
    """Return the entries sent in one message, without its updates."""
    query = (
        select(OutboxRow)
        .filter_by(
            workspace_id=workspace_id, channel_id=channel_id, message_ts=message_ts, state=OutboxState.SENT.value
        )
        .where(col(OutboxRow.kind).not_in(_REDRAW_KINDS))
        .order_by(col(OutboxRow.id))
    )
    return tuple(row.to_fact() for row in session.exec(query))


def has_introduction(session: Session, workspace_id: str, channel_id: str) -> bool:
    """Return True if the bot's introduction is in the outbox for the channel, sent or not."""
    identity = {"workspace_id": workspace_id, "channel_id": channel_id, "kind": MessageKind.INTRODUCTION.value}
    return session.exec(select(OutboxRow.id).filter_by(**identity).limit(1)).first() is not None


def count_by_state(session: Session) -> dict[OutboxState, int]:
    """Return the number of entries in each state. Covers all workspaces."""
    query = select(OutboxRow.state, sa.func.count()).group_by(col(OutboxRow.state))
    return {OutboxState(state): count for state, count in session.exec(query)}


def count_possible_duplicates(session: Session) -> int:
    """Return the number of messages that might have been posted twice. Covers all workspaces."""
    return session.exec(select(sa.func.count()).select_from(PossibleDuplicateRow)).one()
