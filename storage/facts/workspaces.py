"""Facts of workspaces and installations."""

from datetime import datetime

from msgspec import Struct

from storage.facts.access import PermissionRule


class Workspace(Struct, frozen=True):
    """A Slack workspace (a team in Slack's API) the bot is installed in."""

    workspace_id: str
    name: str = ""
    bot_id: str = ""
    bot_user_id: str = ""
    zone: str = ""
    """IANA zone of channels without their own. Empty means the bot's default."""
    suspended_since: datetime | None = None
    """When Slack began to refuse the installation. None while it works."""
    suspended_reason: str = ""
    """Slack's error code, or `uninstalled`."""
    enterprise_id: str = ""
    """The organisation it belongs to. Empty for none."""
    permission_rule: PermissionRule = PermissionRule.ANYONE
    managers: tuple[str, ...] = ()
    """Ids of users and user groups that can change every channel."""


class Installation(Struct, frozen=True):
    """An installation of the bot in one workspace or in a whole organisation."""

    enterprise_id: str
    """Empty outside organisations."""
    workspace_id: str
    """Empty if the installation covers a whole organisation."""
    token: str
    """Encrypted. Storage never sees a plain token."""
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    installed_by: str
    installed_at: datetime
    name: str = ""
    """The name of the workspace or organisation."""
