"""Everything that speaks to Slack, put together: tokens, the sender, what is asked, what is opened."""

import time

from msgspec.structs import replace

from bot.service import installs
from bot.service.health import restored
from bot.service.installs import Installs
from bot.settings import Settings, SettingsError
from bot.slack.delivery import SlackSender
from bot.slack.identity import Identity, who_am_i
from bot.slack.patience import USUAL, Patience
from bot.slack.people import SlackPeople
from bot.slack.reading import Reading
from bot.slack.surfaces import Surfaces
from bot.wiring import now
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
    vault = installs.Vault(settings.keys)
    try:
        installs.check(database, vault)
    except installs.KeysError as error:
        raise SettingsError((str(error),)) from None
    return Installs(database, vault, time.monotonic)
