"""The catalogue page, on each database and on SQLite alone."""

import pytest

from tests.service.driver import Driver
from tests.service.page_fixture import FakePage


@pytest.fixture
def page(desk: Driver) -> FakePage:
    return FakePage(desk)


@pytest.fixture
def lone_page(lone_desk: Driver) -> FakePage:
    return FakePage(lone_desk)
