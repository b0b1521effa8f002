"""The tables of workspaces, installations, and events received from Slack."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from storage.facts import Installation, PermissionRule, Workspace
from storage.tables.base import FactRow, Row


class WorkspaceRow(Row, FactRow[Workspace], table=True):
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
    permission_rule: str = PermissionRule.ANYONE.value
    managers: str = "[]"


class InstallationRow(Row, FactRow[Installation], table=True):
    """An installation in a workspace or organisation. The token is encrypted."""

    __tablename__ = "installation"
    long_texts: ClassVar = ("token",)

    enterprise_id: str = Field(primary_key=True)
    workspace_id: str = Field(primary_key=True)
    token: str
    bot_id: str
    bot_user_id: str
    scopes: str
    installed_by: str
    installed_at: datetime
    name: str = ""


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
