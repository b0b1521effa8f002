"""The use cases on a real database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.service import seeding
from storage.database import Database
from tests.service.desk import SEED_READ, Desk, opened


@pytest.fixture
def desk(database: Database) -> Desk:
    """A channel on a database that holds the bundled catalogue, on each of the two engines in turn."""
    return opened(database)


@pytest.fixture(scope="session")
def seeded_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that holds the bundled catalogue; loading it once is what makes the tests fast."""
    path = Path(shutil.copy(migrated_file, tmp_path_factory.mktemp("seeded") / "dlvm.db"))
    database = Database(f"sqlite:///{path}")
    seeding.load_bundled(database, SEED_READ)
    database.close()
    return path


@pytest.fixture
def lone_desk(seeded_file: Path, tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite alone, for what no engine can change."""
    database = Database(f"sqlite:///{shutil.copy(seeded_file, tmp_path / 'desk.db')}")
    yield opened(database)
    database.close()
