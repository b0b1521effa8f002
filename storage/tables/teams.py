"""The tables of teams."""

import sqlalchemy as sa
from sqlmodel import Field

from storage.tables.base import Row


class TeamRow(Row, table=True):
    """A team."""

    __tablename__ = "team"

    workspace_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    owner: str = ""


class TeamChannelRow(Row, table=True):
    """A channel that belongs to a team."""

    __tablename__ = "team_channel"
    __table_args__ = (
        sa.ForeignKeyConstraint(["workspace_id", "name"], ["team.workspace_id", "team.name"]),
        sa.Index("ix_team_channel_channel", "workspace_id", "channel_id"),
    )

    workspace_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True)


class TeamTargetRow(Row, table=True):
    """A target that every channel of a team subscribes to."""

    __tablename__ = "team_target"
    __table_args__ = (sa.ForeignKeyConstraint(["workspace_id", "name"], ["team.workspace_id", "team.name"]),)

    workspace_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    product: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
