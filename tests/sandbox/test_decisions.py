"""Decisions in the sandbox. The message is updated long before the next scheduled tick."""

import json
import time

from bot.scheduler import INTERVAL
from tests.sandbox.driver import SandboxDriver

VALUE = "pytorch-2.7|end_of_availability|2027-04-13"
TIMEOUT_SECONDS = INTERVAL.total_seconds() / 3


def test_acknowledging_updates_the_message_at_once(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    assert sandbox.server.application.scheduler.get_tick_age() is not None
    sandbox.post("/clock", move="next")
    channel = sandbox.channel()
    (reminder,) = [m for m in channel.messages if "days left until" in m.text]
    act = json.dumps({"type": "button", "action_id": "acknowledge", "block_id": VALUE, "value": VALUE})
    sandbox.post("/c/C0TRAINING/press", ts=reminder.ts, act=act)
    began = time.monotonic()
    while "acknowledged this" not in get_text(sandbox, reminder.ts) and time.monotonic() - began < TIMEOUT_SECONDS:
        time.sleep(0.05)  # the delivery loop has no event for this
    assert "acknowledged this" in get_text(sandbox, reminder.ts)
    assert any("Next reminder: the last call" in m.text for m in channel.messages if m.only_for)


def get_text(sandbox: SandboxDriver, ts: str) -> str:
    """Return a message's current text."""
    return next(message.text for message in sandbox.channel().messages if message.ts == ts)


def test_the_jump_skips_times_that_only_update_messages(sandbox: SandboxDriver) -> None:
    sandbox.send("/dlvm subscribe pytorch-2.7")
    sandbox.post("/clock", move="next")
    channel = sandbox.channel()
    (reminder,) = [m for m in channel.messages if "days left until" in m.text]
    act = json.dumps({"type": "button", "action_id": "acknowledge", "block_id": VALUE, "value": VALUE})
    _, page = sandbox.post("/c/C0TRAINING/press", ts=reminder.ts, act=act)
    assert "Mon 12 Apr 2027" in page
    sandbox.post("/clock", move="next")
    assert "tomorrow is the last day" in channel.messages[-1].text
    assert "Undo" not in str(next(m.blocks for m in channel.messages if m.ts == reminder.ts))
