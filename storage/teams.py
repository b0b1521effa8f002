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
    query = select(TeamChannelRow.name).where(
        TeamChannelRow.workspace_id == workspace_id, TeamChannelRow.channel_id == channel_id
    )
    return tuple(session.exec(query.order_by(col(TeamChannelRow.name))))


def add(session: Session, team: Team) -> bool:
    """Store the team without its channels and targets. Return False if the name is taken."""
    return _insert(session, TeamRow, workspace_id=team.workspace_id, name=team.name, owner=team.owner)


def update_owner(session: Session, workspace_id: str, name: str, owner: str) -> None:
    """Set the team's owner. An empty one removes the owner."""
    session.execute(sa.update(TeamRow).where(*_is_team(TeamRow, workspace_id, name)).values(owner=validate_text(owner)))


def delete(session: Session, workspace_id: str, name: str) -> None:
    """Delete the team. Its channels and their subscriptions are kept."""
    for table in (TeamTargetRow, TeamChannelRow, TeamRow):
        session.execute(sa.delete(table).where(*_is_team(table, workspace_id, name)))


def add_channel(session: Session, workspace_id: str, name: str, channel_id: str) -> bool:
    """Add the channel to the team. Return False if it already belongs to it."""
    return _insert(session, TeamChannelRow, workspace_id=workspace_id, name=name, channel_id=channel_id)


def remove_channel(session: Session, workspace_id: str, name: str, channel_id: str) -> bool:
    """Remove the channel from the team. Return False if it does not belong to it."""
    result = session.execute(
        sa.delete(TeamChannelRow)
        .where(*_is_team(TeamChannelRow, workspace_id, name), col(TeamChannelRow.channel_id) == channel_id)
        .returning(col(TeamChannelRow.channel_id))
    )
    return result.first() is not None


def add_target(session: Session, workspace_id: str, name: str, target: str) -> bool:
    """Add the target to the team. Return False if the team already has it."""
    return _insert(session, TeamTargetRow, workspace_id=workspace_id, name=name, product=DLVM, target=target)


def remove_targets(session: Session, workspace_id: str, name: str, targets: Sequence[str]) -> None:
    """Remove the targets from the team."""
    session.execute(
        sa.delete(TeamTargetRow).where(
            *_is_team(TeamTargetRow, workspace_id, name), col(TeamTargetRow.target).in_(targets)
        )
    )


def _insert(session: Session, table: type[SQLModel], **values: str) -> bool:
    key = [column.name for column in sa.inspect(table).primary_key]
    result = session.execute(
        insert_into(session, table)
        .values(**{name: validate_text(value) for name, value in values.items()})
        .on_conflict_do_nothing(index_elements=key)
        .returning(sa.literal(1))
    )
    return result.first() is not None


def _to_fact(session: Session, row: TeamRow) -> Team:
    channels = select(TeamChannelRow.channel_id).where(*_is_team(TeamChannelRow, row.workspace_id, row.name))
    targets = select(TeamTargetRow.target).where(*_is_team(TeamTargetRow, row.workspace_id, row.name))
    return Team(
        workspace_id=row.workspace_id,
        name=row.name,
        owner=row.owner,
        channels=tuple(session.exec(channels.order_by(col(TeamChannelRow.channel_id)))),
        targets=tuple(session.exec(targets.order_by(col(TeamTargetRow.target)))),
    )


def _is_team(
    table: type[TeamRow | TeamChannelRow | TeamTargetRow], workspace_id: str, name: str
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(table.workspace_id) == workspace_id, col(table.name) == name
