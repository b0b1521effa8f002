"""A fake Slack server, a sender that posts to it, and a driver for the Bolt app."""

from collections.abc import Iterator

import pytest

from bot.slack.client.sender import SlackSender
from storage.database import Database
from tests.service.driver import open_driver
from tests.slack.driver import RecordingClients, SlackDriver, build_slack_driver
from tests.slack.fake_slack_server import FakeSlackServer


@pytest.fixture
def slack_server() -> Iterator[FakeSlackServer]:
    server = FakeSlackServer()
    yield server
    server.close()


@pytest.fixture
def sender(slack_server: FakeSlackServer) -> Iterator[SlackSender]:
    sender = SlackSender({"T1": "xoxb-1"}.get, slack_server.url, timeout=60)
    yield sender
    sender.close()


@pytest.fixture
def slack(sqlite_database: Database) -> SlackDriver:
    return build_slack_driver(open_driver(sqlite_database), RecordingClients())
