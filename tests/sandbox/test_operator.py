"""Notifications in the sandbox's operator channel, and their buttons."""

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

TIMEOUT_SECONDS = INTERVAL.total_seconds() / 3
NOW = utc("2026-11-23 12:00")
ENTRY = QuarantineEntry(
    0, DLVM, "pytorch-2-7", "end_of_availability", "August 13, 2029", "it moved", "13 Apr 2027", "a", (), True, NOW
)


def test_a_pending_value_is_rejected_with_its_button(sandbox: SandboxDriver) -> None:
    application = sandbox.server.application
    with application.database.transaction() as session:
        (entry,) = quarantine.sync(session, DLVM, [ENTRY], NOW)
        notices.notify_quarantined(session, application.operator, [entry], "https://docs.cloud.google.com/x", NOW)
    message = wait_for_message(sandbox, "it moved")
    act = {"type": "button", "action_id": "held_reject", "block_id": "b", "value": str(entry.entry_id)}
    sandbox.post(f"/c/{OPERATOR_CHANNEL}/press", ts=message.ts, act=json.dumps(act))
    assert wait_for_message(sandbox, "*Rejected* by <@U0ANA>", only_for="").ts == message.ts
    assert any("Done. *Rejected*" in m.text for m in sandbox.channel(OPERATOR_CHANNEL).messages if m.only_for)


def test_a_rejected_message_notifies_the_operator(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    fault = Fault("invalid_blocks")
    sandbox.server.workspace.faults.add("chat.postMessage", fault, fault)
    sandbox.post("/clock", move="next")
    assert "is given up: `invalid_blocks`" in wait_for_message(sandbox, "refused entry").text


def wait_for_message(sandbox: SandboxDriver, text: str, only_for: str | None = None) -> Message:
    """Return the first message in the operator channel that contains a text, once the loop has posted it."""
    began = time.monotonic()
    while time.monotonic() - began < TIMEOUT_SECONDS:
        matches = [
            m for m in sandbox.channel(OPERATOR_CHANNEL).messages if text in m.text and only_for in {None, m.only_for}
        ]
        if matches:
            return matches[0]
        sandbox.server.application.scheduler.wake()
        time.sleep(0.1)  # the delivery loop has no event for this
    raise AssertionError(f"no message contains {text!r}")
