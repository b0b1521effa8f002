"""The tables of workspaces: how the bot got in, teams, who changed what, who asked to."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.facts import AccessRequest, AuditEntry, Installation, PermissionRule, Workspace
from storage.tables.base import Row, validate_text


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
    managing: str = PermissionRule.ANYONE.value
    managers: str = "[]"

    @classmethod
    def from_fact(cls, fact: Workspace) -> "WorkspaceRow":
        """The row of a workspace."""
        return cls(
            workspace_id=validate_text(fact.workspace_id),
            name=validate_text(fact.name),
            bot_id=validate_text(fact.bot_id),
            bot_user_id=validate_text(fact.bot_user_id),
            zone=validate_text(fact.zone),
            suspended_since=fact.suspended_since,
            suspended_reason=validate_text(fact.suspended_reason),
            enterprise_id=validate_text(fact.enterprise_id),
            managing=fact.permission_rule.value,
            managers=json.dumps([validate_text(who) for who in fact.managers]),
        )

    def to_fact(self) -> Workspace:
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
            permission_rule=PermissionRule(self.managing),
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
    def from_fact(cls, fact: Installation) -> "InstallationRow":
        """The row of an installation."""
        return cls(
            enterprise_id=validate_text(fact.enterprise_id),
            workspace_id=validate_text(fact.workspace_id),
            token=fact.token,
            bot_id=validate_text(fact.bot_id),
            bot_user_id=validate_text(fact.bot_user_id),
            scopes=" ".join(map(validate_text, fact.scopes)),
            installed_by=validate_text(fact.installed_by),
            installed_at=fact.installed_at,
            name=validate_text(fact.name),
        )

    def to_fact(self) -> Installation:
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


class AuditEntryRow(Row, table=True):
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
    def from_fact(cls, fact: AuditEntry) -> "AuditEntryRow":
        """The row of a change; the database numbers it."""
        return cls(
            workspace_id=validate_text(fact.workspace_id),
            channel_id=validate_text(fact.channel_id),
            who=validate_text(fact.actor),
            what=validate_text(fact.action),
            at=fact.at,
            before=validate_text(fact.before[:500]),
            after=validate_text(fact.after[:500]),
        )

    def to_fact(self) -> AuditEntry:
        """The change."""
        return AuditEntry(self.workspace_id, self.channel_id, self.who, self.what, self.at, self.before, self.after)


class AccessRequestRow(Row, table=True):
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
    def from_fact(cls, fact: AccessRequest) -> "AccessRequestRow":
        """The row of an asking; the database numbers it."""
        return cls(
            workspace_id=validate_text(fact.workspace_id),
            channel_id=validate_text(fact.channel_id),
            asked_by=validate_text(fact.requested_by),
            asked_of=validate_text(fact.approver),
            command=validate_text(fact.command),
            asked_at=fact.requested_at,
            settled_at=fact.resolved_at,
            granted=fact.granted,
        )

    def to_fact(self) -> AccessRequest:
        """The asking."""
        return AccessRequest(
            request_id=self.id or 0,
            workspace_id=self.workspace_id,
            channel_id=self.channel_id,
            requested_by=self.asked_by,
            approver=self.asked_of,
            command=self.command,
            requested_at=self.asked_at,
            resolved_at=self.settled_at,
            granted=self.granted,
        )
