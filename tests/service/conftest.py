"""The use cases on a real database."""

import pytest

from storage.database import Database
from tests.service.driver import Desk, opened


@pytest.fixture
def desk(database: Database) -> Desk:
    """A channel on a database that holds the bundled catalogue, on each of the two engines in turn."""
    return opened(database)


@pytest.fixture
def lone_desk(sqlite_database: Database) -> Desk:
    """The same on SQLite alone, for what no engine can change."""
    return opened(sqlite_database)
