"""What channels watch."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import Subscription
from storage.tables import SubscriptionRow, get_table


def add(session: Session, subscription: Subscription) -> bool:
    """Adds the subscription; False where the stored channel had it, which then stays as it was."""
    row = SubscriptionRow.from_fact(subscription)
    done = session.execute(
        insert_into(session, SubscriptionRow)
        .values(**row.model_dump())
        .on_conflict_do_nothing(index_elements=["workspace_id", "channel_id", "product", "target"])
        .returning(col(SubscriptionRow.target))
    )
    return done.first() is not None


def delete(session: Session, workspace_id: str, channel_id: str, product: str, targets: Sequence[str]) -> int:
    """Ends the channel's subscriptions to the targets, and says how many there were."""
    done = session.execute(
        sa.delete(SubscriptionRow)
        .where(*_in_channel(workspace_id, channel_id))
        .where(col(SubscriptionRow.product) == product, col(SubscriptionRow.target).in_(targets))
        .returning(col(SubscriptionRow.target))
    )
    return len(done.all())


_SUBSCRIPTIONS = get_table(SubscriptionRow)
_HERE = (
    _SUBSCRIPTIONS.c.workspace_id == sa.bindparam("workspace_id"),
    _SUBSCRIPTIONS.c.channel_id == sa.bindparam("channel_id"),
)
_OF_CHANNEL = sa.select(_SUBSCRIPTIONS).where(*_HERE).order_by(_SUBSCRIPTIONS.c.target)
_OF_TARGETS = _OF_CHANNEL.where(_SUBSCRIPTIONS.c.target.in_(sa.bindparam("targets", expanding=True)))
_TARGETS = sa.select(_SUBSCRIPTIONS.c.target).where(*_HERE).order_by(_SUBSCRIPTIONS.c.target)

_ALL_TARGETS = (
    sa.select(_SUBSCRIPTIONS.c.channel_id, _SUBSCRIPTIONS.c.target)
    .where(_SUBSCRIPTIONS.c.workspace_id == sa.bindparam("workspace_id"))
    .where(_SUBSCRIPTIONS.c.product == sa.bindparam("product"))
    .order_by(_SUBSCRIPTIONS.c.channel_id, _SUBSCRIPTIONS.c.target)
)


def list_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[Subscription, ...]:
    """What the channel watches, by target."""
    rows: Any = session.execute(_OF_CHANNEL, {"workspace_id": workspace_id, "channel_id": channel_id})
    return tuple(SubscriptionRow.to_fact(row) for row in rows)


def list_channel_targets(session: Session, workspace_id: str, channel_id: str) -> tuple[str, ...]:
    """Only the targets of what the channel watches, in order."""
    where = {"workspace_id": workspace_id, "channel_id": channel_id}
    return tuple(target for (target,) in session.execute(_TARGETS, where).all())


def list_for_targets(
    session: Session, workspace_id: str, channel_id: str, targets: Sequence[str]
) -> tuple[Subscription, ...]:
    """The channel's subscriptions to some targets, by target."""
    where = {"workspace_id": workspace_id, "channel_id": channel_id, "targets": targets}
    rows: Any = session.execute(_OF_TARGETS, where)
    return tuple(SubscriptionRow.to_fact(row) for row in rows)


def list_for_workspace(session: Session, workspace_id: str) -> tuple[Subscription, ...]:
    """What every channel of the workspace watches, by channel and target."""
    query = select(SubscriptionRow).where(col(SubscriptionRow.workspace_id) == workspace_id)
    ordered = query.order_by(col(SubscriptionRow.channel_id), col(SubscriptionRow.target))
    return tuple(row.to_fact() for row in session.exec(ordered))


def list_for_channels(session: Session, workspace_id: str, channel_ids: Sequence[str]) -> tuple[Subscription, ...]:
    """What the channels watch, by channel and target."""
    query = (
        select(SubscriptionRow)
        .where(col(SubscriptionRow.workspace_id) == workspace_id, col(SubscriptionRow.channel_id).in_(channel_ids))
        .order_by(col(SubscriptionRow.channel_id), col(SubscriptionRow.target))
    )
    return tuple(row.to_fact() for row in session.exec(query))


def list_workspace_targets(session: Session, workspace_id: str, product: str) -> tuple[tuple[str, str], ...]:
    """(channel, target) of every subscription of the workspace, by channel and target."""
    found = session.execute(_ALL_TARGETS, {"workspace_id": workspace_id, "product": product})
    return tuple((channel_id, target) for channel_id, target in found)


def _in_channel(workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(SubscriptionRow.workspace_id) == workspace_id, col(SubscriptionRow.channel_id) == channel_id
