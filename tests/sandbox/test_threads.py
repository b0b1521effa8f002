"""Asking @dlvm in the sandbox: mentions, direct messages, and the check of a message."""

import time

from bot.sandbox import sample_workspace, threads
from bot.sandbox.models import Channel, Message
from tests.sandbox.driver import SandboxDriver


def own(sandbox: SandboxDriver, channel_id: str = "C0TRAINING") -> Message:
    """What the person wrote last; the bot may have answered meanwhile."""
    return [m for m in sandbox.channel(channel_id).messages if m.author == sample_workspace.DEFAULT_ACTOR][-1]


def last_in_thread(sandbox: SandboxDriver, root: str, channel_id: str = "C0TRAINING") -> str:
    """What stands last in a message's thread, once the bot has posted it there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        replies = [m for m in sandbox.channel(channel_id).messages if m.thread_ts == root]
        if replies:
            return replies[-1].text
        time.sleep(0.02)  # posting is started and not waited for
    raise AssertionError("nothing came into the thread")


def test_a_mention_is_answered_in_its_thread_and_drawn_under_it(sandbox: SandboxDriver) -> None:
    sandbox.send("@dlvm when does pytorch 2.3 end?")
    asked = own(sandbox)
    assert "PyTorch 2.3 is no longer available" in last_in_thread(sandbox, asked.ts)
    _, page = sandbox.get("/c/C0TRAINING")
    assert "message reply" in page


def test_a_direct_message_is_answered_without_a_mention(sandbox: SandboxDriver) -> None:
    sandbox.send("is pytorch 2.3 fine, or tf 2.15?", sample_workspace.DIRECT_MESSAGES[sample_workspace.DEFAULT_ACTOR])
    asked = own(sandbox, sample_workspace.DIRECT_MESSAGES[sample_workspace.DEFAULT_ACTOR])
    assert "2 names found" in last_in_thread(
        sandbox, asked.ts, sample_workspace.DIRECT_MESSAGES[sample_workspace.DEFAULT_ACTOR]
    )


def test_any_message_can_be_checked(sandbox: SandboxDriver) -> None:
    sandbox.send("image: projects/deeplearning-platform-release/global/images/family/pytorch-2-3-cu121-debian-11")
    said = own(sandbox)
    sandbox.post("/c/C0TRAINING/press", ts=said.ts)
    assert "the family no longer resolves" in last_in_thread(sandbox, said.ts)


def test_where_the_bot_is_not_a_check_is_answered_to_one_person(sandbox: SandboxDriver) -> None:
    sandbox.send("@dlvm tf 2.15", "C0PLATFORM")
    said = sandbox.channel("C0PLATFORM").messages[-1]
    assert said.author == sample_workspace.DEFAULT_ACTOR
    sandbox.post("/c/C0PLATFORM/press", ts=said.ts)
    until = time.monotonic() + 60
    while time.monotonic() < until and sandbox.channel("C0PLATFORM").messages[-1] is said:
        time.sleep(0.02)  # the answer comes through the response URL
    answered = sandbox.channel("C0PLATFORM").messages[-1]
    assert answered.only_for == sample_workspace.DEFAULT_ACTOR
    assert "TensorFlow 2.15" in answered.text


def test_the_bot_hears_only_what_slack_would_tell_it() -> None:
    inside, outside = Channel("C1", "x", [sample_workspace.BOT_USER_ID]), Channel("C2", "y")
    asked = Message(
        "1.5", sample_workspace.DEFAULT_ACTOR, threads.encode_bot_mention("hey @DLVM, a < b & me@dlvm.example")
    )
    event = threads.build_event(inside, asked)
    assert event is not None
    assert event["text"] == f"hey <@{sample_workspace.BOT_USER_ID}>, a &lt; b &amp; me@dlvm.example"
    assert threads.build_event(outside, asked) is None
    assert threads.build_event(inside, Message("1.6", sample_workspace.DEFAULT_ACTOR, "hello")) is None


def test_replies_stand_after_the_message_they_belong_to() -> None:
    one, two = Message("1", "U", "one"), Message("2", "U", "two")
    reply, lost = Message("3", "U", "reply", thread_ts="1"), Message("4", "U", "lost", thread_ts="0")
    assert [m.text for m in threads.group_into_threads([one, two, reply, lost])] == ["one", "reply", "two", "lost"]
