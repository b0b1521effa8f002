"""Fixtures for the use cases on a real database."""

import pytest

from storage.database import Database
from tests.service.driver import Driver, open_driver


@pytest.fixture
def driver(database: Database) -> Driver:
    """Return a driver on a database with the bundled catalogue, once for each engine."""
    return open_driver(database)


@pytest.fixture
def sqlite_driver(sqlite_database: Database) -> Driver:
    """Return a driver on SQLite only, for behaviour that doesn't depend on the engine."""
    return open_driver(sqlite_database)
