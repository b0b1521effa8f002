"""What Slack sends, signed, into the real Bolt dispatcher; what goes back is recorded and held to Slack's rules."""

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest, BoltResponse

from bot.commands.dispatcher import UNCHECKED, ChannelLook
from bot.sandbox.block_kit.validate import check_message, check_view
from bot.service.place import Place
from tests.service.driver import Driver, utc
from tests.signed_requests import FORM_TYPE, sign

SECRET = "a-signing-secret"
NOW = utc("2026-11-23 12:00")
Body = dict[str, Any]


@dataclass
class RecordingClients:
    """Stands for the response URL and for the views that are shown; refuses what Slack would refuse."""

    replies: list[tuple[str, Body, bool]] = field(default_factory=list)
    views: list[Body] = field(default_factory=list)
    view_updates: list[tuple[str, str, Body]] = field(default_factory=list)
    published_homes: list[tuple[str, Body]] = field(default_factory=list)
    memberships: Mapping[str, str] | None = None
    """The channels that everybody is in; None where Slack does not say."""
    channel_look: ChannelLook = UNCHECKED
    thread_replies: list[tuple[str, str, str, Body]] = field(default_factory=list)

    def reply(self, response_url: str, message: Body, *, replace: bool) -> "Future[None]":
        assert check_message(message) == ()
        self.replies.append((response_url, message, replace))
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def reply_in_thread(
        self, workspace_id: str, channel_id: str, thread_ts: str, message: Body, *, response_url: str = ""
    ) -> "Future[bool]":
        assert (check_message(message), response_url) == ((), "")
        self.thread_replies.append((workspace_id, channel_id, thread_ts, message))
        done: Future[bool] = Future()
        done.set_result(True)
        return done

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
    """Sends what Slack sends."""

    app: App
    desk: Driver
    clients: RecordingClients

    def post(self, body: str, kind: str = FORM_TYPE) -> BoltResponse:
        headers: Any = sign(body.encode(), SECRET, kind)
        return self.app.dispatch(BoltRequest(body=body, headers=headers))

    def command(self, text: str, team: str = "T1") -> Body:
        form = {"command": "/dlvm", "text": text, "team_id": team, "channel_id": "C1", "user_id": "U1"}
        answer = self.post(urlencode(form | {"response_url": "https://hooks/1", "trigger_id": "trigger"}))
        assert answer.status == 200
        return dict(json.loads(answer.body))

    def send_payload(self, payload: Body) -> BoltResponse:
        whole = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "trigger"} | payload
        return self.post(urlencode({"payload": json.dumps(whole)}))

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
        """Something pressed or chosen in a view."""
        answer = self.send_payload(
            {
                "type": "block_actions",
                "container": {"type": "view", "view_id": "V1"},
                "view": {"id": "V1", "hash": "1.a", "state": {"values": {}}, **view},
                "actions": [{"block_id": "b", **action}],
            }
        )
        assert answer.status == 200

    def open_home(self, tab: str = "home") -> None:
        event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": tab}
        body = {"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": event}
        assert self.post(json.dumps(body), "application/json").status == 200

    def submit_settings(self, zone: str, hour: str, channel: str = "C1") -> Body:
        values = {"zone": {"zone": {"value": zone}}, "hour": {"hour": {"value": hour}}}
        view = {
            "type": "modal",
            "id": "V1",
            "callback_id": "settings",
            "private_metadata": channel,
            "state": {"values": values},
        }
        answer = self.send_payload({"type": "view_submission", "view": view})
        assert answer.status == 200
        return dict(json.loads(answer.body))
