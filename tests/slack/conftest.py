"""A misbehaving Slack, and a sender that posts to it."""

from collections.abc import Iterator
from typing import cast

import pytest

from bot.service.enrolling import Enrolling
from bot.service.subscriptions.home import Homes
from bot.service.versions.lookup import Lookup
from bot.service.versions.snapshot import KnownVersions
from bot.slack import app as slack_app
from bot.slack.client.sender import SlackSender
from bot.slack.client.views import Surfaces
from bot.slack.listeners.commands import Listeners
from bot.slack.listeners.home_tab import HomeTab
from bot.slack.listeners.subscribe_form import Asking, Forms
from storage.database import Database
from storage.facts import Schedule, Workspace
from tests.service.driver import opened
from tests.slack.driver import NOW, SECRET, Recorder, Slack
from tests.slack.recording_slack import MisbehavingSlack


@pytest.fixture
def misbehaving() -> Iterator[MisbehavingSlack]:
    server = MisbehavingSlack()
    yield server
    server.close()


@pytest.fixture
def sender(misbehaving: MisbehavingSlack) -> Iterator[SlackSender]:
    made = SlackSender({"T1": "xoxb-1"}.get, misbehaving.url, timeout=60)
    yield made
    made.close()


@pytest.fixture
def slack(sqlite_database: Database) -> Slack:
    desk, recorder = opened(sqlite_database), Recorder()
    workspace = Workspace("T1", "Acme", "B1", "UBOT")
    known, default, own = KnownVersions(), Schedule(), desk.conversation.settings
    enrolling, lookup = Enrolling(sqlite_database, known, default), Lookup(sqlite_database, known, default)
    surfaces = cast("Surfaces", recorder)
    asking = Asking(recorder.look, recorder.channels_of, desk.conversation.permissions.refusal)
    app = slack_app.build(
        [
            Forms(enrolling, lookup, own, surfaces, asking, lambda: NOW),
            HomeTab(Homes(sqlite_database, known, default, recorder.channels_of), own, surfaces, lambda: NOW),
            Listeners(desk.conversation, recorder, surfaces, asking.inside, lambda: NOW),
        ],
        recorder,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        workspace_of={"T1": workspace}.get,
        token_of={"T1": "xoxb-1"}.get,
    )
    return Slack(app, desk, recorder)
