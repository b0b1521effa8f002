"""A misbehaving Slack, and a sender that posts to it."""

from collections.abc import Iterator

import pytest

from bot.slack import app as slack_app
from bot.slack.delivery import SlackSender
from bot.slack.listeners import Listeners
from storage.database import Database
from storage.facts import Workspace
from tests.service.desk import opened
from tests.slack.dispatching import NOW, SECRET, Recorder, Slack
from tests.slack.misbehaving import MisbehavingSlack


@pytest.fixture
def misbehaving() -> Iterator[MisbehavingSlack]:
    server = MisbehavingSlack()
    yield server
    server.close()


@pytest.fixture
def sender(misbehaving: MisbehavingSlack) -> Iterator[SlackSender]:
    made = SlackSender({"T1": "xoxb-1"}.get, misbehaving.url)
    yield made
    made.close()


@pytest.fixture
def slack(sqlite_database: Database) -> Slack:
    desk, recorder = opened(sqlite_database), Recorder()
    workspace = Workspace("T1", "Acme", "B1", "UBOT")
    app = slack_app.build(
        [Listeners(desk.conversation, recorder, recorder, lambda: NOW)],  # type: ignore[arg-type] # the recorder's open() is all of it
        recorder,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        workspace_of={"T1": workspace}.get,
        token_of={"T1": "xoxb-1"}.get,
    )
    return Slack(app, desk, recorder)
