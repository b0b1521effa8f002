"""Mentions, direct messages and message checks in the sandbox."""

import time

from bot.sandbox import threads
from bot.sandbox.models import Channel, Message
from bot.sandbox.sample_workspace import BOT_USER_ID, DEFAULT_ACTOR, DIRECT_MESSAGES
from tests.sandbox.driver import SandboxDriver


def find_own_message(sandbox: SandboxDriver, channel_id: str = "C0TRAINING") -> Message:
    """Return the actor's last message. The bot might have answered it already."""
    return [m for m in sandbox.channel(channel_id).messages if m.author == DEFAULT_ACTOR][-1]


def wait_for_reply(sandbox: SandboxDriver, root: str, channel_id: str = "C0TRAINING") -> str:
    """Return the last reply in a thread, once the bot has posted one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        replies = [m for m in sandbox.channel(channel_id).messages if m.thread_ts == root]
        if replies:
            return replies[-1].text
        time.sleep(0.02)  # posted after the acknowledgement
    raise AssertionError("no reply in the thread")


def test_a_mention_is_answered_in_its_thread(sandbox: SandboxDriver) -> None:
    sandbox.send("@dlvm when does pytorch 2.3 end?")
    message = find_own_message(sandbox)
    assert "PyTorch 2.3 is no longer available" in wait_for_reply(sandbox, message.ts)
    _, page = sandbox.get("/c/C0TRAINING")
    assert "message reply" in page


def test_a_direct_message_is_answered_without_a_mention(sandbox: SandboxDriver) -> None:
    sandbox.send("is pytorch 2.3 fine, or tf 2.15?", DIRECT_MESSAGES[DEFAULT_ACTOR])
    message = find_own_message(sandbox, DIRECT_MESSAGES[DEFAULT_ACTOR])
    assert "2 names found" in wait_for_reply(sandbox, message.ts, DIRECT_MESSAGES[DEFAULT_ACTOR])


def test_any_message_can_be_checked(sandbox: SandboxDriver) -> None:
    sandbox.send("image: projects/deeplearning-platform-release/global/images/family/pytorch-2-3-cu121-debian-11")
    message = find_own_message(sandbox)
    sandbox.post("/c/C0TRAINING/press", ts=message.ts)
    assert "the family no longer resolves" in wait_for_reply(sandbox, message.ts)


def test_a_check_without_the_bot_is_answered_privately(sandbox: SandboxDriver) -> None:
    sandbox.send("@dlvm tf 2.15", "C0PLATFORM")
    message = sandbox.channel("C0PLATFORM").messages[-1]
    assert message.author == DEFAULT_ACTOR
    sandbox.post("/c/C0PLATFORM/press", ts=message.ts)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and sandbox.channel("C0PLATFORM").messages[-1] is message:
        time.sleep(0.02)  # answered through the response URL
    answer = sandbox.channel("C0PLATFORM").messages[-1]
    assert answer.only_for == DEFAULT_ACTOR
    assert "TensorFlow 2.15" in answer.text


def test_only_mentions_in_its_channels_reach_the_bot() -> None:
    member_channel, other_channel = Channel("C1", "x", [BOT_USER_ID]), Channel("C2", "y")
    mention = Message("1.5", DEFAULT_ACTOR, threads.encode_bot_mention("hey @DLVM, a < b & me@dlvm.example"))
    event = threads.build_event(member_channel, mention)
    assert event is not None
    assert event["text"] == f"hey <@{BOT_USER_ID}>, a &lt; b &amp; me@dlvm.example"
    assert threads.build_event(other_channel, mention) is None
    assert threads.build_event(member_channel, Message("1.6", DEFAULT_ACTOR, "hello")) is None


def test_replies_follow_the_start_of_their_thread() -> None:
    first, second = Message("1", "U", "first"), Message("2", "U", "second")
    reply, orphan = Message("3", "U", "reply", thread_ts="1"), Message("4", "U", "orphan", thread_ts="0")
    assert [m.text for m in threads.group_into_threads([first, second, reply, orphan])] == [
        "first",
        "reply",
        "second",
        "orphan",
    ]
