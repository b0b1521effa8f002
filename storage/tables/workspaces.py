"""The tables of workspaces: how the bot got in, teams, who changed what, who asked to."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import Asking, Change, Installation, Managing, Workspace
from storage.tables.base import Row, checked


class WorkspaceRow(Row, table=True):
    """A Slack workspace."""

    __tablename__ = "workspace"

    workspace_id: str = Field(primary_key=True)
    name: str
    bot_id: str
    bot_user_id: str
    zone: str
    suspended_since: datetime | None = None
    suspended_reason: str = ""
    enterprise_id: str = ""
    managing: str = Managing.ANYONE.value
    managers: str = "[]"

    @classmethod
    def of(cls, fact: Workspace) -> "WorkspaceRow":
        """The row of a workspace."""
        return cls(
            workspace_id=checked(fact.workspace_id),
            name=checked(fact.name),
            bot_id=checked(fact.bot_id),
            bot_user_id=checked(fact.bot_user_id),
            zone=checked(fact.zone),
            suspended_since=fact.suspended_since,
            suspended_reason=checked(fact.suspended_reason),
            enterprise_id=checked(fact.enterprise_id),
            managing=fact.managing.value,
            managers=json.dumps([checked(who) for who in fact.managers]),
        )

    def fact(self) -> Workspace:
        """The workspace."""
        return Workspace(
            workspace_id=self.workspace_id,
            name=self.name,
            bot_id=self.bot_id,
            bot_user_id=self.bot_user_id,
            zone=self.zone,
            suspended_since=self.suspended_since,
            suspended_reason=self.suspended_reason,
            enterprise_id=self.enterprise_id,
            managing=Managing(self.managing),
            managers=tuple(json.loads(self.managers)),
        )


class InstallationRow(Row, table=True):
    """How the bot got into a workspace or organisation; the token is encrypted."""

    __tablename__ = "installation"

    enterprise_id: str = Field(primary_key=True)
    workspace_id: str = Field(primary_key=True)
    token: str
    bot_id: str
    bot_user_id: str
    scopes: str
    installed_by: str
    installed_at: datetime
    name: str = ""

    @classmethod
    def of(cls, fact: Installation) -> "InstallationRow":
        """The row of an installation."""
        return cls(
            enterprise_id=checked(fact.enterprise_id),
            workspace_id=checked(fact.workspace_id),
            token=fact.token,
            bot_id=checked(fact.bot_id),
            bot_user_id=checked(fact.bot_user_id),
            scopes=" ".join(map(checked, fact.scopes)),
            installed_by=checked(fact.installed_by),
            installed_at=fact.installed_at,
            name=checked(fact.name),
        )

    def fact(self) -> Installation:
        """The installation."""
        return Installation(
            enterprise_id=self.enterprise_id,
            workspace_id=self.workspace_id,
            token=self.token,
            bot_id=self.bot_id,
            bot_user_id=self.bot_user_id,
            scopes=tuple(self.scopes.split()),
            installed_by=self.installed_by,
            installed_at=self.installed_at,
            name=self.name,
        )


class OauthStateRow(Row, table=True):
    """The state of an installation under way, by its hash; used once."""

    __tablename__ = "oauth_state"

    digest: str = Field(primary_key=True)
    ends_at: datetime = Field(index=True)


class SeenEventRow(Row, table=True):
    """An event that was taken in: the same one again has no effect."""

    __tablename__ = "seen_event"

    event_id: str = Field(primary_key=True)
    at: datetime = Field(index=True)


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
    """A target that every channel of a team watches."""

    __tablename__ = "team_target"
    __table_args__ = (sa.ForeignKeyConstraint(["workspace_id", "name"], ["team.workspace_id", "team.name"]),)

    workspace_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    product: str = Field(primary_key=True)
    target: str = Field(primary_key=True)


class ChangeRow(Row, table=True):
    """Somebody changed something."""

    __tablename__ = "change"
    __table_args__ = (sa.Index("ix_change_channel", "workspace_id", "channel_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str
    channel_id: str
    who: str
    what: str
    at: datetime
    before: str
    after: str

    @classmethod
    def of(cls, fact: Change) -> "ChangeRow":
        """The row of a change; the database numbers it."""
        return cls(
            workspace_id=checked(fact.workspace_id),
            channel_id=checked(fact.channel_id),
            who=checked(fact.who),
            what=checked(fact.what),
            at=fact.at,
            before=checked(fact.before[:500]),
            after=checked(fact.after[:500]),
        )

    def fact(self) -> Change:
        """The change."""
        return Change(self.workspace_id, self.channel_id, self.who, self.what, self.at, self.before, self.after)


class AskingRow(Row, table=True):
    """Somebody who may not change a channel asked somebody who may."""

    __tablename__ = "asking"

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: str = Field(index=True)
    channel_id: str
    asked_by: str
    asked_of: str
    command: str
    asked_at: datetime
    settled_at: datetime | None = None
    granted: bool = False

    @classmethod
    def of(cls, fact: Asking) -> "AskingRow":
        """The row of an asking; the database numbers it."""
        return cls(
            workspace_id=checked(fact.workspace_id),
            channel_id=checked(fact.channel_id),
            asked_by=checked(fact.asked_by),
            asked_of=checked(fact.asked_of),
            command=checked(fact.command),
            asked_at=fact.asked_at,
            settled_at=fact.settled_at,
            granted=fact.granted,
        )

    def fact(self) -> Asking:
        """The asking."""
        return Asking(
            asking_id=self.id or 0,
            workspace_id=self.workspace_id,
            channel_id=self.channel_id,
            asked_by=self.asked_by,
            asked_of=self.asked_of,
            command=self.command,
            asked_at=self.asked_at,
            settled_at=self.settled_at,
            granted=self.granted,
        )
