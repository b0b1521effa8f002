"""A driver for mentions, direct messages and the message shortcut, in the workspaces T1 and T2."""

from dataclasses import dataclass
from typing import Any

from storage.database import Database
from tests.service.driver import open_driver
from tests.slack.driver import Body, RecordingClients, SlackDriver, build_slack_driver


@dataclass
class MentionDriver:
    """A person who asks without the command."""

    slack: SlackDriver
    event_count: int = 0

    @property
    def clients(self) -> RecordingClients:
        return self.slack.clients

    def send_event(self, event: Body, team: str = "T1") -> int:
        self.event_count += 1
        return self.slack.send_event(event, f"Ev{self.event_count}", team)

    def send_mention(self, text: str, team: str = "T1", **fields: Any) -> int:
        event = {"type": "app_mention", "user": "U1", "text": text, "ts": "1.5", "channel": "C1"}
        return self.send_event(event | fields, team)

    def send_direct_message(self, text: str, **fields: Any) -> int:
        event = {"type": "message", "channel_type": "im", "user": "U1", "text": text, "ts": "1.5", "channel": "D1"}
        return self.send_event(event | fields)

    def send_shortcut(self, message: Body) -> int:
        payload = {
            "type": "message_action",
            "callback_id": "check_images",
            "channel": {"id": "C1", "name": "x"},
            "message": {"ts": "1.5", **message},
            "response_url": "https://hooks/3",
        }
        return self.slack.send_payload(payload).status

    def list_texts(self) -> list[str]:
        """Return the texts of the replies in threads."""
        return [message["text"] for *_, message in self.clients.thread_replies]


def build_mention_driver(database: Database) -> MentionDriver:
    return MentionDriver(build_slack_driver(open_driver(database), RecordingClients(), ("T1", "T2")))
