"""The catalogue page, on each database and on SQLite alone."""

import pytest

from tests.service.driver import Driver
from tests.service.page_fixture import FakePage


@pytest.fixture
def page(driver: Driver) -> FakePage:
    return FakePage(driver)


@pytest.fixture
def lone_page(sqlite_driver: Driver) -> FakePage:
    return FakePage(sqlite_driver)
