"""A channel that was sent a reminder, and people who press its buttons, on the real dispatcher with a moving clock."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.answers import UserGroup
from bot.bootstrap.delivery import build_decisions
from bot.service.place import Place
from bot.slack import app as slack_app
from bot.slack.blocks.reminders import message as messages
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.decisions import DecisionContext, DecisionListeners
from storage import audit_log, decisions, outbox
from storage.database import Database
from storage.facts import AuditEntry, Decision, Workspace
from tests.service.driver import Driver, open_driver, utc
from tests.slack.driver import SECRET, Body, RecordingClients, SlackDriver

VERSION, LAST_DAY = "pytorch-2.7", date(2027, 4, 13)
VALUE = f"{VERSION}|end_of_availability|{LAST_DAY}"


@dataclass
class ReminderChannel:
    """A channel with its clock; each press is signed, dispatched, and answered."""

    slack: SlackDriver
    now: datetime
    wakes: list[datetime] = field(default_factory=list)
    user_groups: tuple[UserGroup, ...] = ()
    refusal: str = ""

    @property
    def desk(self) -> Driver:
        return self.slack.desk

    def press(self, action_id: str, value: str = VALUE, user: str = "U1", ts: str = "1.000100") -> str:
        """The answer to a press, or nothing where it opened a modal."""
        return self._send_action(
            {"type": "button", "action_id": action_id, "block_id": value, "value": value}, user, ts
        )

    def snooze(self, lasts: str, value: str = VALUE, user: str = "U1") -> str:
        chosen = {"selected_option": {"value": lasts}}
        return self._send_action(
            {"type": "static_select", "action_id": "snooze", "block_id": value, **chosen}, user, "1.000100"
        )

    def _send_action(self, action: Body, user: str, ts: str) -> str:
        before = len(self.slack.clients.replies)
        answer = self.slack.send_payload(
            {
                "type": "block_actions",
                "user": {"id": user, "team_id": "T1"},
                "channel": {"id": "C1", "name": "x"},
                "container": {"type": "message", "channel_id": "C1", "message_ts": ts},
                "response_url": "https://hooks/2",
                "actions": [action],
            }
        )
        assert (answer.status, answer.body) == (200, "")
        replies = self.slack.clients.replies[before:]
        assert not any(replace for _, _, replace in replies)
        return "\n".join(message["text"] for _, message, _ in replies)

    def submit(self, values: Body, user: str = "U1", metadata: str | None = None) -> Body:
        """What a modal answers, the one opened last where no other is forged."""
        view = dict(self.slack.clients.views[-1])
        fields = {name: {name: value} for name, value in values.items()}
        view |= {"id": "V1", "state": {"values": fields}}
        view |= {"private_metadata": metadata} if metadata is not None else {}
        answer = self.slack.send_payload(
            {"type": "view_submission", "user": {"id": user, "team_id": "T1"}, "view": view}
        )
        return dict(json.loads(answer.body))

    def list_options(self, action_id: str, typed: str) -> list[str]:
        """What a menu offers for what is typed."""
        answer = self.slack.send_payload(
            {"type": "block_suggestion", "action_id": action_id, "block_id": action_id, "value": typed}
        )
        return [option["value"] for option in json.loads(answer.body)["options"]]

    def tick(self, after: timedelta = timedelta()) -> None:
        """Time goes on, and the loop runs."""
        self.now += after
        self.desk.build_loop().tick(self.now)

    def render_message(self) -> Body:
        """The message as it stands in the channel now."""
        if self.desk.sender.updated:
            return messages.render(self.desk.sender.updated[-1][1])
        return messages.render(self.desk.sender.accepted[-1])

    def list_action_ids(self) -> list[str]:
        """What can be pressed on it."""
        return [
            e["action_id"] for b in self.render_message()["blocks"] if b["type"] == "actions" for e in b["elements"]
        ]

    def list_decisions(self) -> tuple[Decision, ...]:
        with self.desk.database.read_only() as session:
            return decisions.list_for_channel(session, "T1", "C1")

    def list_audit_entries(self) -> list[AuditEntry]:
        with self.desk.database.read_only() as session:
            found = audit_log.list_for_channels(session, "T1", ["C1"], skip=0, limit=50)
        return [change for change in found if change.at > utc("2026-12-01 10:00")]  # subscribing went before

    def list_pending_updates(self) -> list[str]:
        with self.desk.database.read_only() as session:
            found = outbox.list_for_channel(session, "T1", "C1")
        return sorted(e.reminder.kind.value for e in found if e.state.value == "pending" and e.message_ts)


def build_reminded_channel(
    database: Database, first: str = "2027-01-13 09:00", targets: str = VERSION, since: str = "2026-12-01 10:00"
) -> ReminderChannel:
    """A channel that has just got a reminder of PyTorch 2.7, 90 days ahead where nothing else is said."""
    desk, recorder = open_driver(database), RecordingClients()
    desk.run(f"subscribe {targets}", utc(since), Place("T1", "C1", "U1"))
    desk.build_loop().tick(utc(first))
    assert len(desk.sender.accepted) == 1
    channel = ReminderChannel(SlackDriver(None, desk, recorder), utc(first))  # type: ignore[arg-type] # set below
    around = DecisionContext(
        recorder,
        recorder,  # type: ignore[arg-type] # the recorder's open() is all of it
        lambda _: channel.user_groups,
        lambda: channel.wakes.append(channel.now),
        lambda _: channel.refusal,
    )
    listening: Any = [
        CommandListeners(desk.dispatcher, recorder, recorder, lambda _: True, lambda: channel.now),  # type: ignore[arg-type] # the same
        DecisionListeners(*build_decisions(database, desk.default), around, lambda: channel.now),
    ]
    channel.slack.app = slack_app.build(
        listening,
        recorder,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        find_workspace={"T1": Workspace("T1", "Acme", "B1", "UBOT")}.get,
        find_token={"T1": "xoxb-1"}.get,
    )
    return channel
