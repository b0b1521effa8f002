"""A channel that was sent a reminder, and people who press its buttons, on the real dispatcher with a moving clock."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.answers import Group
from bot.bootstrap.delivery import deciding
from bot.service.place import Place
from bot.slack import app as slack_app
from bot.slack.blocks.reminders import message as messages
from bot.slack.listeners.commands import Listeners
from bot.slack.listeners.decisions import Around, Deciding
from storage import audit_log, decisions, outbox
from storage.database import Database
from storage.facts import Change, Decision, Workspace
from tests.service.driver import Desk, at, opened
from tests.slack.driver import SECRET, Body, Recorder, Slack

VERSION, LAST_DAY = "pytorch-2.7", date(2027, 4, 13)
VALUE = f"{VERSION}|end_of_availability|{LAST_DAY}"


@dataclass
class Channel:
    """A channel with its clock; each press is signed, dispatched, and answered."""

    slack: Slack
    now: datetime
    woken: list[datetime] = field(default_factory=list)
    groups: tuple[Group, ...] = ()
    refused: str = ""

    @property
    def desk(self) -> Desk:
        return self.slack.desk

    def press(self, action_id: str, value: str = VALUE, user: str = "U1", ts: str = "1.000100") -> str:
        """The answer to a press, or nothing where it opened a modal."""
        return self._act({"type": "button", "action_id": action_id, "block_id": value, "value": value}, user, ts)

    def snooze(self, lasts: str, value: str = VALUE, user: str = "U1") -> str:
        chosen = {"selected_option": {"value": lasts}}
        return self._act(
            {"type": "static_select", "action_id": "snooze", "block_id": value, **chosen}, user, "1.000100"
        )

    def _act(self, action: Body, user: str, ts: str) -> str:
        before = len(self.slack.recorder.replies)
        answer = self.slack.payload(
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
        replies = self.slack.recorder.replies[before:]
        assert not any(replace for _, _, replace in replies)
        return "\n".join(message["text"] for _, message, _ in replies)

    def submit(self, values: Body, user: str = "U1", metadata: str | None = None) -> Body:
        """What a modal answers, the one opened last where no other is forged."""
        view = dict(self.slack.recorder.views[-1])
        fields = {name: {name: value} for name, value in values.items()}
        view |= {"id": "V1", "state": {"values": fields}}
        view |= {"private_metadata": metadata} if metadata is not None else {}
        answer = self.slack.payload({"type": "view_submission", "user": {"id": user, "team_id": "T1"}, "view": view})
        return dict(json.loads(answer.body))

    def options(self, action_id: str, typed: str) -> list[str]:
        """What a menu offers for what is typed."""
        answer = self.slack.payload(
            {"type": "block_suggestion", "action_id": action_id, "block_id": action_id, "value": typed}
        )
        return [option["value"] for option in json.loads(answer.body)["options"]]

    def tick(self, after: timedelta = timedelta()) -> None:
        """Time goes on, and the loop runs."""
        self.now += after
        self.desk.delivery().tick(self.now)

    def shown(self) -> Body:
        """The message as it stands in the channel now."""
        if self.desk.sender.corrected:
            return messages.message(self.desk.sender.corrected[-1][1])
        return messages.message(self.desk.sender.accepted[-1])

    def labels(self) -> list[str]:
        """What can be pressed on it."""
        return [e["action_id"] for b in self.shown()["blocks"] if b["type"] == "actions" for e in b["elements"]]

    def in_force(self) -> tuple[Decision, ...]:
        with self.desk.database.reading() as session:
            return decisions.of_channel(session, "T1", "C1")

    def written_down(self) -> list[Change]:
        with self.desk.database.reading() as session:
            found = audit_log.of_channels(session, "T1", ["C1"], skip=0, limit=50)
        return [change for change in found if change.at > at("2026-12-01 10:00")]  # subscribing went before

    def drawings_ahead(self) -> list[str]:
        with self.desk.database.reading() as session:
            found = outbox.entries(session, "T1", "C1")
        return sorted(e.reminder.kind.value for e in found if e.state.value == "pending" and e.message_ts)


def reminded(
    database: Database, first: str = "2027-01-13 09:00", targets: str = VERSION, since: str = "2026-12-01 10:00"
) -> Channel:
    """A channel that has just got a reminder of PyTorch 2.7, 90 days ahead where nothing else is said."""
    desk, recorder = opened(database), Recorder()
    desk.say(f"subscribe {targets}", at(since), Place("T1", "C1", "U1"))
    desk.delivery().tick(at(first))
    assert len(desk.sender.accepted) == 1
    channel = Channel(Slack(None, desk, recorder), at(first))  # type: ignore[arg-type] # set below
    around = Around(
        recorder,
        recorder,  # type: ignore[arg-type] # the recorder's open() is all of it
        lambda _: channel.groups,
        lambda: channel.woken.append(channel.now),
        lambda _: channel.refused,
    )
    listening: Any = [
        Listeners(desk.conversation, recorder, recorder, lambda _: True, lambda: channel.now),  # type: ignore[arg-type] # the same
        Deciding(*deciding(database, desk.default), around, lambda: channel.now),
    ]
    channel.slack.app = slack_app.build(
        listening,
        recorder,
        signing_secret=SECRET,
        base_url="http://127.0.0.1:1/api/",
        workspace_of={"T1": Workspace("T1", "Acme", "B1", "UBOT")}.get,
        token_of={"T1": "xoxb-1"}.get,
    )
    return channel
