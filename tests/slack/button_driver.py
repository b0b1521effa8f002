"""A driver for the buttons of a reminder, on the real Bolt app with a clock that the test moves."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.service.place import Place
from bot.slack.blocks.reminders import message
from storage import audit_log, decisions, outbox
from storage.database import Database
from storage.facts import AuditEntry, Decision
from tests.service.driver import Driver, open_driver, utc
from tests.slack.driver import Body, RecordingClients, SlackDriver, build_slack_driver

VERSION, LAST_DAY = "pytorch-2.7", date(2027, 4, 13)
VALUE = f"{VERSION}|end_of_availability|{LAST_DAY}"


@dataclass
class ReminderChannel:
    """A channel with a reminder, and its clock."""

    slack: SlackDriver
    now: datetime
    wakes: list[datetime] = field(default_factory=list)

    @property
    def driver(self) -> Driver:
        return self.slack.driver

    def press(self, action_id: str, value: str = VALUE, user: str = "U1", ts: str = "1.000100") -> str:
        """Press a button and return the answer, or an empty string if it opened a modal."""
        return self._send_action(
            {"type": "button", "action_id": action_id, "block_id": value, "value": value}, user, ts
        )

    def snooze(self, choice: str, value: str = VALUE, user: str = "U1") -> str:
        option = {"selected_option": {"value": choice}}
        return self._send_action(
            {"type": "static_select", "action_id": "snooze", "block_id": value, **option}, user, "1.000100"
        )

    def _send_action(self, action: Body, user: str, ts: str) -> str:
        previous = len(self.slack.clients.replies)
        response = self.slack.send_payload(
            {
                "type": "block_actions",
                "user": {"id": user, "team_id": "T1"},
                "channel": {"id": "C1", "name": "x"},
                "container": {"type": "message", "channel_id": "C1", "message_ts": ts},
                "response_url": "https://hooks/2",
                "actions": [action],
            }
        )
        assert (response.status, response.body) == (200, "")
        replies = self.slack.clients.replies[previous:]
        assert not any(replace for _, _, replace in replies)
        return "\n".join(message["text"] for _, message, _ in replies)

    def submit(self, values: Body, user: str = "U1", metadata: str | None = None) -> Body:
        """Submit the modal opened last, with forged metadata if given, and return the response."""
        view = dict(self.slack.clients.views[-1])
        fields = {name: {name: value} for name, value in values.items()}
        view |= {"id": "V1", "state": {"values": fields}}
        view |= {"private_metadata": metadata} if metadata is not None else {}
        response = self.slack.send_payload(
            {"type": "view_submission", "user": {"id": user, "team_id": "T1"}, "view": view}
        )
        return dict(json.loads(response.body))

    def list_options(self, action_id: str, typed: str) -> list[str]:
        """Return the values a menu suggests for the typed text."""
        response = self.slack.send_payload(
            {"type": "block_suggestion", "action_id": action_id, "block_id": action_id, "value": typed}
        )
        return [option["value"] for option in json.loads(response.body)["options"]]

    def tick(self, after: timedelta = timedelta()) -> None:
        """Move the clock and run the delivery loop."""
        self.now += after
        self.driver.build_loop().tick(self.now)

    def render_message(self) -> Body:
        """Return the message as it is in the channel now."""
        if self.driver.sender.updated:
            return message.render(self.driver.sender.updated[-1][1])
        return message.render(self.driver.sender.accepted[-1])

    def list_action_ids(self) -> list[str]:
        """Return the action IDs of the message's buttons and menus."""
        rows = [block["elements"] for block in self.render_message()["blocks"] if block["type"] == "actions"]
        return [element["action_id"] for row in rows for element in row]

    def list_decisions(self) -> tuple[Decision, ...]:
        with self.driver.database.read_only() as session:
            return decisions.list_for_channel(session, "T1", "C1")

    def list_audit_entries(self) -> list[AuditEntry]:
        with self.driver.database.read_only() as session:
            entries = audit_log.list_for_channels(session, "T1", ["C1"], skip=0, limit=50)
        return [entry for entry in entries if entry.at > utc("2026-12-01 10:00")]  # without the first subscription

    def list_pending_updates(self) -> list[str]:
        with self.driver.database.read_only() as session:
            entries = outbox.list_for_channel(session, "T1", "C1")
        return sorted(e.reminder.kind.value for e in entries if e.state.value == "pending" and e.message_ts)


def build_reminded_channel(
    database: Database, first: str = "2027-01-13 09:00", targets: str = VERSION, since: str = "2026-12-01 10:00"
) -> ReminderChannel:
    """Return a channel that has just got its first reminder, by default for PyTorch 2.7 at 90 days."""
    driver, clients = open_driver(database), RecordingClients()
    driver.run(f"subscribe {targets}", utc(since), Place("T1", "C1", "U1"))
    driver.build_loop().tick(utc(first))
    assert len(driver.sender.accepted) == 1
    slack = build_slack_driver(driver, clients, now=lambda: channel.now, wake=lambda: channel.wakes.append(channel.now))
    channel = ReminderChannel(slack, utc(first))
    return channel
