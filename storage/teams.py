"""Teams: groups of channels with a common owner and common subscriptions."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from storage.database import insert_into
from storage.facts import DLVM, Team
from storage.tables import TeamChannelRow, TeamRow, TeamTargetRow, validate_text


def find(session: Session, workspace_id: str, name: str) -> Team | None:
    """Return the team, or None if the workspace has no team of that name."""
    row = session.get(TeamRow, (workspace_id, name))
    return _to_fact(session, row) if row is not None else None


def list_all(session: Session, workspace_id: str) -> tuple[Team, ...]:
    """Return every team of the workspace, by name."""
    query = select(TeamRow).where(TeamRow.workspace_id == workspace_id).order_by(col(TeamRow.name))
    return tuple(_to_fact(session, row) for row in session.exec(query).all())


def list_names_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[str, ...]:
    """Return the names of the teams the channel belongs to, sorted."""
    query = select(TeamChannelRow.name).filter_by(workspace_id=workspace_id, channel_id=channel_id)
    return tuple(session.exec(query.order_by(col(TeamChannelRow.name))))


def add(session: Session, team: Team) -> bool:
    """Store the team without its channels and targets. Return False if the name is taken."""
    return _insert(session, TeamRow, workspace_id=team.workspace_id, name=team.name, owner=team.owner)


def update_owner(session: Session, workspace_id: str, name: str, owner: str) -> None:
    """Set the team's owner. An empty one removes the owner."""
    update = sa.update(TeamRow).filter_by(workspace_id=workspace_id, name=name)
    session.execute(update.values(owner=validate_text(owner)))


def delete(session: Session, workspace_id: str, name: str) -> None:
    """Delete the team. Its channels and their subscriptions are kept."""
    for table in (TeamTargetRow, TeamChannelRow, TeamRow):
        session.execute(sa.delete(table).filter_by(workspace_id=workspace_id, name=name))


def add_channel(session: Session, workspace_id: str, name: str, channel_id: str) -> bool:
    """Add the channel to the team. Return False if it already belongs to it."""
    return _insert(session, TeamChannelRow, workspace_id=workspace_id, name=name, channel_id=channel_id)


def remove_channel(session: Session, workspace_id: str, name: str, channel_id: str) -> bool:
    """Remove the channel from the team. Return False if it does not belong to it."""
    deletion = sa.delete(TeamChannelRow).filter_by(workspace_id=workspace_id, name=name, channel_id=channel_id)
    return session.execute(deletion.returning(col(TeamChannelRow.channel_id))).first() is not None


def add_target(session: Session, workspace_id: str, name: str, target: str) -> bool:
    """Add the target to the team. Return False if the team already has it."""
    return _insert(session, TeamTargetRow, workspace_id=workspace_id, name=name, product=DLVM, target=target)


def remove_targets(session: Session, workspace_id: str, name: str, targets: Sequence[str]) -> None:
    """Remove the targets from the team."""
    deletion = sa.delete(TeamTargetRow).filter_by(workspace_id=workspace_id, name=name)
    session.execute(deletion.where(col(TeamTargetRow.target).in_(targets)))


def _insert(session: Session, table: type[SQLModel], **values: str) -> bool:
    key = [column.name for column in sa.inspect(table).primary_key]
    insert = insert_into(session, table).values({name: validate_text(value) for name, value in values.items()})
    statement = insert.on_conflict_do_nothing(index_elements=key).returning(sa.literal(1))
    return session.execute(statement).first() is not None


def _to_fact(session: Session, row: TeamRow) -> Team:
    channels = select(TeamChannelRow.channel_id).filter_by(workspace_id=row.workspace_id, name=row.name)
    targets = select(TeamTargetRow.target).filter_by(workspace_id=row.workspace_id, name=row.name)
    return Team(
        workspace_id=row.workspace_id,
        name=row.name,
        owner=row.owner,
        channels=tuple(session.exec(channels.order_by(col(TeamChannelRow.channel_id)))),
        targets=tuple(session.exec(targets.order_by(col(TeamTargetRow.target)))),
    )
