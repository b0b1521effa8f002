"""Facts of workspaces: how the bot got in, who may change what, their teams, and who changed what."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class PermissionRule(StrEnum):
    """Who may change what a channel watches."""

    ANYONE = "anyone"
    """Everybody in the channel but guests and people of other organisations."""
    CREATORS = "creators"
    """Who made the channel, and who is named."""
    NAMED = "named"
    """Only who is named."""


class Workspace(Struct, frozen=True):
    """A Slack workspace (Slack's team) the bot is installed in."""

    workspace_id: str
    name: str = ""
    bot_id: str = ""
    bot_user_id: str = ""
    zone: str = ""
    """IANA zone for channels that set none; empty means the bot's default."""
    suspended_since: datetime | None = None
    """Since when Slack has refused the installation itself; None while it works."""
    suspended_reason: str = ""
    """Slack's error code, or `uninstalled`."""
    enterprise_id: str = ""
    """The organisation it belongs to; empty for none."""
    permission_rule: PermissionRule = PermissionRule.ANYONE
    managers: tuple[str, ...] = ()
    """Ids of people and user groups that may always change."""


class Installation(Struct, frozen=True):
    """How the bot got into a workspace, or into all of an organisation."""

    enterprise_id: str
    """Empty outside organisations."""
    workspace_id: str
    """Empty for one that is good for a whole organisation."""
    token: str
    """Encrypted; storage never sees an open one."""
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    installed_by: str
    installed_at: datetime
    name: str = ""
    """The workspace's or organisation's."""


class Team(Struct, frozen=True):
    """Channels that somebody looks after together."""

    workspace_id: str
    name: str
    owner: str = ""
    """The id of a person or user group; empty for nobody."""
    channels: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """What every channel of the team watches, later ones too."""


class AuditEntry(Struct, frozen=True):
    """Somebody changed something: who, what, when, before and after."""

    workspace_id: str
    channel_id: str
    """Empty for what concerns the whole workspace."""
    actor: str
    """The id of a person; empty for the terminal."""
    action: str
    """`subscribe`, `settings`, `acknowledge` ...: a word that stays the same for ever."""
    at: datetime
    before: str = ""
    after: str = ""


class AccessRequest(Struct, frozen=True):
    """Somebody who may not change a channel asks somebody who may."""

    request_id: int
    workspace_id: str
    channel_id: str
    requested_by: str
    approver: str
    command: str
    """The text after /dlvm."""
    requested_at: datetime
    resolved_at: datetime | None = None
    granted: bool = False
