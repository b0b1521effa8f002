"""The use cases on a real database."""

import pytest

from storage.database import Database
from tests.service.driver import Driver, open_driver


@pytest.fixture
def desk(database: Database) -> Driver:
    """A channel on a database that holds the bundled catalogue, on each of the two engines in turn."""
    return open_driver(database)


@pytest.fixture
def lone_desk(sqlite_database: Database) -> Driver:
    """The same on SQLite alone, for what no engine can change."""
    return open_driver(sqlite_database)
