import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import workspaces
from storage.database import Database, DatabaseError
from storage.facts import Workspace
from tests.storage.factories import run_in_processes

ROUNDS = 150


def test_a_transaction_is_committed(database: Database) -> None:
    with database.transaction() as session:
        workspaces.save(session, Workspace("T1", "Team"))
    with database.read_only() as session:
        assert workspaces.find(session, "T1") == Workspace("T1", "Team")


def test_a_transaction_that_raises_is_rolled_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _save_and_fail(database)
    with database.read_only() as session:
        assert workspaces.list_all(session) == ()


def test_changes_in_read_only_are_discarded(sqlite_database: Database) -> None:
    with sqlite_database.read_only() as session:
        workspaces.save(session, Workspace("T1"))
    with sqlite_database.read_only() as session:
        assert workspaces.list_all(session) == ()


@pytest.mark.postgres
def test_read_only_refuses_writes_on_postgresql(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(sa.exc.DBAPIError), database.read_only() as session:
        workspaces.save(session, Workspace("T1"))
    database.close()


@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 2000)]
)
def test_sqlite_is_configured_for_several_processes(sqlite_database: Database, pragma: str, expected: object) -> None:
    with sqlite_database.read_only() as session:
        assert session.execute(sa.text(f"PRAGMA {pragma}")).scalar() == expected


def test_wait_applies_to_one_transaction(sqlite_database: Database) -> None:
    waits = []
    for wait in (30.0, None):
        with sqlite_database.transaction(wait=wait) as session:
            waits.append(session.execute(sa.text("PRAGMA busy_timeout")).scalar())
    assert waits == [30_000, 2_000]


def test_read_only_does_not_wait_for_a_writer(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as writer, sqlite_database.read_only() as session:
        workspaces.save(writer, Workspace("T1"))
        assert workspaces.list_all(session) == ()


def test_a_transaction_waits_for_a_short_lock(sqlite_url: str) -> None:
    holder = sqlite3.connect(_path(sqlite_url), isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, holder.rollback)
    timer.start()
    database = Database(sqlite_url)
    with database.transaction() as session:
        workspaces.save(session, Workspace("T1"))
    timer.join()
    holder.close()
    database.close()


def test_a_long_lock_raises_a_database_error(sqlite_url: str) -> None:
    holder = sqlite3.connect(_path(sqlite_url), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    database = Database(sqlite_url, busy_timeout=0.05)
    with pytest.raises(DatabaseError, match="locked") as raised, database.transaction() as session:
        workspaces.save(session, Workspace("T1"))
    assert raised.value.hint
    holder.close()
    database.close()


def test_a_full_disk_loses_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        workspaces.save(session, Workspace("T0", "kept"))
    with pytest.raises(DatabaseError, match="no space left"):
        _fill(sqlite_database)
    with sqlite_database.transaction() as session:
        session.execute(sa.text("PRAGMA max_page_count = 1000000"))
        assert workspaces.list_all(session) == (Workspace("T0", "kept"),)
        workspaces.save(session, Workspace("T1"))


def test_a_read_only_file_raises_a_database_error(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read_only() as session:
        session.execute(sa.text("PRAGMA query_only = ON"))
    with pytest.raises(DatabaseError, match="read-only"), database.transaction() as session:
        workspaces.save(session, Workspace("T1"))
    database.close()


@pytest.mark.parametrize("content", [b"<!doctype html><title>502</title>", b"PK\x03\x04", b"x"])
def test_a_file_of_another_type_is_refused_unchanged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.db"
    path.write_bytes(content)
    with pytest.raises(DatabaseError, match="not an SQLite database"):
        Database(f"sqlite:///{path}")
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["page.db"]


def test_a_damaged_file_raises_a_database_error(sqlite_url: str) -> None:
    path = Path(_path(sqlite_url))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    database = Database(sqlite_url)
    with pytest.raises(DatabaseError, match=r"damaged|not an SQLite"), database.read_only() as session:
        workspaces.list_all(session)
    database.close()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="folder"):
        Database(f"sqlite:///{tmp_path}")


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DatabaseError) as raised:
        Database(f"sqlite:///{tmp_path / 'file' / 'below' / 'dlvm.db'}")
    assert raised.value.message
    assert raised.value.hint


def test_a_missing_folder_and_file_are_created(tmp_path: Path) -> None:
    path = tmp_path / "new" / "var" / "dlvm.db"
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        session.execute(sa.text("SELECT 1"))
    database.close()
    assert path.exists()


def test_a_relative_path_starts_at_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database("sqlite:///var/dlvm.db")
    with database.read_only() as session:
        session.execute(sa.text("SELECT 1"))
    database.close()
    assert (tmp_path / "var" / "dlvm.db").exists()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:", "://"])
def test_an_unsupported_url_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        Database(url)
    assert "sqlite:///" in raised.value.hint


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_accepted(scheme: str) -> None:
    database = Database(f"{scheme}://user:hush@host/name")
    assert database.dialect == "postgresql"
    assert "hush" not in database.display_url
    database.close()


def test_an_unreachable_postgresql_error_has_no_password(tmp_path: Path) -> None:
    database = Database(f"postgresql://user:hush@/name?host={tmp_path}")
    with pytest.raises(DatabaseError, match="reached") as raised, database.read_only() as session:
        session.execute(sa.text("SELECT 1"))
    assert "hush" not in raised.value.message + raised.value.hint
    database.close()


def test_a_missing_driver_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("psycopg")

    monkeypatch.setattr(sa, "create_engine", fail)
    with pytest.raises(DatabaseError) as raised:
        Database("postgresql://user@host/name")
    assert "psycopg" in raised.value.message
    assert "psycopg[binary]" in raised.value.hint


def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 0))
    with pytest.raises(DatabaseError, match="too old"):
        Database(f"sqlite:///{tmp_path / 'dlvm.db'}")
    assert not list(tmp_path.iterdir())


def test_a_wrong_statement_is_not_a_database_error(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.transaction() as session:
        session.execute(sa.text("SELECT nothing FROM nowhere"))


def test_four_processes_lose_no_update(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.transaction() as session:
        workspaces.save(session, Workspace("T1", "0"))
    assert run_in_processes(_count_up, 4, sqlite_url) == [0] * 4
    with database.read_only() as session:
        assert workspaces.find(session, "T1") == Workspace("T1", str(4 * ROUNDS))
    database.close()


def _save_and_fail(database: Database) -> None:
    with database.transaction() as session:
        workspaces.save(session, Workspace("T1"))
        raise ZeroDivisionError


def _fill(database: Database) -> None:
    with database.transaction() as session:
        pages = session.execute(sa.text("PRAGMA page_count")).scalar()
        session.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
        for number in range(500):
            workspaces.save(session, Workspace(f"T{number}", "x" * 400))


def _count_up(url: str) -> None:
    database = Database(url)
    for _ in range(ROUNDS):
        with database.transaction(wait=30.0) as session:
            workspace = workspaces.find(session, "T1")
            assert workspace is not None
            workspaces.save(session, Workspace("T1", str(int(workspace.name) + 1)))
    database.close()


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")
