"""What Slack sends, signed, into the real Bolt dispatcher; what goes back is recorded and held to Slack's rules."""

import json
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest, BoltResponse

from bot.sandbox.rules import check_message, check_view
from tests.service.desk import Desk, at
from tests.signing import FORM, signed

SECRET = "a-signing-secret"
NOW = at("2026-11-23 12:00")
Body = dict[str, Any]


@dataclass
class Recorder:
    """Stands for the response URL and for views.open; refuses what Slack would refuse."""

    replies: list[tuple[str, Body, bool]] = field(default_factory=list)
    views: list[Body] = field(default_factory=list)

    def reply(self, response_url: str, message: Body, *, replace: bool) -> "Future[None]":
        assert check_message(message) == ()
        self.replies.append((response_url, message, replace))
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def open(self, workspace_id: str, trigger_id: str, view: Body) -> None:
        assert check_view(view) == ()
        assert (workspace_id, trigger_id) == ("T1", "trigger")
        self.views.append(view)


@dataclass
class Slack:
    """Sends what Slack sends."""

    app: App
    desk: Desk
    recorder: Recorder

    def post(self, body: str, kind: str = FORM) -> BoltResponse:
        headers: Any = signed(body.encode(), SECRET, kind)
        return self.app.dispatch(BoltRequest(body=body, headers=headers))

    def command(self, text: str, team: str = "T1") -> Body:
        form = {"command": "/dlvm", "text": text, "team_id": team, "channel_id": "C1", "user_id": "U1"}
        answer = self.post(urlencode(form | {"response_url": "https://hooks/1", "trigger_id": "trigger"}))
        assert answer.status == 200
        return dict(json.loads(answer.body))

    def payload(self, payload: Body) -> BoltResponse:
        whole = {"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "trigger"} | payload
        return self.post(urlencode({"payload": json.dumps(whole)}))

    def press(self, action_id: str, value: str) -> BoltResponse:
        return self.payload(
            {
                "type": "block_actions",
                "channel": {"id": "C1", "name": "x"},
                "container": {"type": "message", "channel_id": "C1", "message_ts": "1.2"},
                "response_url": "https://hooks/2",
                "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
            }
        )

    def submit(self, zone: str, hour: str, channel: str = "C1") -> Body:
        values = {"zone": {"zone": {"value": zone}}, "hour": {"hour": {"value": hour}}}
        view = {
            "type": "modal",
            "id": "V1",
            "callback_id": "settings",
            "private_metadata": channel,
            "state": {"values": values},
        }
        answer = self.payload({"type": "view_submission", "view": view})
        assert answer.status == 200
        return dict(json.loads(answer.body))
