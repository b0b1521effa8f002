"""A misbehaving Slack, and a sender that posts to it."""

from collections.abc import Iterator
from typing import cast

import pytest

from bot.service.subscriptions.home import HomeTab
from bot.service.subscriptions.subscribe import SubscribeForm
from bot.service.versions.lookup import VersionLookup
from bot.service.versions.snapshot import SnapshotCache
from bot.slack import app as slack_app
from bot.slack.client.sender import SlackSender
from bot.slack.client.views import ViewsClient
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.home_tab import HomeTabListeners
from bot.slack.listeners.subscribe_form import ChannelAccess, SubscribeFormListeners
from storage.database import Database
from storage.facts import Schedule, Workspace
from tests.service.driver import open_driver
from tests.slack.driver import NOW, SECRET, RecordingClients, SlackDriver
from tests.slack.fake_slack_server import FakeSlackServer


@pytest.fixture
def misbehaving() -> Iterator[FakeSlackServer]:
    server = FakeSlackServer()
    yield server
    server.close()


@pytest.fixture
def sender(misbehaving: FakeSlackServer) -> Iterator[SlackSender]:
    made = SlackSender({"T1": "xoxb-1"}.get, misbehaving.url, timeout=60)
    yield made
    made.close()


@pytest.fixture
def slack(sqlite_database: Database) -> SlackDriver:
    desk, recorder = open_driver(sqlite_database), RecordingClients()
    workspace = Workspace("T1", "Acme", "B1", "UBOT")
    known, default, own = SnapshotCache(), Schedule(), desk.dispatcher.settings
    enrolling, lookup = SubscribeForm(sqlite_database, known, default), VersionLookup(sqlite_database, known, default)
    surfaces = cast("ViewsClient", recorder)
    asking = ChannelAccess(recorder.look_up, recorder.list_memberships, desk.dispatcher.permissions.check)
    app = slack_app.build(
        [
            SubscribeFormListeners(enrolling, lookup, own, surfaces, asking, lambda: NOW),
            HomeTabListeners(
                HomeTab(sqlite_database, known, default, recorder.list_memberships), own, surfaces, lambda: NOW
            ),
            CommandListeners(desk.dispatcher, recorder, surfaces, asking.is_member, lambda: NOW),
        ],
        recorder,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        find_workspace={"T1": workspace}.get,
        find_token={"T1": "xoxb-1"}.get,
    )
    return SlackDriver(app, desk, recorder)
