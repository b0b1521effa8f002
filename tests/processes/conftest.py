"""The fake Slack that processes talk to."""

from collections.abc import Iterator

import pytest

from tests.processes.fake_slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack()
    yield fake
    fake.close()
