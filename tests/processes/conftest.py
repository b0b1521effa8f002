"""A Slack on this machine."""

from collections.abc import Iterator

import pytest

from tests.processes.local_slack import LocalSlack


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    local = LocalSlack()
    yield local
    local.close()
