"""Installations: encrypted tokens, key rotation, and the cache."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.service.workspaces.channel_health import UNINSTALLED
from bot.service.workspaces.installations import (
    CACHE_SECONDS,
    InstallationRegistry,
    KeysError,
    TokenVault,
    generate_key,
    rotate_keys,
    verify_tokens,
)
from storage import installations, workspaces
from storage.database import Database
from storage.facts import Installation, Workspace
from tests.service.driver import utc

NOW = utc("2026-11-23 12:00")
TOKEN = "xoxb-very-secret-token"


def build_installation(enterprise_id: str = "", workspace_id: str = "T1", token: str = TOKEN) -> Installation:
    return Installation(enterprise_id, workspace_id, token, "B1", "UBOT", ("commands",), "U1", NOW, "Acme")


@dataclass
class FakeTimer:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def build_registry(database: Database, *keys: str) -> InstallationRegistry:
    return InstallationRegistry(database, TokenVault(keys), FakeTimer())


def test_the_database_files_contain_no_token(sqlite_database: Database, sqlite_url: str) -> None:
    registry = build_registry(sqlite_database, generate_key())
    registry.install(build_installation(), NOW)
    assert registry.find_token("T1") == TOKEN
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    files = [path.read_bytes() for path in folder.iterdir() if path.name.startswith("dlvm.db")]
    assert len(files) >= 2, "the write-ahead log is checked too"
    assert not any(b"xoxb-" in content or TOKEN.encode() in content for content in files)


def test_after_a_rotation_the_old_key_decrypts_nothing(database: Database) -> None:
    old, new = generate_key(), generate_key()
    build_registry(database, old).install(build_installation(), NOW)
    assert rotate_keys(database, TokenVault([new, old])) == 1
    verify_tokens(database, TokenVault([new]))
    with pytest.raises(KeysError, match="add the key they were stored with"):
        verify_tokens(database, TokenVault([old]))
    assert build_registry(database, new).find_token("T1") == TOKEN


def test_a_rotation_without_a_needed_key_changes_nothing(sqlite_database: Database) -> None:
    first, second, third = (generate_key() for _ in range(3))
    build_registry(sqlite_database, first).install(build_installation(), NOW)
    build_registry(sqlite_database, second).install(build_installation(workspace_id="T2"), NOW)
    with sqlite_database.read_only() as session:
        before = installations.list_all(session)
    with pytest.raises(KeysError):
        rotate_keys(sqlite_database, TokenVault([third, first]))
    with sqlite_database.read_only() as session:
        assert installations.list_all(session) == before


def test_a_key_is_needed_once_there_is_an_installation(sqlite_database: Database) -> None:
    verify_tokens(sqlite_database, TokenVault([]))
    with pytest.raises(KeysError, match="dlvm keys new"):
        build_registry(sqlite_database).install(build_installation(), NOW)
    build_registry(sqlite_database, generate_key()).install(build_installation(), NOW)
    with pytest.raises(KeysError, match="DLVM_KEYS is missing"):
        verify_tokens(sqlite_database, TokenVault([]))


def test_an_installation_is_cached_for_a_minute_or_until_evicted(sqlite_database: Database) -> None:
    timer = FakeTimer()
    registry = InstallationRegistry(sqlite_database, TokenVault([generate_key()]), timer)
    registry.install(build_installation(), NOW)
    workspace = registry.find_workspace("T1")
    assert workspace is not None
    assert (workspace.name, workspace.bot_id, workspace.bot_user_id) == ("Acme", "B1", "UBOT")
    with sqlite_database.transaction() as session:
        installations.delete(session, "", "T1")
    assert registry.find_token("T1") == TOKEN, "another process deleted it less than a minute ago"
    timer.seconds = CACHE_SECONDS + 1
    assert registry.find_token("T1") is None
    registry.install(build_installation(), NOW)
    assert registry.find_token("T1") == TOKEN
    with sqlite_database.transaction() as session:
        installations.delete(session, "", "T1")
    registry.evict("T1")
    assert registry.find_workspace("T1") is None
    assert registry.find_workspace("") is None


def test_the_cache_is_limited(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.service.workspaces.installations.MAX_CACHED", 3)
    registry = build_registry(sqlite_database, generate_key())
    for number in range(6):
        registry.install(build_installation(workspace_id=f"T{number}", token=f"xoxb-{number}"), NOW)
    assert [registry.find_token(f"T{number}") for number in range(6)] == [f"xoxb-{number}" for number in range(6)]
    assert len(registry._cache) == 3


def test_an_organisations_token_covers_its_workspaces_only(database: Database) -> None:
    registry = build_registry(database, generate_key())
    registry.install(build_installation("E1", "", "xoxb-one"), NOW)
    registry.install(build_installation("E2", "", "xoxb-two"), NOW)
    assert registry.find_token("T1") is None, "its organisation is not registry yet"
    registry.register_workspace("E2", "T1")
    registry.register_workspace("E9", "T9")
    registry.register_workspace("", "T8")
    assert registry.find_token("T1") == "xoxb-two"
    assert registry.find_token("E1") == "xoxb-one"
    assert (registry.find_token("T9"), registry.find_token("T8")) == (None, None)
    registry.install(build_installation("E2", "T1", "xoxb-own"), NOW)
    assert registry.find_token("T1") == "xoxb-own", "its own installation takes precedence"


def test_a_workspace_that_joins_an_organisation_is_stored_once(sqlite_database: Database) -> None:
    registry = build_registry(sqlite_database, generate_key())
    registry.install(build_installation(), NOW)
    registry.install(build_installation("E1", "T1", "xoxb-again"), NOW)
    with sqlite_database.read_only() as session:
        (installation,) = installations.list_all(session)
    assert (installation.enterprise_id, registry.find_token("T1")) == ("E1", "xoxb-again")


def test_installing_again_ends_the_suspension(database: Database) -> None:
    registry = build_registry(database, generate_key())
    with database.transaction() as session:
        for name, enterprise in (("T1", ""), ("T2", "E1"), ("T3", "E2")):
            workspaces.save(session, Workspace(name, enterprise_id=enterprise))
            workspaces.suspend(session, name, NOW - timedelta(days=89), UNINSTALLED)
    registry.install(build_installation(), NOW)
    registry.install(replace(build_installation("E1", ""), name="Org"), NOW)
    with database.read_only() as session:
        assert [w.workspace_id for w in workspaces.list_suspended(session)] == ["T3"]
    assert registry.find_token("T2") == TOKEN


def test_a_state_is_valid_once_and_for_ten_minutes(database: Database) -> None:
    registry = build_registry(database)
    registry.issue_state("one", NOW)
    registry.issue_state("two", NOW)
    assert not registry.consume_state("foreign", NOW)
    assert registry.consume_state("one", NOW + timedelta(minutes=9))
    assert not registry.consume_state("one", NOW + timedelta(minutes=9))
    assert not registry.consume_state("two", NOW + timedelta(minutes=10))
