"""The Slack clients and the tokens they use."""

import time

from msgspec.structs import replace
from sqlmodel import Session

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
    """Slack clients for the workspace of the token in the settings and for every workspace that installed the bot.

    Raises SettingsError if stored tokens can't be decrypted.
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
        self.installations = _build_installations(settings, database)
        self.identity = identity or (fetch_identity(self._own_token, self._base_url) if self._own_token else None)
        self._own_workspace = self.save_own_workspace(database)
        self.sender = SlackSender(self.find_token, self._base_url)
        self.conversations = ConversationsClient(self.find_token, self._base_url, timeouts=timeouts)
        self.views = ViewsClient(self.find_token, self._base_url, timeouts)
        self.users = UsersClient(self.find_token, self._base_url, time.monotonic, timeouts)

    def find_token(self, workspace_id: str) -> str | None:
        """Return the bot token for a workspace, if there is one."""
        return self._own_token if self._is_own_workspace(workspace_id) else self.installations.find_token(workspace_id)

    def find_workspace(self, workspace_id: str) -> Workspace | None:
        """Return the workspace if the bot is installed in it."""
        if self._is_own_workspace(workspace_id):
            return self._own_workspace
        return self.installations.find_workspace(workspace_id)

    def _is_own_workspace(self, workspace_id: str) -> bool:
        return self.identity is not None and workspace_id == self.identity.workspace_id

    def close(self) -> None:
        """Stop the threads that call Slack."""
        self.sender.close()
        self.conversations.close()
        self.users.close()

    def save_own_workspace(self, database: Database) -> Workspace | None:
        """Store the workspace of the token in the settings, with the bot's IDs. Return None if there is no token."""
        bot = self.identity
        if bot is None:
            return None

        def save(session: Session) -> Workspace:
            stored = workspaces.find(session, bot.workspace_id) or Workspace(bot.workspace_id)
            workspace = replace(stored, name=bot.workspace_name, bot_id=bot.bot_id, bot_user_id=bot.bot_user_id)
            workspaces.save(session, workspace)
            restore_workspace(session, bot.workspace_id, now())  # Slack has just accepted the token
            return workspace

        return database.run(save)


def _build_installations(settings: Settings, database: Database) -> InstallationRegistry:
    vault = installations.TokenVault(settings.encryption_keys)
    try:
        installations.verify_tokens(database, vault)
    except installations.KeysError as error:
        raise SettingsError((str(error),)) from None
    return InstallationRegistry(database, vault, time.monotonic)
