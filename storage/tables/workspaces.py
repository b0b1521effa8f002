"""The tables of workspaces, installations, and events received from Slack."""

import json
from datetime import datetime

from sqlmodel import Field

from storage.facts import Installation, PermissionRule, Workspace
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
        """Build the row of a workspace."""
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
            managers=json.dumps([validate_text(manager) for manager in fact.managers]),
        )

    def to_fact(self) -> Workspace:
        """Convert the row to a fact."""
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
    """An installation in a workspace or organisation. The token is encrypted."""

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
        """Build the row of an installation."""
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
        """Convert the row to a fact."""
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
    """The hash of the state of an installation in progress. Each state is used once."""

    __tablename__ = "oauth_state"

    digest: str = Field(primary_key=True)
    ends_at: datetime = Field(index=True)


class SeenEventRow(Row, table=True):
    """An event that was already received, so that a repeated delivery has no effect."""

    __tablename__ = "seen_event"

    event_id: str = Field(primary_key=True)
    at: datetime = Field(index=True)
