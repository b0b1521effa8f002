import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from storage import migrations, workspaces
from storage.database import Database, DatabaseError
from storage.facts import Workspace
from tests.storage.factories import run_in_processes

SCRIPTS = Path(migrations.__file__).parent


@pytest.fixture
def newer_database(database: Database) -> Database:
    with database.transaction() as session:
        workspaces.save(session, Workspace("T1"))
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    return database


def test_an_empty_database_is_migrated_once(empty_database: Database) -> None:
    assert migrations.find_revision(empty_database) is None
    assert migrations.migrate(empty_database)
    assert migrations.find_revision(empty_database) == migrations.HEAD
    assert not migrations.migrate(empty_database)
    migrations.require_current(empty_database)


def test_an_error_names_the_command_to_migrate(empty_database: Database) -> None:
    with pytest.raises(DatabaseError, match="not migrated") as raised:
        migrations.require_current(empty_database)
    assert "dlvm migrate" in raised.value.hint


@pytest.mark.parametrize("entry_point", [migrations.migrate, migrations.require_current])
def test_a_newer_database_is_refused_unchanged(
    newer_database: Database, entry_point: Callable[[Database], object]
) -> None:
    with pytest.raises(DatabaseError, match="newer version of dlvm"):
        entry_point(newer_database)
    assert migrations.find_revision(newer_database) == "9999"
    with newer_database.read_only() as session:
        assert workspaces.list_all(session) == (Workspace("T1"),)


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [migrations.HEAD]


def test_migrations_create_the_tables_of_the_code(database: Database) -> None:
    with database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrations_can_be_downgraded(empty_database: Database) -> None:
    migrations.migrate(empty_database)
    assert migrations.migrate_to(empty_database, "base")
    with empty_database.connection() as connection:
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
    assert migrations.migrate(empty_database)
    migrations.require_current(empty_database)


def test_a_failed_migration_is_rolled_back(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("failed halfway")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.operations.Operations.drop_table", fail)
        migrations.migrate(empty_database)
        with pytest.raises(RuntimeError):
            migrations.migrate_to(empty_database, "base")
    migrations.require_current(empty_database)


def test_ten_processes_can_migrate_at_once(empty_url: str) -> None:
    assert run_in_processes(_migrate, 10, empty_url) == [0] * 10
    database = Database(empty_url)
    migrations.require_current(database)
    with database.read_only() as session:
        assert session.execute(sa.text("SELECT count(*) FROM alembic_version")).scalar() == 1
    database.close()


def test_an_up_to_date_database_does_not_import_alembic(sqlite_url: str) -> None:
    code = (
        "import sys; from storage import migrations; from storage.database import Database;"
        f"database = Database({sqlite_url!r}); migrations.migrate(database); migrations.require_current(database);"
        "database.close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _migrate(url: str) -> None:
    database = Database(url)
    migrations.migrate(database)
    migrations.require_current(database)
    database.close()
