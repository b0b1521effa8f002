"""Events as Slack sends them, through the real dispatcher."""

import json
from typing import Any

import pytest

from bot.service.workspaces.channel_health import UNINSTALLED
from bot.service.workspaces.events import WorkspaceEvents
from bot.service.workspaces.installations import InstallationRegistry, TokenVault, generate_key
from bot.slack import app as slack_app
from bot.slack import manifest
from bot.slack.listeners import workspace_events
from storage import channels, installations, outbox, workspaces
from storage.database import Database
from storage.facts import Channel, Health, Installation
from tests.service.driver import Driver, open_driver
from tests.slack.driver import NOW, SECRET, Body, RecordingClients, SlackDriver

EPOCH = int(NOW.timestamp())


@pytest.fixture
def known(sqlite_database: Database) -> InstallationRegistry:
    made = InstallationRegistry(sqlite_database, TokenVault([generate_key()]), lambda: 0.0)
    made.install(Installation("", "T1", "xoxb-1", "B1", "UBOT", (), "U1", NOW, "Acme"), NOW)
    return made


@pytest.fixture
def telling(sqlite_database: Database, known: InstallationRegistry) -> "Telling":
    return Telling(sqlite_database, known)


class Telling:
    """A workspace that tells the bot things."""

    def __init__(self, database: Database, known: InstallationRegistry) -> None:
        self.database = database
        self.desk: Driver = open_driver(database)
        self.desk.run("subscribe pytorch-2.7", NOW)
        recorder = RecordingClients()
        listening = workspace_events.WorkspaceEventListeners(
            WorkspaceEvents(database, known.evict), known.register_workspace, lambda: NOW
        )
        app = slack_app.build(
            [listening],
            recorder,
            signing_secret=SECRET,
            base_url="http://127.0.0.1:1/api/",
            find_workspace=known.find_workspace,
            find_token=known.find_token,
        )
        self.slack = SlackDriver(app, self.desk, recorder)
        self.count = 0

    def tell(self, kind: str, *, envelope: Body | None = None, **event: Any) -> int:
        self.count += 1
        body = {
            "type": "event_callback",
            "team_id": "T1",
            "event_id": f"Ev{self.count}",
            "event_time": EPOCH + 1,
            "authorizations": [{"enterprise_id": None, "team_id": "T1", "is_enterprise_install": False}],
            "event": {"type": kind} | event,
        }
        return int(self.slack.post(json.dumps(body | (envelope or {})), "application/json").status)

    def channel(self, channel_id: str = "C1") -> Channel | None:
        with self.database.read_only() as session:
            return channels.find(session, "T1", channel_id)

    def health(self) -> Health:
        found = self.channel()
        assert found is not None
        return found.health


def test_everything_that_is_listened_to_is_in_the_manifest(telling: Telling) -> None:
    asked_for = manifest.build()["settings"]["event_subscriptions"]["bot_events"]
    assert set(workspace_events.EVENTS) < set(asked_for)
    assert len(asked_for) == len(set(asked_for))


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
def test_a_channel_that_closes(telling: Telling, kind: str, health: Health) -> None:
    assert telling.tell(kind, channel="C1") == 200
    assert telling.health() is health


@pytest.mark.parametrize("kind", ["channel", "group"])
def test_a_channel_that_opens_and_is_renamed(telling: Telling, kind: str) -> None:
    telling.tell(f"{kind}_archive", channel="C1")
    assert telling.tell(f"{kind}_unarchive", channel="C1", user="U1") == 200
    assert telling.health() is Health.OK
    assert telling.tell(f"{kind}_rename", channel={"id": "C1", "name": "ml", "created": 1}) == 200
    found = telling.channel()
    assert found is not None
    assert found.name == "ml"


def test_the_bot_is_invited(telling: Telling) -> None:
    assert telling.tell("member_joined_channel", channel="C2", user="U2", inviter="U1", channel_type="C") == 200
    assert telling.tell("member_joined_channel", channel="C2", user="UBOT", inviter="U7", channel_type="C") == 200
    assert telling.tell("member_joined_channel", channel="C3", user="UBOT", channel_type="C") == 200
    with telling.database.read_only() as session:
        (first,) = outbox.list_for_channel(session, "T1", "C2")
        (second,) = outbox.list_for_channel(session, "T1", "C3")
    assert (first.reminder.version, second.reminder.version) == ("U7", "")


def test_a_channel_gets_another_id_and_is_shared(telling: Telling) -> None:
    assert telling.tell("channel_id_changed", old_channel_id="C1", new_channel_id="C5") == 200
    assert telling.channel() is None
    telling.tell("channel_shared", channel="C5", connected_team_id="T9")
    shared = telling.channel("C5")
    telling.tell("channel_unshared", channel="C5", previously_connected_team_id="T9", is_ext_shared=True)
    still = telling.channel("C5")
    telling.tell("channel_unshared", channel="C5", previously_connected_team_id="T8", is_ext_shared=False)
    no_more = telling.channel("C5")
    assert [found.is_shared for found in (shared, still, no_more) if found] == [True, True, False]


@pytest.mark.parametrize("first", ["app_uninstalled", "tokens_revoked"])
def test_an_uninstall_in_either_order_and_again(telling: Telling, known: InstallationRegistry, first: str) -> None:
    told = {"app_uninstalled": {}, "tokens_revoked": {"tokens": {"bot": ["UBOT"], "oauth": []}}}
    order = sorted(told, key=lambda kind: kind != first)
    for kind in [*order, *order]:
        assert telling.tell(kind, **told[kind]) == 200
    with telling.database.read_only() as session:
        assert installations.list_all(session) == ()
        assert [w.suspended_reason for w in workspaces.list_suspended(session)] == [UNINSTALLED]
    assert known.find_token("T1") is None
    assert telling.tell("app_uninstalled", envelope={"team_id": "T404", "authorizations": []}) == 200


def test_peoples_own_tokens_are_none_of_ours(telling: Telling, known: InstallationRegistry) -> None:
    assert telling.tell("tokens_revoked", tokens={"oauth": ["U1"], "bot": []}) == 200
    assert known.find_token("T1") == "xoxb-1"


def test_an_uninstall_that_is_told_late_ends_nothing_new(telling: Telling, known: InstallationRegistry) -> None:
    telling.tell("app_uninstalled", envelope={"event_time": EPOCH - 60})
    assert known.find_token("T1") == "xoxb-1"


def test_an_organisation_gives_and_takes_the_bot(telling: Telling, known: InstallationRegistry) -> None:
    known.install(Installation("E1", "", "xoxb-org", "B2", "UBOT", (), "U1", NOW, "Org"), NOW)
    held = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
    org = {"team_id": "T5", "enterprise_id": "E1", "authorizations": [held]}
    assert telling.tell("team_access_granted", envelope=org, team_ids=["T5", "T6"]) == 200
    assert (known.find_token("T5"), known.find_token("T6")) == ("xoxb-org", "xoxb-org")
    assert telling.tell("team_access_revoked", envelope=org, team_ids=["T6"]) == 200
    assert (known.find_token("T5"), known.find_token("T6")) == ("xoxb-org", None)
    assert telling.tell("app_uninstalled", envelope=org) == 200
    assert (known.find_token("T5"), known.find_token("T1")) == (None, "xoxb-1")


def test_a_workspace_of_an_organisation_is_remembered_when_it_shows_up(
    telling: Telling, known: InstallationRegistry
) -> None:
    known.install(Installation("E1", "", "xoxb-org", "B2", "UBOT", (), "U1", NOW, "Org"), NOW)
    held = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
    org = {"team_id": "T7", "enterprise_id": "E1", "authorizations": [held]}
    assert telling.tell("app_home_opened", envelope=org, user="U1", tab="home") == 200
    assert known.find_token("T7") == "xoxb-org"


def test_the_same_event_twice_counts_once(telling: Telling) -> None:
    same = {"event_id": "Ev-same"}
    telling.tell("channel_archive", channel="C1", envelope=same)
    telling.tell("channel_unarchive", channel="C1")
    telling.tell("channel_archive", channel="C1", envelope=same)
    assert telling.health() is Health.OK
