"""Teams: channels that somebody looks after together."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from storage.database import insert_into
from storage.facts import DLVM, Team
from storage.tables import TeamChannelRow, TeamRow, TeamTargetRow, validate_text


def find(session: Session, workspace_id: str, name: str) -> Team | None:
    """The team of that name."""
    row = session.get(TeamRow, (workspace_id, name))
    return _fact(session, row) if row is not None else None


def list_all(session: Session, workspace_id: str) -> tuple[Team, ...]:
    """Every team of the workspace, by name."""
    query = select(TeamRow).where(TeamRow.workspace_id == workspace_id).order_by(col(TeamRow.name))
    return tuple(_fact(session, row) for row in session.exec(query).all())


def list_names_for_channel(session: Session, workspace_id: str, channel_id: str) -> tuple[str, ...]:
    """The names of the teams that the channel belongs to."""
    query = select(TeamChannelRow.name).where(
        TeamChannelRow.workspace_id == workspace_id, TeamChannelRow.channel_id == channel_id
    )
    return tuple(session.exec(query.order_by(col(TeamChannelRow.name))))


def add(session: Session, team: Team) -> bool:
    """Makes the team; False where there is one of that name. Channels and targets are added one by one."""
    return _insert(session, TeamRow, workspace_id=team.workspace_id, name=team.name, owner=team.owner)


def update_owner(session: Session, workspace_id: str, name: str, owner: str) -> None:
    """Gives the team another owner; an empty one takes the owner away."""
    session.execute(sa.update(TeamRow).where(*_named(TeamRow, workspace_id, name)).values(owner=validate_text(owner)))


def delete(session: Session, workspace_id: str, name: str) -> None:
    """Ends the team; its channels and what they watch stay."""
    for table in (TeamTargetRow, TeamChannelRow, TeamRow):
        session.execute(sa.delete(table).where(*_named(table, workspace_id, name)))


def add_channel(session: Session, workspace_id: str, name: str, channel_id: str) -> bool:
    """Takes the channel into the team; False where it is in it already."""
    return _insert(session, TeamChannelRow, workspace_id=workspace_id, name=name, channel_id=channel_id)


def remove_channel(session: Session, workspace_id: str, name: str, channel_id: str) -> bool:
    """Takes the channel out of the team; False where it was not in it."""
    done = session.execute(
        sa.delete(TeamChannelRow)
        .where(*_named(TeamChannelRow, workspace_id, name), col(TeamChannelRow.channel_id) == channel_id)
        .returning(col(TeamChannelRow.channel_id))
    )
    return done.first() is not None


def add_target(session: Session, workspace_id: str, name: str, target: str) -> bool:
    """Has every channel of the team watch the target, later ones too; False where they did already."""
    return _insert(session, TeamTargetRow, workspace_id=workspace_id, name=name, product=DLVM, target=target)


def remove_targets(session: Session, workspace_id: str, name: str, targets: Sequence[str]) -> None:
    """Lets the team watch the targets no longer."""
    session.execute(
        sa.delete(TeamTargetRow).where(
            *_named(TeamTargetRow, workspace_id, name), col(TeamTargetRow.target).in_(targets)
        )
    )


def _insert(session: Session, table: type[SQLModel], **values: str) -> bool:
    key = [column.name for column in sa.inspect(table).primary_key]
    done = session.execute(
        insert_into(session, table)
        .values(**{name: validate_text(value) for name, value in values.items()})
        .on_conflict_do_nothing(index_elements=key)
        .returning(sa.literal(1))
    )
    return done.first() is not None


def _fact(session: Session, row: TeamRow) -> Team:
    channels = select(TeamChannelRow.channel_id).where(*_named(TeamChannelRow, row.workspace_id, row.name))
    targets = select(TeamTargetRow.target).where(*_named(TeamTargetRow, row.workspace_id, row.name))
    return Team(
        workspace_id=row.workspace_id,
        name=row.name,
        owner=row.owner,
        channels=tuple(session.exec(channels.order_by(col(TeamChannelRow.channel_id)))),
        targets=tuple(session.exec(targets.order_by(col(TeamTargetRow.target)))),
    )


def _named(
    table: type[TeamRow | TeamChannelRow | TeamTargetRow], workspace_id: str, name: str
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(table.workspace_id) == workspace_id, col(table.name) == name
