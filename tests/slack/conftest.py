"""A fake Slack server, a sender that posts to it, and a driver for the Bolt app."""

from collections.abc import Iterator

import pytest

from bot.service.subscriptions.home import HomeTab
from bot.service.subscriptions.subscribe import SubscribeForm
from bot.service.versions.lookup import VersionLookup
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.client.sender import SlackSender
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.home_tab import HomeTabListeners
from bot.slack.listeners.subscribe_form import ChannelAccess, SubscribeFormListeners
from storage.database import Database
from storage.facts import Schedule
from tests.service.driver import open_driver
from tests.slack.driver import NOW, RecordingClients, SlackDriver, build_slack_driver
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
    driver, clients = open_driver(sqlite_database), RecordingClients()
    snapshots, default, editor = SnapshotCache(), Schedule(), driver.dispatcher.settings
    subscribe_form = SubscribeForm(sqlite_database, snapshots, default)
    lookup = VersionLookup(sqlite_database, snapshots, default)
    home_tab = HomeTab(sqlite_database, snapshots, default, clients.list_memberships)
    views = clients.as_views_client()
    access = ChannelAccess(clients.look_up, clients.list_memberships, driver.dispatcher.permissions.check)
    return build_slack_driver(
        driver,
        clients,
        [
            SubscribeFormListeners(subscribe_form, lookup, editor, views, access, lambda: NOW),
            HomeTabListeners(home_tab, editor, views, lambda: NOW),
            CommandListeners(driver.dispatcher, clients, views, access.is_member, lambda: NOW),
        ],
    )
