"""A Slack on this machine."""

from collections.abc import Iterator

import pytest

from tests.processes.local_slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    local = FakeSlack()
    yield local
    local.close()
