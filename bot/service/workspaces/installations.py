"""Installations of the bot: tokens encrypted at rest, and a cache of the workspace behind each request."""

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
"""How long a workspace is cached. Another process can uninstall the bot meanwhile."""

MAX_CACHED = 10_000
"""Workspaces and organisations."""

STATE_LIFETIME = timedelta(minutes=10)
"""How long an OAuth installation can take. Slack's own code expires after this time too."""


class KeysError(Exception):
    """Tokens can't be encrypted or decrypted. The message says what to do."""


def generate_key() -> str:
    """Return a new random key."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - takes seven megabytes, which a bot without keys doesn't need

    return Fernet.generate_key().decode()


class TokenVault:
    """Encrypts tokens with the first key, and decrypts them with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = _build_fernet(keys) if keys else None

    def encrypt(self, token: str) -> str:
        """Return the encrypted token. Raises KeysError if there is no key."""
        return self._require_fernet().encrypt(token.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the token. Raises KeysError if no key decrypts it."""
        fernet = self._require_fernet()
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - takes seven megabytes, as in generate_key

        try:
            return fernet.decrypt(encrypted).decode()
        except InvalidToken:
            raise KeysError(
                "No key in DLVM_KEYS can decrypt the stored tokens: add the key they were stored with, after a comma."
            ) from None

    def _require_fernet(self) -> "MultiFernet":
        if self._fernet is None:
            raise KeysError(
                "DLVM_KEYS is missing. Set the key that the tokens were stored with."
                " For a first installation, create a key with: dlvm keys new"
            )
        return self._fernet


def _build_fernet(keys: Sequence[str]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - takes seven megabytes, as in generate_key

    return MultiFernet([Fernet(key) for key in keys])


def verify_tokens(database: Database, vault: TokenVault) -> int:
    """Decrypt every stored token. Return their number, or raise KeysError if a token can't be decrypted."""
    with database.read_only() as session:
        stored = installations.list_all(session)
    for installation in stored:
        vault.decrypt(installation.token)
    return len(stored)


def rotate_keys(database: Database, vault: TokenVault) -> int:
    """Encrypt every token with the first key, and return their number.

    Raises KeysError and changes nothing if a token can't be decrypted.
    """

    def reencrypt(session: Session) -> int:
        stored = installations.list_all(session)
        for installation in stored:
            token = vault.encrypt(vault.decrypt(installation.token))
            installations.save(session, replace(installation, token=token))
        return len(stored)

    return database.run(reencrypt)


class _CachedInstallation(Struct, frozen=True):
    workspace: Workspace
    token: str
    expires_at: float


class InstallationRegistry:
    """Installations by workspace, cached for a minute.

    A workspace id can also be the id of an organisation, for requests about the whole organisation.
    """

    def __init__(self, database: Database, vault: TokenVault, elapsed: Callable[[], float]) -> None:
        self._database = database
        self._vault = vault
        self._elapsed = elapsed
        self._cache: OrderedDict[str, _CachedInstallation] = OrderedDict()
        self._lock = threading.Lock()

    def find_workspace(self, workspace_id: str) -> Workspace | None:
        """Return the workspace with the bot's ids, or None if the bot isn't installed in it."""
        cached = self._find(workspace_id)
        return cached.workspace if cached else None

    def find_token(self, workspace_id: str) -> str | None:
        """Return the decrypted token for the workspace, or None if the bot isn't installed in it."""
        cached = self._find(workspace_id)
        return cached.token if cached else None

    def register_workspace(self, enterprise_id: str, workspace_id: str) -> None:
        """Store a workspace on its first request, if its organisation has installed the bot."""
        if not enterprise_id or not workspace_id or self._find(workspace_id) is not None:
            return

        def save(session: Session) -> None:
            workspace = workspaces.find(session, workspace_id) or Workspace(workspace_id)
            if workspace.enterprise_id != enterprise_id and installations.find_for_organisation(session, enterprise_id):
                workspaces.save(session, replace(workspace, enterprise_id=enterprise_id))

        self._database.run(save)

    def issue_state(self, state: str, now: datetime) -> None:
        """Store the state of an installation that begins. It expires after STATE_LIFETIME."""
        self._database.run(lambda session: installations.add_state(session, state, now + STATE_LIFETIME))

    def consume_state(self, state: str, now: datetime) -> bool:
        """Return True if the state was issued, hasn't expired and wasn't consumed before."""
        return self._database.run(lambda session: installations.consume_state(session, state, now))

    def install(self, installation: Installation, now: datetime) -> None:
        """Store an installation, encrypting its plain token, and restore the workspaces it covers."""
        encrypted = replace(installation, token=self._vault.encrypt(installation.token))
        self._database.run(lambda session: _save_installation(session, encrypted, now))
        self.evict()

    def evict(self, workspace_id: str = "") -> None:
        """Drop the workspace from the cache, or every workspace if the id is empty."""
        with self._lock:
            if workspace_id:
                self._cache.pop(workspace_id, None)
            else:
                self._cache.clear()

    def _find(self, workspace_id: str) -> _CachedInstallation | None:
        with self._lock:
            cached = self._cache.get(workspace_id)
        if cached is not None and cached.expires_at > self._elapsed():
            return cached
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
            installation = installations.find(session, workspace.enterprise_id, workspace_id)
            installation = installation or installations.find_for_organisation(session, workspace_id)
        if installation is None:
            return None
        workspace = replace(workspace, bot_id=installation.bot_id, bot_user_id=installation.bot_user_id)
        token = self._vault.decrypt(installation.token)
        return _CachedInstallation(workspace, token, self._elapsed() + CACHE_SECONDS)


def _save_installation(session: Session, installation: Installation, now: datetime) -> None:
    if not installation.workspace_id:
        installations.save(session, installation)
        for workspace in workspaces.list_all(session):
            if workspace.enterprise_id == installation.enterprise_id:
                restore_workspace(session, workspace.workspace_id, now)
        return
    earlier = installations.find(session, "", installation.workspace_id)
    if earlier is not None:  # under another organisation if the workspace has joined or left one
        installations.delete(session, earlier.enterprise_id, earlier.workspace_id)
    installations.save(session, installation)
    workspace = workspaces.find(session, installation.workspace_id) or Workspace(installation.workspace_id)
    workspace = replace(
        workspace,
        name=installation.name or workspace.name,
        enterprise_id=installation.enterprise_id,
        bot_id=installation.bot_id,
        bot_user_id=installation.bot_user_id,
    )
    workspaces.save(session, workspace)
    restore_workspace(session, installation.workspace_id, now)
