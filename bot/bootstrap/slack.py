"""Everything that speaks to Slack, put together: tokens, the sender, what is asked, what is opened."""

import time

from msgspec.structs import replace

from bot.bootstrap.core import now
from bot.service.workspaces import installations
from bot.service.workspaces.channel_health import restored
from bot.service.workspaces.installations import Installs
from bot.settings import Settings, SettingsError
from bot.slack.client.conversations import Reading
from bot.slack.client.identity import Identity, who_am_i
from bot.slack.client.sender import SlackSender
from bot.slack.client.timeouts import USUAL, Patience
from bot.slack.client.users import SlackPeople
from bot.slack.client.views import Surfaces
from storage import workspaces
from storage.database import Database
from storage.facts import Workspace


class SlackSide:
    """Everything that speaks to Slack: for the workspace of the settings' token, and for those that installed the bot.

    Raises SettingsError where stored tokens can't be opened.
    """

    def __init__(
        self, settings: Settings, database: Database, identity: Identity | None = None, patience: Patience = USUAL
    ) -> None:
        token = settings.slack_bot_token
        self._token = token.get_secret_value() if token else ""
        self._base_url = settings.slack_api_url
        self.installs = _installs(settings, database)
        self.identity = identity or (who_am_i(self._token, self._base_url) if self._token else None)
        self._workspace = self.remember(database)
        self.sender = SlackSender(self.token_of, self._base_url)
        self.reading = Reading(self.token_of, self._base_url, patience=patience)
        self.surfaces = Surfaces(self.token_of, self._base_url, patience)
        self.people = SlackPeople(self.token_of, self._base_url, time.monotonic, patience)

    def token_of(self, workspace_id: str) -> str | None:
        """The token that is good in a workspace."""
        return self._token if self._is_own(workspace_id) else self.installs.token_of(workspace_id)

    def workspace_of(self, workspace_id: str) -> Workspace | None:
        """The workspace, where the bot is in it."""
        return self._workspace if self._is_own(workspace_id) else self.installs.workspace_of(workspace_id)

    def _is_own(self, workspace_id: str) -> bool:
        return self.identity is not None and workspace_id == self.identity.workspace_id

    def close(self) -> None:
        """Ends the threads that post and read."""
        self.sender.close()
        self.reading.close()
        self.people.close()

    def remember(self, database: Database) -> Workspace | None:
        """Stores who the bot is in the workspace of the settings' token, where there is one."""
        known = self.identity
        if known is None:
            return None
        with database.transaction() as session:
            found = workspaces.find(session, known.workspace_id) or Workspace(known.workspace_id)
            workspace = replace(found, name=known.workspace_name, bot_id=known.bot_id, bot_user_id=known.bot_user_id)
            workspaces.save(session, workspace)
            restored(session, known.workspace_id, now())  # the token has just been accepted
        return workspace


def _installs(settings: Settings, database: Database) -> Installs:
    vault = installations.Vault(settings.keys)
    try:
        installations.check(database, vault)
    except installations.KeysError as error:
        raise SettingsError((str(error),)) from None
    return Installs(database, vault, time.monotonic)
