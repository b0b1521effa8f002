"""How the bot got into workspaces: tokens encrypted at rest, and who it is where a request comes from."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from sqlmodel import Session

from bot.service.workspaces.channel_health import UNINSTALLED, restore_workspace
from storage import installations, workspaces
from storage.database import Database
from storage.facts import Installation, Workspace

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

CACHE_SECONDS = 60.0
"""Seconds a workspace is known without asking the database: another process may have lost it meanwhile."""

MAX_CACHED = 10_000

STATE_LIFETIME = timedelta(minutes=10)
"""As long as Slack's own code."""


class KeysError(Exception):
    """Tokens can't be read or stored; one sentence with what to do."""


def generate_key() -> str:
    """A key that nobody had before."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - seven megabytes that a bot without keys does not need

    return Fernet.generate_key().decode()


class TokenVault:
    """Encrypts tokens with the first of its keys, and opens them with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = _build_fernet(keys) if keys else None

    def encrypt(self, token: str) -> str:
        """The token, encrypted; raises KeysError where there is no key."""
        return self._require_fernet().encrypt(token.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The token; raises KeysError where no key opens it."""
        keys = self._require_fernet()
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - the same

        try:
            return keys.decrypt(encrypted).decode()
        except InvalidToken:
            raise KeysError(
                "No key in DLVM_KEYS opens the stored tokens: add the key they were stored with, after a comma."
            ) from None

    def reencrypt(self, encrypted: str) -> str:
        """The same token, encrypted with the first key; raises KeysError where no key opens it."""
        return self.encrypt(self.decrypt(encrypted))

    def _require_fernet(self) -> "MultiFernet":
        if self._fernet is None:
            raise KeysError(
                "DLVM_KEYS is missing, and tokens are stored encrypted: set the key they were stored with,"
                " or for a first installation make one: dlvm keys new"
            )
        return self._fernet


def _build_fernet(keys: Sequence[str]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - the same

    return MultiFernet([Fernet(key) for key in keys])


def verify_tokens(database: Database, vault: TokenVault) -> int:
    """How many tokens are stored; raises KeysError where one of them can't be opened."""
    with database.read_only() as session:
        stored = installations.list_all(session)
    for installation in stored:
        vault.decrypt(installation.token)
    return len(stored)


def rotate_keys(database: Database, vault: TokenVault) -> int:
    """Encrypts every token with the first key, all or none; raises KeysError where one can't be opened."""

    def work(session: Session) -> int:
        stored = installations.list_all(session)
        for installation in stored:
            installations.save(session, replace(installation, token=vault.reencrypt(installation.token)))
        return len(stored)

    return database.run(work)


class _CachedInstallation(Struct, frozen=True):
    workspace: Workspace
    token: str
    expires_at: float


class InstallationRegistry:
    """Who the bot is in each workspace, remembered for a minute.

    An id is a workspace's, or an organisation's where something concerns all of it.
    """

    def __init__(self, database: Database, vault: TokenVault, elapsed: Callable[[], float]) -> None:
        self._database = database
        self._vault = vault
        self._elapsed = elapsed
        self._cache: OrderedDict[str, _CachedInstallation] = OrderedDict()
        self._lock = threading.Lock()

    def find_workspace(self, workspace_id: str) -> Workspace | None:
        """The workspace, where the bot is installed in it."""
        known = self._find(workspace_id)
        return known.workspace if known else None

    def find_token(self, workspace_id: str) -> str | None:
        """The token that is good there."""
        known = self._find(workspace_id)
        return known.token if known else None

    def register_workspace(self, enterprise_id: str, workspace_id: str) -> None:
        """Remembers a workspace of an organisation that has the bot, when something comes from it the first time."""
        if not enterprise_id or not workspace_id or self._find(workspace_id) is not None:
            return

        def work(session: Session) -> None:
            found = workspaces.find(session, workspace_id) or Workspace(workspace_id)
            if found.enterprise_id != enterprise_id and installations.find_for_organisation(session, enterprise_id):
                workspaces.save(session, replace(found, enterprise_id=enterprise_id))

        self._database.run(work)

    def issue_state(self, state: str, now: datetime) -> None:
        """Somebody begins an installation."""
        self._database.run(lambda session: installations.add_state(session, state, now + STATE_LIFETIME))

    def consume_state(self, state: str, now: datetime) -> bool:
        """Whether an installation was begun with the state, not long ago; a second time it was not."""
        return self._database.run(lambda session: installations.consume_state(session, state, now))

    def install(self, installation: Installation, now: datetime) -> None:
        """Stores an installation whose token is open; what was suspended goes on."""
        locked = replace(installation, token=self._vault.encrypt(installation.token))
        self._database.run(lambda session: _save_installation(session, locked, now))
        self.evict()

    def evict(self, workspace_id: str = "") -> None:
        """Forgets what is known of the workspace, or of all: an organisation's are many."""
        with self._lock:
            if workspace_id:
                self._cache.pop(workspace_id, None)
            else:
                self._cache.clear()

    def _find(self, workspace_id: str) -> _CachedInstallation | None:
        with self._lock:
            known = self._cache.get(workspace_id)
        if known is not None and known.expires_at > self._elapsed():
            return known
        fresh = self._load(workspace_id) if workspace_id else None
        with self._lock:
            self._cache.pop(workspace_id, None)
            if fresh is not None:
                self._cache[workspace_id] = fresh
            while len(self._cache) > MAX_CACHED:
                self._cache.popitem(last=False)
        return fresh

    def _load(self, workspace_id: str) -> _CachedInstallation | None:
        with self._database.read_only() as session:
            workspace = workspaces.find(session, workspace_id) or Workspace(workspace_id)
            if workspace.suspended_reason == UNINSTALLED:
                return None
            found = installations.find(session, workspace.enterprise_id, workspace_id)
            found = found or installations.find_for_organisation(session, workspace_id)
        if found is None:
            return None
        bot = replace(workspace, bot_id=found.bot_id, bot_user_id=found.bot_user_id)
        return _CachedInstallation(bot, self._vault.decrypt(found.token), self._elapsed() + CACHE_SECONDS)


def _save_installation(session: Session, installation: Installation, now: datetime) -> None:
    if not installation.workspace_id:
        installations.save(session, installation)
        for workspace in workspaces.list_all(session):
            if workspace.enterprise_id == installation.enterprise_id:
                restore_workspace(session, workspace.workspace_id, now)
        return
    earlier = installations.find(session, "", installation.workspace_id)
    if earlier is not None:
        installations.delete(session, earlier.enterprise_id, earlier.workspace_id)
    installations.save(session, installation)
    found = workspaces.find(session, installation.workspace_id) or Workspace(installation.workspace_id)
    named = replace(found, name=installation.name or found.name, enterprise_id=installation.enterprise_id)
    bot = replace(named, bot_id=installation.bot_id, bot_user_id=installation.bot_user_id)
    workspaces.save(session, bot)
    restore_workspace(session, installation.workspace_id, now)
