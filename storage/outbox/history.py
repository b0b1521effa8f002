"""What became of a channel's reminders."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.facts import REDRAW_KINDS, MessageKind, Milestone, OutboxEntry, OutboxState
from storage.outbox.statements import TABLE
from storage.tables import OutboxRow, PossibleDuplicateRow

_REDRAWN = tuple(kind.value for kind in REDRAW_KINDS)
_WAITING = (OutboxState.PENDING.value, OutboxState.HELD.value)

_LAST_SENT = (
    sa.select(TABLE.c.version, sa.func.max(TABLE.c.sent_at))
    .where(TABLE.c.workspace_id == sa.bindparam("workspace_id"), TABLE.c.channel_id == sa.bindparam("channel_id"))
    .where(TABLE.c.state == OutboxState.SENT.value, TABLE.c.kind.not_in(_REDRAWN))
    .group_by(TABLE.c.version)
)


def supersede_versions(
    session: Session, workspace_id: str, channel_id: str, product: str, versions: Sequence[str]
) -> int:
    """Drops the channel's waiting reminders of versions that it watches no longer."""
    done = session.execute(
        sa.update(OutboxRow)
        .where(*_in_channel(workspace_id, channel_id), col(OutboxRow.state).in_(_WAITING))
        .where(col(OutboxRow.product) == product, col(OutboxRow.version).in_(versions))
        .values(state=OutboxState.SUPERSEDED.value)
        .returning(col(OutboxRow.id))
    )
    return len(done.all())


def get_last_sent(session: Session, workspace_id: str, channel_id: str) -> dict[str, datetime]:
    """When the channel last got a reminder, by version."""
    rows = session.execute(_LAST_SENT, {"workspace_id": workspace_id, "channel_id": channel_id})
    return {version: sent_at for version, sent_at in rows if sent_at is not None}


def list_sent_between(
    session: Session, workspace_id: str, channel_id: str, start: datetime, end: datetime
) -> tuple[OutboxEntry, ...]:
    """What the channel was sent from the start to the end, which is not included; what is redrawn is not new.

    Nor does an introduction count, or a word to the operator: they remind of nothing.
    """
    query = (
        select(OutboxRow)
        .where(*_in_channel(workspace_id, channel_id), col(OutboxRow.state) == OutboxState.SENT.value)
        .where(col(OutboxRow.sent_at) >= start, col(OutboxRow.sent_at) < end)
        .where(col(OutboxRow.kind).not_in((*_REDRAWN, MessageKind.INTRODUCTION.value, MessageKind.OPERATOR_NOTE.value)))
    )
    return tuple(row.to_fact() for row in session.exec(query))


def list_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[OutboxEntry, ...]:
    """Everything the outbox holds for the channel, oldest first."""
    query = select(OutboxRow).where(*_in_channel(workspace_id, channel_id)).order_by(col(OutboxRow.id))
    return tuple(row.to_fact() for row in session.exec(query))


def list_for_message(session: Session, workspace_id: str, channel_id: str, message_ts: str) -> tuple[OutboxEntry, ...]:
    """What was sent in one message, corrections of it left out."""
    query = (
        select(OutboxRow)
        .where(*_in_channel(workspace_id, channel_id), col(OutboxRow.state) == OutboxState.SENT.value)
        .where(col(OutboxRow.message_ts) == message_ts, col(OutboxRow.kind).not_in(_REDRAWN))
        .order_by(col(OutboxRow.id))
    )
    return tuple(row.to_fact() for row in session.exec(query))


def has_introduction(session: Session, workspace_id: str, channel_id: str) -> bool:
    """Whether the bot has said what it does in the channel, or is about to."""
    query = select(OutboxRow.id).where(
        *_in_channel(workspace_id, channel_id), col(OutboxRow.kind) == MessageKind.INTRODUCTION.value
    )
    return session.exec(query.limit(1)).first() is not None


def supersede_milestone(
    session: Session, product: str, version: str, milestone: Milestone, milestone_date: date
) -> int:
    """Drops what waits for a date that holds no more, in every channel of any workspace."""
    done = session.execute(
        sa.update(OutboxRow)
        .where(col(OutboxRow.product) == product, col(OutboxRow.version) == version)
        .where(col(OutboxRow.milestone) == milestone.value, col(OutboxRow.milestone_date) == milestone_date)
        .where(col(OutboxRow.state).in_(_WAITING), col(OutboxRow.kind).not_in(_REDRAWN))
        .values(state=OutboxState.SUPERSEDED.value)
        .returning(col(OutboxRow.id))
    )
    return len(done.all())


def count_by_state(session: Session) -> dict[OutboxState, int]:
    """How many reminders are in each state, over all workspaces."""
    query = select(OutboxRow.state, sa.func.count()).group_by(col(OutboxRow.state))
    return {OutboxState(state): count for state, count in session.exec(query)}


def count_possible_duplicates(session: Session) -> int:
    """How many messages may stand in their channel twice, over all workspaces."""
    return session.exec(select(sa.func.count()).select_from(PossibleDuplicateRow)).one()


def _in_channel(workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(OutboxRow.workspace_id) == workspace_id, col(OutboxRow.channel_id) == channel_id
