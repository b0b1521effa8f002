"""Everything that speaks to Slack, put together: tokens, the sender, what is asked, what is opened."""

import time

from msgspec.structs import replace

from bot.bootstrap.core import now
from bot.service.workspaces import installations
from bot.service.workspaces.channel_health import restore_workspace
from bot.service.workspaces.installations import InstallationRegistry
from bot.settings import Settings, SettingsError
from bot.slack.client.conversations import ConversationsClient
from bot.slack.client.identity import Identity, fetch_identity
from bot.slack.client.sender import SlackSender
from bot.slack.client.timeouts import DEFAULT_TIMEOUTS, Timeouts
from bot.slack.client.users import UsersClient
from bot.slack.client.views import ViewsClient
from storage import workspaces
from storage.database import Database
from storage.facts import Workspace


class SlackClients:
    """Everything that speaks to Slack: for the workspace of the settings' token, and for those that installed the bot.

    Raises SettingsError where stored tokens can't be opened.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        identity: Identity | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        token = settings.slack_bot_token
        self._own_token = token.get_secret_value() if token else ""
        self._base_url = settings.slack_api_url
        self.installations = _build_installation_store(settings, database)
        self.identity = identity or (fetch_identity(self._own_token, self._base_url) if self._own_token else None)
        self._own_workspace = self.save_own_workspace(database)
        self.sender = SlackSender(self.find_token, self._base_url)
        self.conversations = ConversationsClient(self.find_token, self._base_url, timeouts=timeouts)
        self.views = ViewsClient(self.find_token, self._base_url, timeouts)
        self.users = UsersClient(self.find_token, self._base_url, time.monotonic, timeouts)

    def find_token(self, workspace_id: str) -> str | None:
        """The token that is good in a workspace."""
        return self._own_token if self._is_own_workspace(workspace_id) else self.installations.find_token(workspace_id)

    def find_workspace(self, workspace_id: str) -> Workspace | None:
        """The workspace, where the bot is in it."""
        return (
            self._own_workspace
            if self._is_own_workspace(workspace_id)
            else self.installations.find_workspace(workspace_id)
        )

    def _is_own_workspace(self, workspace_id: str) -> bool:
        return self.identity is not None and workspace_id == self.identity.workspace_id

    def close(self) -> None:
        """Ends the threads that post and read."""
        self.sender.close()
        self.conversations.close()
        self.users.close()

    def save_own_workspace(self, database: Database) -> Workspace | None:
        """Stores who the bot is in the workspace of the settings' token, where there is one."""
        known = self.identity
        if known is None:
            return None
        with database.transaction() as session:
            found = workspaces.find(session, known.workspace_id) or Workspace(known.workspace_id)
            workspace = replace(found, name=known.workspace_name, bot_id=known.bot_id, bot_user_id=known.bot_user_id)
            workspaces.save(session, workspace)
            restore_workspace(session, known.workspace_id, now())  # the token has just been accepted
        return workspace


def _build_installation_store(settings: Settings, database: Database) -> InstallationRegistry:
    vault = installations.TokenVault(settings.encryption_keys)
    try:
        installations.verify_tokens(database, vault)
    except installations.KeysError as error:
        raise SettingsError((str(error),)) from None
    return InstallationRegistry(database, vault, time.monotonic)
