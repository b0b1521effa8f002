"""What channels watch."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.database import insert_into
from storage.facts import Subscription
from storage.tables import SubscriptionRow


def add(session: Session, subscription: Subscription) -> bool:
    """Adds the subscription; False where the stored channel had it, which then stays as it was."""
    row = SubscriptionRow.of(subscription)
    done = session.execute(
        insert_into(session, SubscriptionRow)
        .values(**row.model_dump())
        .on_conflict_do_nothing(index_elements=["workspace_id", "channel_id", "product", "target"])
        .returning(col(SubscriptionRow.target))
    )
    return done.first() is not None


def remove(session: Session, workspace_id: str, channel_id: str, product: str, targets: Sequence[str]) -> int:
    """Ends the channel's subscriptions to the targets, and says how many there were."""
    done = session.execute(
        sa.delete(SubscriptionRow)
        .where(*_in_channel(workspace_id, channel_id))
        .where(col(SubscriptionRow.product) == product, col(SubscriptionRow.target).in_(targets))
        .returning(col(SubscriptionRow.target))
    )
    return len(done.all())


def of_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[Subscription, ...]:
    """What the channel watches, by target."""
    query = select(SubscriptionRow).where(*_in_channel(workspace_id, channel_id))
    return tuple(row.fact() for row in session.exec(query.order_by(col(SubscriptionRow.target))))


def of_workspace(session: Session, workspace_id: str) -> tuple[Subscription, ...]:
    """What every channel of the workspace watches, by channel and target."""
    query = select(SubscriptionRow).where(col(SubscriptionRow.workspace_id) == workspace_id)
    ordered = query.order_by(col(SubscriptionRow.channel_id), col(SubscriptionRow.target))
    return tuple(row.fact() for row in session.exec(ordered))


def _in_channel(workspace_id: str, channel_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(SubscriptionRow.workspace_id) == workspace_id, col(SubscriptionRow.channel_id) == channel_id
