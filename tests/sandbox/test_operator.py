"""The sandbox has a channel of whoever runs the bot: what they hear is posted there, and its buttons work."""

import json
import time

from bot.sandbox.faults import Fault
from bot.sandbox.models import Message
from bot.sandbox.sample_workspace import OPERATOR_CHANNEL
from bot.scheduler import INTERVAL
from bot.service.operator import notices
from storage import quarantine
from storage.facts import DLVM, QuarantineEntry
from tests.sandbox.driver import SandboxDriver
from tests.service.driver import utc

SOON = INTERVAL.total_seconds() / 3
NOW = utc("2026-11-23 12:00")
ODD = QuarantineEntry(
    0, DLVM, "pytorch-2-7", "end_of_availability", "August 13, 2029", "it moved", "13 Apr 2027", "a", (), True, NOW
)


def test_what_is_held_back_is_rejected_by_its_button(sandbox: SandboxDriver) -> None:
    house = sandbox.server.application
    with house.database.transaction() as session:
        (odd,) = quarantine.sync(session, DLVM, [ODD], NOW)
        notices.notify_quarantined(session, house.operator, [odd], "https://docs.cloud.google.com/x", NOW)
    message = waited(sandbox, "it moved")
    act = {"type": "button", "action_id": "held_reject", "block_id": "b", "value": str(odd.entry_id)}
    sandbox.post(f"/c/{OPERATOR_CHANNEL}/press", ts=message.ts, act=json.dumps(act))
    assert waited(sandbox, "*Rejected* by <@U0ANA>", only_for="").ts == message.ts
    assert any("Done. *Rejected*" in one.text for one in sandbox.channel(OPERATOR_CHANNEL).messages if one.only_for)


def test_what_slack_refuses_as_wrong_is_told_there(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    wrong = Fault("invalid_blocks")
    sandbox.server.workspace.faults.add("chat.postMessage", wrong, wrong)
    sandbox.post("/clock", move="next")
    assert "has given up: `invalid_blocks`" in waited(sandbox, "send entry").text


def waited(sandbox: SandboxDriver, text: str, only_for: str | None = None) -> Message:
    """The first message in the operator's channel that says so; the loop brings it at its next tick."""
    began = time.monotonic()
    while time.monotonic() - began < SOON:
        found = [
            m for m in sandbox.channel(OPERATOR_CHANNEL).messages if text in m.text and only_for in {None, m.only_for}
        ]
        if found:
            return found[0]
        sandbox.server.application.scheduler.wake()
        time.sleep(0.1)  # the loop tells by no event
    raise AssertionError(f"nobody said {text!r}")
