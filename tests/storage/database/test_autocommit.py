"""Statements by the driver alone: each thread's own connection, kept, and given up where it is dead."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from storage.database import Database, DatabaseError, autocommit

ONE = sa.text("SELECT 1")
NAMED = sa.text(
    "INSERT INTO workspace (workspace_id, name, bot_id, bot_user_id, zone, suspended_reason, enterprise_id,"
    " managing, managers) VALUES (:name, '', '', '', 'UTC', '', '', 'anyone', '[]') RETURNING workspace_id"
)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    found = Database(postgres_url)
    yield found
    found.close()


def test_a_statement_that_writes_is_committed_by_itself(database: Database) -> None:
    assert [tuple(row) for row in database.write(NAMED, {"name": "T1"})] == [("T1",)]
    with database.read_only() as session:
        assert session.execute(sa.text("SELECT count(*) FROM workspace")).scalar() == 1
    with pytest.raises(sa.exc.IntegrityError):
        database.write(NAMED, {"name": "T1"}, wait=30)
    assert len(database.fetch(sa.text("SELECT 1 FROM workspace"), {})) == 1


def test_each_thread_has_a_connection_of_its_own_and_keeps_it(database: Database) -> None:
    seen: list[object] = []

    def look() -> None:
        database.fetch(ONE, {})
        seen.append(database._alone._mine_now().raw)

    look()
    look()
    other = threading.Thread(target=look)
    other.start()
    other.join()
    assert seen[0] is seen[1]
    assert seen[2] is not seen[0]


def test_a_connection_ends_with_its_thread(database: Database) -> None:
    for _ in range(3):
        one = threading.Thread(target=database.fetch, args=(ONE, {}))
        one.start()
        one.join()
    database.fetch(ONE, {})
    assert len(database._alone._held) == 1


def test_a_long_wait_for_a_locked_file_is_for_that_statement_alone(sqlite_database: Database) -> None:
    mine = sqlite_database._alone
    sqlite_database.write(NAMED, {"name": "T1"}, wait=30)
    assert mine._mine_now().raw.execute("PRAGMA busy_timeout").fetchone() == (2000,)


def test_a_locked_file_is_told_and_the_connection_stays_good(sqlite_url: str) -> None:
    first, second = Database(sqlite_url), Database(sqlite_url, busy_timeout=0.01)
    with first.transaction() as session:
        session.execute(sa.text("DELETE FROM workspace"))
        with pytest.raises(DatabaseError, match="locked"):
            second.write(NAMED, {"name": "T1"})
    assert second.write(NAMED, {"name": "T1"})
    first.close()
    second.close()


@pytest.mark.postgres
@pytest.mark.parametrize("idle", [0.0, 60.0])
def test_a_connection_that_the_server_ended_is_replaced(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch, idle: float
) -> None:
    """By another look where it was idle, else by asking once more; nothing of it is seen."""
    monkeypatch.setattr(autocommit, "IDLE_SECONDS", -1.0 if idle else 60.0)
    postgres_database.fetch(ONE, {})
    pid = postgres_database._alone._mine_now().raw.info.backend_pid
    with postgres_database.transaction() as session:
        session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert postgres_database.fetch(ONE, {}) == [(1,)]
    assert postgres_database._alone._mine_now().raw.info.backend_pid != pid


@pytest.mark.postgres
def test_what_writes_is_written_once_more_where_the_connection_was_lost(postgres_database: Database) -> None:
    postgres_database.fetch(ONE, {})
    pid = postgres_database._alone._mine_now().raw.info.backend_pid
    with postgres_database.transaction() as session:
        session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert postgres_database.write(NAMED, {"name": "T1"}) == [("T1",)]


def test_it_can_be_closed_while_others_ask(database: Database) -> None:
    """A connection that another thread is using must not be closed under it: SQLite's driver would end the process."""
    ends, failed = threading.Event(), []

    def ask() -> None:
        while not ends.is_set():
            try:
                database.fetch(ONE, {})
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
                failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        database._alone.close()
    ends.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert database.fetch(ONE, {}) == [(1,)]
