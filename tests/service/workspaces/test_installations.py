"""Tokens at rest, and who the bot is where a request comes from."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.service.workspaces import installations as installs
from bot.service.workspaces.channel_health import UNINSTALLED
from bot.service.workspaces.installations import Installs, KeysError, Vault
from storage import installations, workspaces
from storage.database import Database
from storage.facts import Installation, Workspace
from tests.service.driver import at

NOW = at("2026-11-23 12:00")
OPEN = "xoxb-very-secret-token"


def installation(enterprise: str = "", workspace: str = "T1", token: str = OPEN) -> Installation:
    return Installation(enterprise, workspace, token, "B1", "UBOT", ("commands",), "U1", NOW, "Acme")


@dataclass
class Watch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_stolen_database_holds_no_token(sqlite_database: Database, sqlite_url: str) -> None:
    known = Installs(sqlite_database, Vault([installs.new_key()]), Watch())
    known.install(installation(), NOW)
    assert known.token_of("T1") == OPEN
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    files = [path.read_bytes() for path in folder.iterdir() if path.name.startswith("dlvm.db")]
    assert len(files) >= 2, "the write-ahead log is looked at too"
    assert not any(b"xoxb-" in content or OPEN.encode() in content for content in files)


def test_rotation_leaves_nothing_that_an_old_key_opens(database: Database) -> None:
    old, new = installs.new_key(), installs.new_key()
    Installs(database, Vault([old]), Watch()).install(installation(), NOW)
    assert installs.rotate(database, Vault([new, old])) == 1
    installs.check(database, Vault([new]))
    with pytest.raises(KeysError, match="add the key they were stored with"):
        installs.check(database, Vault([old]))
    assert Installs(database, Vault([new]), Watch()).token_of("T1") == OPEN


def test_a_rotation_that_lacks_a_key_changes_nothing(sqlite_database: Database) -> None:
    first, second, third = (installs.new_key() for _ in range(3))
    Installs(sqlite_database, Vault([first]), Watch()).install(installation(), NOW)
    Installs(sqlite_database, Vault([second]), Watch()).install(installation(workspace="T2"), NOW)
    with sqlite_database.reading() as session:
        before = installations.all(session)
    with pytest.raises(KeysError):
        installs.rotate(sqlite_database, Vault([third, first]))
    with sqlite_database.reading() as session:
        assert installations.all(session) == before


def test_without_a_key_nothing_is_needed_until_there_are_installations(sqlite_database: Database) -> None:
    installs.check(sqlite_database, Vault([]))
    with pytest.raises(KeysError, match="dlvm keys new"):
        Installs(sqlite_database, Vault([]), Watch()).install(installation(), NOW)
    Installs(sqlite_database, Vault([installs.new_key()]), Watch()).install(installation(), NOW)
    with pytest.raises(KeysError, match="DLVM_KEYS is missing"):
        installs.check(sqlite_database, Vault([]))


def test_who_the_bot_is_is_known_for_a_minute_and_forgotten_at_once_when_told(sqlite_database: Database) -> None:
    watch = Watch()
    known = Installs(sqlite_database, Vault([installs.new_key()]), watch)
    known.install(installation(), NOW)
    found = known.workspace_of("T1")
    assert found is not None
    assert (found.name, found.bot_id, found.bot_user_id) == ("Acme", "B1", "UBOT")
    with sqlite_database.transaction() as session:
        installations.remove(session, "", "T1")
    assert known.token_of("T1") == OPEN, "another process took it, less than a minute ago"
    watch.seconds = installs.KEPT + 1
    assert known.token_of("T1") is None
    known.install(installation(), NOW)
    assert known.token_of("T1") == OPEN
    with sqlite_database.transaction() as session:
        installations.remove(session, "", "T1")
    known.evict("T1")
    assert known.workspace_of("T1") is None
    assert known.workspace_of("") is None


def test_no_more_workspaces_are_kept_than_there_is_room_for(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installs, "MOST_KEPT", 3)
    known = Installs(sqlite_database, Vault([installs.new_key()]), Watch())
    for number in range(6):
        known.install(installation(workspace=f"T{number}", token=f"xoxb-{number}"), NOW)
    assert [known.token_of(f"T{number}") for number in range(6)] == [f"xoxb-{number}" for number in range(6)]
    assert len(known._known) == 3


def test_an_organisations_token_is_good_for_its_workspaces_and_no_others(database: Database) -> None:
    known = Installs(database, Vault([installs.new_key()]), Watch())
    known.install(installation("E1", "", "xoxb-one"), NOW)
    known.install(installation("E2", "", "xoxb-two"), NOW)
    assert known.token_of("T1") is None, "nobody knows yet whose it is"
    known.arrive("E2", "T1")
    known.arrive("E9", "T9")
    known.arrive("", "T8")
    assert known.token_of("T1") == "xoxb-two"
    assert known.token_of("E1") == "xoxb-one"
    assert (known.token_of("T9"), known.token_of("T8")) == (None, None)
    known.install(installation("E2", "T1", "xoxb-own"), NOW)
    assert known.token_of("T1") == "xoxb-own", "its own installation is nearer"


def test_a_workspace_that_joined_an_organisation_keeps_one_installation(sqlite_database: Database) -> None:
    known = Installs(sqlite_database, Vault([installs.new_key()]), Watch())
    known.install(installation(), NOW)
    known.install(installation("E1", "T1", "xoxb-again"), NOW)
    with sqlite_database.reading() as session:
        (only,) = installations.all(session)
    assert (only.enterprise_id, known.token_of("T1")) == ("E1", "xoxb-again")


def test_installing_again_restores_what_waits(database: Database) -> None:
    known = Installs(database, Vault([installs.new_key()]), Watch())
    with database.transaction() as session:
        for name, enterprise in (("T1", ""), ("T2", "E1"), ("T3", "E2")):
            workspaces.save(session, Workspace(name, enterprise_id=enterprise))
            workspaces.suspend(session, name, NOW - timedelta(days=89), UNINSTALLED)
    known.install(installation(), NOW)
    known.install(replace(installation("E1", ""), name="Org"), NOW)
    with database.reading() as session:
        assert [w.workspace_id for w in workspaces.suspended(session)] == ["T3"]
    assert known.token_of("T2") == OPEN


def test_a_state_is_good_once_and_for_ten_minutes(database: Database) -> None:
    known = Installs(database, Vault([]), Watch())
    known.begin("one", NOW)
    known.begin("two", NOW)
    assert not known.is_ours("foreign", NOW)
    assert known.is_ours("one", NOW + timedelta(minutes=9))
    assert not known.is_ours("one", NOW + timedelta(minutes=9))
    assert not known.is_ours("two", NOW + timedelta(minutes=10))
