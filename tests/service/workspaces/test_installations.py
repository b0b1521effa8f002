"""Tokens at rest, and who the bot is where a request comes from."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.service.workspaces import installations as installs
from bot.service.workspaces.channel_health import UNINSTALLED
from bot.service.workspaces.installations import InstallationRegistry, KeysError, TokenVault
from storage import installations, workspaces
from storage.database import Database
from storage.facts import Installation, Workspace
from tests.service.driver import utc

NOW = utc("2026-11-23 12:00")
OPEN = "xoxb-very-secret-token"


def installation(enterprise: str = "", workspace: str = "T1", token: str = OPEN) -> Installation:
    return Installation(enterprise, workspace, token, "B1", "UBOT", ("commands",), "U1", NOW, "Acme")


@dataclass
class Watch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_stolen_database_holds_no_token(sqlite_database: Database, sqlite_url: str) -> None:
    known = InstallationRegistry(sqlite_database, TokenVault([installs.generate_key()]), Watch())
    known.install(installation(), NOW)
    assert known.find_token("T1") == OPEN
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    files = [path.read_bytes() for path in folder.iterdir() if path.name.startswith("dlvm.db")]
    assert len(files) >= 2, "the write-ahead log is looked at too"
    assert not any(b"xoxb-" in content or OPEN.encode() in content for content in files)


def test_rotation_leaves_nothing_that_an_old_key_opens(database: Database) -> None:
    old, new = installs.generate_key(), installs.generate_key()
    InstallationRegistry(database, TokenVault([old]), Watch()).install(installation(), NOW)
    assert installs.rotate_keys(database, TokenVault([new, old])) == 1
    installs.verify_tokens(database, TokenVault([new]))
    with pytest.raises(KeysError, match="add the key they were stored with"):
        installs.verify_tokens(database, TokenVault([old]))
    assert InstallationRegistry(database, TokenVault([new]), Watch()).find_token("T1") == OPEN


def test_a_rotation_that_lacks_a_key_changes_nothing(sqlite_database: Database) -> None:
    first, second, third = (installs.generate_key() for _ in range(3))
    InstallationRegistry(sqlite_database, TokenVault([first]), Watch()).install(installation(), NOW)
    InstallationRegistry(sqlite_database, TokenVault([second]), Watch()).install(installation(workspace="T2"), NOW)
    with sqlite_database.read_only() as session:
        before = installations.list_all(session)
    with pytest.raises(KeysError):
        installs.rotate_keys(sqlite_database, TokenVault([third, first]))
    with sqlite_database.read_only() as session:
        assert installations.list_all(session) == before


def test_without_a_key_nothing_is_needed_until_there_are_installations(sqlite_database: Database) -> None:
    installs.verify_tokens(sqlite_database, TokenVault([]))
    with pytest.raises(KeysError, match="dlvm keys new"):
        InstallationRegistry(sqlite_database, TokenVault([]), Watch()).install(installation(), NOW)
    InstallationRegistry(sqlite_database, TokenVault([installs.generate_key()]), Watch()).install(installation(), NOW)
    with pytest.raises(KeysError, match="DLVM_KEYS is missing"):
        installs.verify_tokens(sqlite_database, TokenVault([]))


def test_who_the_bot_is_is_known_for_a_minute_and_forgotten_at_once_when_told(sqlite_database: Database) -> None:
    watch = Watch()
    known = InstallationRegistry(sqlite_database, TokenVault([installs.generate_key()]), watch)
    known.install(installation(), NOW)
    found = known.find_workspace("T1")
    assert found is not None
    assert (found.name, found.bot_id, found.bot_user_id) == ("Acme", "B1", "UBOT")
    with sqlite_database.transaction() as session:
        installations.delete(session, "", "T1")
    assert known.find_token("T1") == OPEN, "another process took it, less than a minute ago"
    watch.seconds = installs.CACHE_SECONDS + 1
    assert known.find_token("T1") is None
    known.install(installation(), NOW)
    assert known.find_token("T1") == OPEN
    with sqlite_database.transaction() as session:
        installations.delete(session, "", "T1")
    known.evict("T1")
    assert known.find_workspace("T1") is None
    assert known.find_workspace("") is None


def test_no_more_workspaces_are_kept_than_there_is_room_for(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installs, "MAX_CACHED", 3)
    known = InstallationRegistry(sqlite_database, TokenVault([installs.generate_key()]), Watch())
    for number in range(6):
        known.install(installation(workspace=f"T{number}", token=f"xoxb-{number}"), NOW)
    assert [known.find_token(f"T{number}") for number in range(6)] == [f"xoxb-{number}" for number in range(6)]
    assert len(known._cache) == 3


def test_an_organisations_token_is_good_for_its_workspaces_and_no_others(database: Database) -> None:
    known = InstallationRegistry(database, TokenVault([installs.generate_key()]), Watch())
    known.install(installation("E1", "", "xoxb-one"), NOW)
    known.install(installation("E2", "", "xoxb-two"), NOW)
    assert known.find_token("T1") is None, "nobody knows yet whose it is"
    known.register_workspace("E2", "T1")
    known.register_workspace("E9", "T9")
    known.register_workspace("", "T8")
    assert known.find_token("T1") == "xoxb-two"
    assert known.find_token("E1") == "xoxb-one"
    assert (known.find_token("T9"), known.find_token("T8")) == (None, None)
    known.install(installation("E2", "T1", "xoxb-own"), NOW)
    assert known.find_token("T1") == "xoxb-own", "its own installation is nearer"


def test_a_workspace_that_joined_an_organisation_keeps_one_installation(sqlite_database: Database) -> None:
    known = InstallationRegistry(sqlite_database, TokenVault([installs.generate_key()]), Watch())
    known.install(installation(), NOW)
    known.install(installation("E1", "T1", "xoxb-again"), NOW)
    with sqlite_database.read_only() as session:
        (only,) = installations.list_all(session)
    assert (only.enterprise_id, known.find_token("T1")) == ("E1", "xoxb-again")


def test_installing_again_restores_what_waits(database: Database) -> None:
    known = InstallationRegistry(database, TokenVault([installs.generate_key()]), Watch())
    with database.transaction() as session:
        for name, enterprise in (("T1", ""), ("T2", "E1"), ("T3", "E2")):
            workspaces.save(session, Workspace(name, enterprise_id=enterprise))
            workspaces.suspend(session, name, NOW - timedelta(days=89), UNINSTALLED)
    known.install(installation(), NOW)
    known.install(replace(installation("E1", ""), name="Org"), NOW)
    with database.read_only() as session:
        assert [w.workspace_id for w in workspaces.list_suspended(session)] == ["T3"]
    assert known.find_token("T2") == OPEN


def test_a_state_is_good_once_and_for_ten_minutes(database: Database) -> None:
    known = InstallationRegistry(database, TokenVault([]), Watch())
    known.issue_state("one", NOW)
    known.issue_state("two", NOW)
    assert not known.consume_state("foreign", NOW)
    assert known.consume_state("one", NOW + timedelta(minutes=9))
    assert not known.consume_state("one", NOW + timedelta(minutes=9))
    assert not known.consume_state("two", NOW + timedelta(minutes=10))
