"""Events about workspaces and channels, on the real Bolt app."""

import json
from typing import Any

import pytest

from bot.bootstrap.listeners import build_listeners
from bot.service.workspaces.channel_health import UNINSTALLED
from bot.service.workspaces.installations import InstallationRegistry, TokenVault, generate_key
from bot.slack import manifest
from bot.slack.app import build_bolt_app
from bot.slack.listeners.workspace_events import EVENTS
from storage import channels, installations, outbox, workspaces
from storage.database import Database
from storage.facts import Channel, Health, Installation
from tests.service.driver import open_driver
from tests.slack.driver import NOW, SECRET, Body, RecordingClients, SlackDriver

EPOCH = int(NOW.timestamp())


@pytest.fixture
def installed(sqlite_database: Database) -> InstallationRegistry:
    """Build an installation registry with the workspace T1."""
    registry = InstallationRegistry(sqlite_database, TokenVault([generate_key()]), lambda: 0.0)
    registry.install(Installation("", "T1", "xoxb-1", "B1", "UBOT", (), "U1", NOW, "Acme"), NOW)
    return registry


@pytest.fixture
def events(sqlite_database: Database, installed: InstallationRegistry) -> "EventDriver":
    return EventDriver(sqlite_database, installed)


class EventDriver:
    """Sends events as Slack does, about a workspace with a subscribed channel."""

    def __init__(self, database: Database, registry: InstallationRegistry) -> None:
        self.database = database
        driver, clients = open_driver(database), RecordingClients()
        driver.run("subscribe pytorch-2.7", NOW)
        listeners = build_listeners(
            database,
            driver.default,
            clients.as_slack(registry),
            driver.use_cases,
            lambda: None,
            lambda: NOW,
            driver.operator,
        )
        app = build_bolt_app(
            listeners,
            clients,
            signing_secret=SECRET,
            base_url="http://127.0.0.1:1/api/",
            find_workspace=registry.find_workspace,
            find_token=registry.find_token,
        )
        self.slack = SlackDriver(app, driver, clients)
        self.count = 0

    def send(self, event_type: str, *, envelope: Body | None = None, **event: Any) -> int:
        """Send an event and return the status of the response."""
        self.count += 1
        body = {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": f"Ev{self.count}",
            "event_time": EPOCH + 1,
            "authorizations": [{"enterprise_id": None, "team_id": "T1", "is_enterprise_install": False}],
            "event": {"type": event_type} | event,
        }
        return int(self.slack.post(json.dumps(body | (envelope or {})), "application/json").status)

    def find_channel(self, channel_id: str = "C1") -> Channel | None:
        with self.database.read_only() as session:
            return channels.find(session, "T1", channel_id)

    def get_channel(self, channel_id: str = "C1") -> Channel:
        channel = self.find_channel(channel_id)
        assert channel is not None
        return channel


def test_manifest_contains_every_event() -> None:
    assert set(EVENTS) < set(manifest.build()["settings"]["event_subscriptions"]["bot_events"])


@pytest.mark.parametrize(
    ("kind", "health"),
    [
        ("channel_archive", Health.ARCHIVED),
        ("group_archive", Health.ARCHIVED),
        ("channel_deleted", Health.UNREACHABLE),
        ("group_deleted", Health.UNREACHABLE),
        ("channel_left", Health.NEEDS_INVITE),
        ("group_left", Health.NEEDS_INVITE),
    ],
)
def test_closed_channel_is_paused(events: EventDriver, kind: str, health: Health) -> None:
    assert events.send(kind, channel="C1") == 200
    assert events.get_channel().health is health


@pytest.mark.parametrize("kind", ["channel", "group"])
def test_channel_is_unarchived_and_renamed(events: EventDriver, kind: str) -> None:
    events.send(f"{kind}_archive", channel="C1")
    assert events.send(f"{kind}_unarchive", channel="C1", user="U1") == 200
    assert events.get_channel().health is Health.OK
    assert events.send(f"{kind}_rename", channel={"id": "C1", "name": "ml", "created": 1}) == 200
    assert events.get_channel().name == "ml"


def test_invited_bot_introduces_itself(events: EventDriver) -> None:
    assert events.send("member_joined_channel", channel="C2", user="U2", inviter="U1", channel_type="C") == 200
    assert events.send("member_joined_channel", channel="C2", user="UBOT", inviter="U7", channel_type="C") == 200
    assert events.send("member_joined_channel", channel="C3", user="UBOT", channel_type="C") == 200
    with events.database.read_only() as session:
        (first,) = outbox.list_for_channel(session, "T1", "C2")
        (second,) = outbox.list_for_channel(session, "T1", "C3")
    assert (first.reminder.subject, second.reminder.subject) == ("U7", "")


def test_channel_id_and_sharing_are_updated(events: EventDriver) -> None:
    assert events.send("channel_id_changed", old_channel_id="C1", new_channel_id="C5") == 200
    assert events.find_channel() is None
    events.send("channel_shared", channel="C5", connected_team_id="T9")
    shared = events.get_channel("C5")
    events.send("channel_unshared", channel="C5", previously_connected_team_id="T9", is_ext_shared=True)
    still_shared = events.get_channel("C5")
    events.send("channel_unshared", channel="C5", previously_connected_team_id="T8", is_ext_shared=False)
    unshared = events.get_channel("C5")
    assert [channel.is_shared for channel in (shared, still_shared, unshared)] == [True, True, False]


@pytest.mark.parametrize("first", ["app_uninstalled", "tokens_revoked"])
def test_uninstall_works_in_any_order_and_repeatedly(
    events: EventDriver, installed: InstallationRegistry, first: str
) -> None:
    fields = {"app_uninstalled": {}, "tokens_revoked": {"tokens": {"bot": ["UBOT"], "oauth": []}}}
    order = sorted(fields, key=lambda event_type: event_type != first)
    for event_type in [*order, *order]:
        assert events.send(event_type, **fields[event_type]) == 200
    with events.database.read_only() as session:
        assert installations.list_all(session) == ()
        assert [w.suspended_reason for w in workspaces.list_suspended(session)] == [UNINSTALLED]
    assert installed.find_token("T1") is None
    assert events.send("app_uninstalled", envelope={"team_id": "T404", "authorizations": []}) == 200


def test_revoked_token_of_a_person_is_ignored(events: EventDriver, installed: InstallationRegistry) -> None:
    assert events.send("tokens_revoked", tokens={"oauth": ["U1"], "bot": []}) == 200
    assert installed.find_token("T1") == "xoxb-1"


def test_late_uninstall_does_not_end_a_newer_installation(events: EventDriver, installed: InstallationRegistry) -> None:
    events.send("app_uninstalled", envelope={"event_time": EPOCH - 60})
    assert installed.find_token("T1") == "xoxb-1"


def test_organisation_grants_and_revokes_access(events: EventDriver, installed: InstallationRegistry) -> None:
    installed.install(Installation("E1", "", "xoxb-org", "B2", "UBOT", (), "U1", NOW, "Org"), NOW)
    authorization = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
    org = {"team_id": "T5", "enterprise_id": "E1", "authorizations": [authorization]}
    assert events.send("team_access_granted", envelope=org, team_ids=["T5", "T6"]) == 200
    assert (installed.find_token("T5"), installed.find_token("T6")) == ("xoxb-org", "xoxb-org")
    assert events.send("team_access_revoked", envelope=org, team_ids=["T6"]) == 200
    assert (installed.find_token("T5"), installed.find_token("T6")) == ("xoxb-org", None)
    assert events.send("app_uninstalled", envelope=org) == 200
    assert (installed.find_token("T5"), installed.find_token("T1")) == (None, "xoxb-1")


def test_workspace_of_an_organisation_is_registered(events: EventDriver, installed: InstallationRegistry) -> None:
    installed.install(Installation("E1", "", "xoxb-org", "B2", "UBOT", (), "U1", NOW, "Org"), NOW)
    authorization = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
    org = {"team_id": "T7", "enterprise_id": "E1", "authorizations": [authorization]}
    assert events.send("app_home_opened", envelope=org, user="U1", tab="home") == 200
    assert installed.find_token("T7") == "xoxb-org"


def test_repeated_event_counts_once(events: EventDriver) -> None:
    envelope = {"event_id": "Ev-same"}
    events.send("channel_archive", channel="C1", envelope=envelope)
    events.send("channel_unarchive", channel="C1")
    events.send("channel_archive", channel="C1", envelope=envelope)
    assert events.get_channel().health is Health.OK


NAMELESS: tuple[Body, ...] = (
    {"team_id": None, "authorizations": []},
    {"team_id": "", "authorizations": [{"enterprise_id": None, "team_id": None, "is_enterprise_install": False}]},
    {"team_id": None, "authorizations": [{"enterprise_id": None, "team_id": None, "is_enterprise_install": True}]},
    {
        "team_id": None,
        "enterprise_id": "E9",
        "authorizations": [{"enterprise_id": "E9", "team_id": None, "is_enterprise_install": True}],
    },
)
"""Envelopes that name no workspace, and no organisation or one that never installed the bot."""


@pytest.mark.parametrize("envelope", NAMELESS)
@pytest.mark.parametrize(
    ("event_type", "content"),
    [
        ("app_uninstalled", {}),
        ("tokens_revoked", {"tokens": {"bot": ["UBOT"]}}),
        ("team_access_revoked", {"team_ids": ["T1"]}),
    ],
)
def test_event_of_an_unknown_organisation_changes_nothing(
    events: EventDriver, installed: InstallationRegistry, event_type: str, content: Body, envelope: Body
) -> None:
    installed.install(Installation("E1", "", "xoxb-org", "B2", "UBOT2", (), "U1", NOW, "Org"), NOW)
    assert events.send(event_type, envelope=envelope, **content) == 200
    with events.database.read_only() as session:
        assert len(installations.list_all(session)) == 2
        assert [workspace.workspace_id for workspace in workspaces.list_suspended(session)] == []


def test_an_empty_id_matches_no_installation(sqlite_database: Database, installed: InstallationRegistry) -> None:
    installed.install(Installation("E1", "", "xoxb-org", "B2", "UBOT2", (), "U1", NOW, "Org"), NOW)
    with sqlite_database.read_only() as session:
        assert installations.find(session, "", "") is None
        assert installations.find_for_organisation(session, "") is None
