"""A driver that sends signed requests to the real Bolt app, and clients that record and validate the answers."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, ClassVar, cast
from unittest import mock
from urllib.parse import urlencode

from msgspec.structs import replace
from slack_bolt import App, BoltRequest, BoltResponse

from bot.answers import UNCHECKED, ChannelLook, UserGroup
from bot.bootstrap.listeners import build_listeners
from bot.bootstrap.slack import SlackClients
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.service.access.permissions import OfflineDirectory, UserDirectory
from bot.service.place import Place
from bot.service.workspaces.installations import InstallationRegistry
from bot.slack.app import build_bolt_app
from bot.slack.listeners.rate_limit import Allowance, RateLimiter, RateLimitMiddleware
from storage.facts import Workspace
from tests.service.driver import Driver, utc
from tests.signed_requests import FORM_TYPE, sign

SECRET = "a-signing-secret"
NOW = utc("2026-11-23 12:00")
Body = dict[str, Any]
UNLIMITED = RateLimiter(Allowance(1e9, 1e9), Allowance(1e9, 1e9))


@dataclass
class RecordingClients:
    """Stands in for the sender, the views client and the conversations client. Rejects what Slack would reject."""

    replies: list[tuple[str, Body, bool]] = field(default_factory=list)
    views: list[Body] = field(default_factory=list)
    view_updates: list[tuple[str, str, Body]] = field(default_factory=list)
    published_homes: list[tuple[str, Body]] = field(default_factory=list)
    memberships: Mapping[str, str] | None = None
    """The channels of every person; None if Slack doesn't answer."""
    channel_look: ChannelLook = UNCHECKED
    thread_replies: list[tuple[str, str, str, str, Body]] = field(default_factory=list)
    """Workspace, channel, thread timestamp, response URL and message of each reply."""

    users: UserDirectory = field(default_factory=OfflineDirectory)
    user_groups: tuple[UserGroup, ...] = ()

    def as_slack(self, registry: InstallationRegistry | None = None) -> SlackClients:
        """Return the clients under the names that the listeners are built from."""
        registry = registry or mock.create_autospec(InstallationRegistry, instance=True)
        clients = SimpleNamespace(sender=self, views=self, conversations=self, users=self.users, installations=registry)
        return cast("SlackClients", clients)

    def list_user_groups(self, workspace_id: str) -> tuple[UserGroup, ...]:
        return self.user_groups

    def reply(self, response_url: str, message: Body, *, replace: bool) -> "Future[None]":
        assert check_message(message) == ()
        self.replies.append((response_url, message, replace))
        future: Future[None] = Future()
        future.set_result(None)
        return future

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: Body, *, response_url: str = ""
    ) -> "Future[bool]":
        assert check_message(message) == ()
        self.thread_replies.append((workspace_id, channel_id, thread_ts, response_url, message))
        future: Future[bool] = Future()
        future.set_result(True)
        return future

    def open(self, workspace_id: str, trigger_id: str, view: Body) -> None:
        assert check_view(view) == ()
        assert (workspace_id, trigger_id) == ("T1", "trigger")
        self.views.append(view)

    def update(self, workspace_id: str, view_id: str, view_hash: str, view: Body) -> bool:
        assert check_view(view) == ()
        self.view_updates.append((view_id, view_hash, view))
        return True

    def publish(self, workspace_id: str, user_id: str, view: Body) -> None:
        assert check_view(view) == ()
        self.published_homes.append((user_id, view))

    def look_up(self, place: Place) -> ChannelLook:
        return self.channel_look

    def list_memberships(self, place: Place) -> Mapping[str, str] | None:
        return self.memberships


@dataclass
class SlackDriver:
    """Sends requests as Slack does."""

    app: App
    driver: Driver
    clients: RecordingClients
    is_org_wide: ClassVar[bool] = False
    """True to send what Slack sends of an app that is installed for a whole organisation."""

    def post(self, body: str, content_type: str = FORM_TYPE) -> BoltResponse:
        headers: Any = sign(body.encode(), SECRET, content_type)
        return self.app.dispatch(BoltRequest(body=body, headers=headers))

    def command(self, text: str, team: str = "T1") -> Body:
        response = self.post(build_command_body(text, team_id=team))
        assert response.status == 200
        return dict(json.loads(response.body))

    def send_payload(self, payload: Body) -> BoltResponse:
        sender = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "trigger"}
        body: Body = {**sender, **payload}
        if self.is_org_wide:
            body |= {"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True}
            body["user"] = {"team_id": "T1"} | body["user"]
        return self.post(urlencode({"payload": json.dumps(body)}))

    def press(self, action_id: str, value: str) -> BoltResponse:
        return self.send_payload(
            {
                "type": "block_actions",
                "channel": {"id": "C1", "name": "x"},
                "container": {"type": "message", "channel_id": "C1", "message_ts": "1.2"},
                "response_url": "https://hooks/2",
                "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
            }
        )

    def act_in_view(self, view: Body, action: Body) -> None:
        """Press or choose something in a view."""
        response = self.send_payload(
            {
                "type": "block_actions",
                "container": {"type": "view", "view_id": "V1"},
                "view": {"id": "V1", "hash": "1.a", "state": {"values": {}}, **view},
                "actions": [{"block_id": "b", **action}],
            }
        )
        assert response.status == 200

    def send_event(self, event: Body, event_id: str = "E1", team: str = "T1") -> int:
        """Send an event and return the status of the response."""
        body: Body = {"type": "event_callback", "team_id": team, "event_id": event_id, "event": event}
        if self.is_org_wide:
            authorization = {"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}
            body |= {"enterprise_id": "E1", "authorizations": [authorization]}
        return int(self.post(json.dumps(body), "application/json").status)

    def open_home(self, tab: str = "home") -> None:
        assert self.send_event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": tab}) == 200

    def submit_settings(self, zone: str, hour: str, channel: str = "C1") -> Body:
        values = {"zone": {"zone": {"value": zone}}, "hour": {"hour": {"value": hour}}}
        view = {
            "type": "modal",
            "id": "V1",
            "callback_id": "settings",
            "private_metadata": channel,
            "state": {"values": values},
        }
        response = self.send_payload({"type": "view_submission", "view": view})
        assert response.status == 200
        return dict(json.loads(response.body))


def build_command_body(text: str, **fields: str) -> str:
    """Return the form that Slack sends for /dlvm."""
    form = {"command": "/dlvm", "text": text, "team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    return urlencode(form | {"response_url": "https://hooks/1", "trigger_id": "trigger"} | fields)


def build_slack_driver(
    driver: Driver,
    clients: RecordingClients,
    workspace_ids: Sequence[str] = ("T1",),
    *,
    now: Callable[[], datetime] = lambda: NOW,
    wake: Callable[[], None] = lambda: None,
    limiter: RateLimiter = UNLIMITED,
    elapsed: Callable[[], float] = lambda: 0.0,
) -> SlackDriver:
    """Build the app with every listener."""
    listeners = build_listeners(
        driver.database, driver.default, clients.as_slack(), driver.use_cases, wake, now, driver.operator
    )
    known_ids = (*workspace_ids, *(["E1"] if SlackDriver.is_org_wide else []))
    app = build_bolt_app(
        replace(listeners, rate_limit=RateLimitMiddleware(limiter, clients, elapsed)),
        clients,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        find_workspace={name: Workspace(name, "Acme", "B1", "UBOT") for name in known_ids}.get,
        find_token={name: f"xoxb-{name}" for name in known_ids}.get,
    )
    return SlackDriver(app, driver, clients)
