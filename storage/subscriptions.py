"""Subscriptions of channels to targets."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import Subscription
from storage.tables import SubscriptionRow, get_table

_SUBSCRIPTIONS = get_table(SubscriptionRow)
_IN_CHANNEL = (
    _SUBSCRIPTIONS.c.workspace_id == sa.bindparam("workspace_id"),
    _SUBSCRIPTIONS.c.channel_id == sa.bindparam("channel_id"),
)
_LIST_FOR_CHANNEL = sa.select(_SUBSCRIPTIONS).where(*_IN_CHANNEL).order_by(_SUBSCRIPTIONS.c.target)
_LIST_FOR_TARGETS = _LIST_FOR_CHANNEL.where(_SUBSCRIPTIONS.c.target.in_(sa.bindparam("targets", expanding=True)))
_LIST_CHANNEL_TARGETS = sa.select(_SUBSCRIPTIONS.c.target).where(*_IN_CHANNEL).order_by(_SUBSCRIPTIONS.c.target)
_LIST_WORKSPACE_TARGETS = (
    sa.select(_SUBSCRIPTIONS.c.channel_id, _SUBSCRIPTIONS.c.target)
    .where(_SUBSCRIPTIONS.c.workspace_id == sa.bindparam("workspace_id"))
    .where(_SUBSCRIPTIONS.c.product == sa.bindparam("product"))
    .order_by(_SUBSCRIPTIONS.c.channel_id, _SUBSCRIPTIONS.c.target)
)


def add(session: Session, subscription: Subscription) -> bool:
    """Store the subscription. Return False if the channel already has it; it then stays unchanged."""
    result = session.execute(
        insert_into(session, SubscriptionRow)
        .values(SubscriptionRow.encode(subscription))
        .on_conflict_do_nothing(index_elements=["workspace_id", "channel_id", "product", "target"])
        .returning(col(SubscriptionRow.target))
    )
    return result.first() is not None


def delete(session: Session, workspace_id: str, channel_id: str, product: str, targets: Sequence[str]) -> int:
    """Delete the channel's subscriptions to the targets. Return their number."""
    channel = sa.delete(SubscriptionRow).filter_by(workspace_id=workspace_id, channel_id=channel_id, product=product)
    deletion = channel.where(col(SubscriptionRow.target).in_(targets)).returning(col(SubscriptionRow.target))
    return len(session.execute(deletion).all())


def list_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[Subscription, ...]:
    """Return the channel's subscriptions, by target."""
    rows = session.execute(_LIST_FOR_CHANNEL, {"workspace_id": workspace_id, "channel_id": channel_id})
    return tuple(SubscriptionRow.decode(row) for row in rows)


def list_channel_targets(session: Session, workspace_id: str, channel_id: str) -> tuple[str, ...]:
    """Return the targets the channel subscribes to, sorted."""
    rows = session.execute(_LIST_CHANNEL_TARGETS, {"workspace_id": workspace_id, "channel_id": channel_id})
    return tuple(target for (target,) in rows)


def list_for_targets(
    session: Session, workspace_id: str, channel_id: str, targets: Sequence[str]
) -> tuple[Subscription, ...]:
    """Return the channel's subscriptions to any of the targets, by target."""
    values = {"workspace_id": workspace_id, "channel_id": channel_id, "targets": targets}
    rows = session.execute(_LIST_FOR_TARGETS, values)
    return tuple(SubscriptionRow.decode(row) for row in rows)


def list_for_workspace(session: Session, workspace_id: str) -> tuple[Subscription, ...]:
    """Return the subscriptions of every channel of the workspace, by channel and target."""
    query = select(SubscriptionRow).where(col(SubscriptionRow.workspace_id) == workspace_id)
    ordered = query.order_by(col(SubscriptionRow.channel_id), col(SubscriptionRow.target))
    return tuple(row.to_fact() for row in session.exec(ordered))


def list_for_channels(session: Session, workspace_id: str, channel_ids: Sequence[str]) -> tuple[Subscription, ...]:
    """Return the channels' subscriptions, by channel and target."""
    query = select(SubscriptionRow).filter_by(workspace_id=workspace_id)
    ordered = query.order_by(col(SubscriptionRow.channel_id), col(SubscriptionRow.target))
    return tuple(row.to_fact() for row in session.exec(ordered.where(col(SubscriptionRow.channel_id).in_(channel_ids))))


def list_workspace_targets(session: Session, workspace_id: str, product: str) -> tuple[tuple[str, str], ...]:
    """Return (channel, target) of every subscription of the workspace, sorted."""
    rows = session.execute(_LIST_WORKSPACE_TARGETS, {"workspace_id": workspace_id, "product": product})
    return tuple((channel_id, target) for channel_id, target in rows)
