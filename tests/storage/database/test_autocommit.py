"""Single statements through the driver: one connection for each thread, replaced if it is lost."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database, DatabaseError, autocommit

SELECT_ONE = sa.text("SELECT 1")
INSERT_WORKSPACE = sa.text(
    "INSERT INTO workspace (workspace_id, name, bot_id, bot_user_id, zone, suspended_reason, enterprise_id,"
    " permission_rule, managers) VALUES (:name, '', '', '', 'UTC', '', '', 'anyone', '[]') RETURNING workspace_id"
)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.close()


def test_write_commits_by_itself(database: Database) -> None:
    assert [tuple(row) for row in database.write(INSERT_WORKSPACE, {"name": "T1"})] == [("T1",)]
    with database.read_only() as session:
        assert session.execute(sa.text("SELECT count(*) FROM workspace")).scalar() == 1
    with pytest.raises(sa.exc.IntegrityError):
        database.write(INSERT_WORKSPACE, {"name": "T1"}, wait=30)
    assert len(database.fetch(sa.text("SELECT 1 FROM workspace"), {})) == 1


def test_each_thread_keeps_its_own_connection(database: Database) -> None:
    connections: list[object] = []

    def fetch() -> None:
        database.fetch(SELECT_ONE, {})
        connections.append(_get_raw_connection(database))

    fetch()
    fetch()
    thread = threading.Thread(target=fetch)
    thread.start()
    thread.join()
    assert connections[0] is connections[1]
    assert connections[2] is not connections[0]


def test_a_connection_is_closed_with_its_thread(database: Database) -> None:
    for _ in range(3):
        thread = threading.Thread(target=database.fetch, args=(SELECT_ONE, {}))
        thread.start()
        thread.join()
    database.fetch(SELECT_ONE, {})
    assert len(database._autocommit._connections) == 1


def test_a_long_wait_applies_to_one_statement(sqlite_database: Database) -> None:
    sqlite_database.write(INSERT_WORKSPACE, {"name": "T1"}, wait=30)
    assert _get_raw_connection(sqlite_database).execute("PRAGMA busy_timeout").fetchone() == (2000,)


def test_a_connection_survives_a_locked_file(sqlite_url: str) -> None:
    first, second = Database(sqlite_url), Database(sqlite_url, busy_timeout=0.01)
    with first.transaction() as session:
        session.execute(sa.text("DELETE FROM workspace"))
        with pytest.raises(DatabaseError, match="locked"):
            second.write(INSERT_WORKSPACE, {"name": "T1"})
    assert second.write(INSERT_WORKSPACE, {"name": "T1"})
    first.close()
    second.close()


@pytest.mark.postgres
@pytest.mark.parametrize("idle", [0.0, 60.0])
def test_a_connection_closed_by_the_server_is_replaced(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch, idle: float
) -> None:
    """Replace a lost connection, found by a ping before the statement or by the statement itself."""
    monkeypatch.setattr(autocommit, "IDLE_SECONDS", -1.0 if idle else 60.0)
    postgres_database.fetch(SELECT_ONE, {})
    pid = _get_raw_connection(postgres_database).info.backend_pid
    with postgres_database.transaction() as session:
        session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert postgres_database.fetch(SELECT_ONE, {}) == [(1,)]
    assert _get_raw_connection(postgres_database).info.backend_pid != pid


@pytest.mark.postgres
def test_write_is_repeated_after_a_lost_connection(postgres_database: Database) -> None:
    postgres_database.fetch(SELECT_ONE, {})
    pid = _get_raw_connection(postgres_database).info.backend_pid
    with postgres_database.transaction() as session:
        session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert postgres_database.write(INSERT_WORKSPACE, {"name": "T1"}) == [("T1",)]


def test_connections_can_be_closed_while_in_use(database: Database) -> None:
    """SQLite's driver would crash the process if a connection were closed while another thread uses it."""
    stop, errors = threading.Event(), []

    def fetch() -> None:
        while not stop.is_set():
            try:
                database.fetch(SELECT_ONE, {})
            except Exception as error:  # noqa: BLE001 - any exception is a failure
                errors.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        database._autocommit.close()
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert database.fetch(SELECT_ONE, {}) == [(1,)]


def _get_raw_connection(database: Database) -> Any:
    return database._autocommit._get_connection().raw
