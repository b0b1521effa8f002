"""The operator channel: each note is posted there once, through the outbox."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from bot.policy.post_outcomes import Refused, Remedy
from bot.service.operator.channel import OperatorChannel
from bot.service.workspaces.channel_health import UNINSTALLED
from storage import channels, operator_notes, outbox, workspace_data, workspaces
from storage.facts import Channel, Health, MessageKind, OutboxState
from tests.service.driver import Driver, utc
from tests.service.operator_driver import (
    DAY,
    DUE,
    HOUR,
    MINUTE,
    NOW,
    list_entries,
    list_texts,
    notify,
    send_missed,
    with_operator,
)


def find_problem(desk: Driver) -> str:
    with desk.database.read_only() as session:
        return desk.operator.find_problem(session)


def test_note_with_a_known_key_is_not_posted_again(desk: Driver) -> None:
    with_operator(desk)
    assert (notify(desk), notify(desk), notify(desk, "two")) == (True, False, True)
    desk.build_loop().tick(NOW)
    assert list_texts(desk) == ["Note one.", "Note two."]
    desk.build_loop().tick(NOW + DAY)
    assert len(list_texts(desk)) == 2


def test_note_of_a_failed_transaction_is_not_posted(lone_desk: Driver) -> None:
    with_operator(lone_desk)

    def notify_and_fail(session: Session) -> None:
        lone_desk.operator.notify(session, "policy", "one", "text", now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lone_desk.database.run(notify_and_fail)
    lone_desk.build_loop().tick(NOW)
    assert (list_texts(lone_desk), notify(lone_desk)) == ([], True)


@pytest.mark.parametrize(
    ("setting", "installed", "sentence"),
    [
        ("C0OPS", ("T1",), ""),
        ("T2/C0OPS", ("T1", "T2"), ""),
        ("", ("T1",), ""),
        ("C0OPS", ("T1", "T2"), "installed in 2 workspaces. Add the channel’s workspace, like T1/C0OPS."),
        ("T3/C0OPS", ("T1", "T2"), "names workspace T3, but dlvm is not installed there."),
    ],
)
def test_channel_is_unusable_if_its_workspace_is_unclear(
    lone_desk: Driver, setting: str, installed: tuple[str, ...], sentence: str
) -> None:
    with_operator(lone_desk, setting, *installed)
    assert find_problem(lone_desk).endswith(sentence)
    assert bool(find_problem(lone_desk)) == bool(sentence)
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW)
    assert len(list_texts(lone_desk)) == int(bool(setting) and not sentence)


def test_problem_names_a_missing_installation(lone_desk: Driver) -> None:
    lone_desk.operator = OperatorChannel("C0OPS")
    assert "not installed in any workspace yet" in find_problem(lone_desk)


def test_note_without_a_channel_is_logged_and_posted_later(desk: Driver, caplog: pytest.LogCaptureFixture) -> None:
    with_operator(desk, "")
    notify(desk, "old", NOW - 8 * DAY)
    notify(desk, "recent", NOW - 6 * DAY)
    assert "operator note: Note recent." in caplog.text
    with_operator(desk)
    assert (send_missed(desk), send_missed(desk)) == (1, 0)
    desk.build_loop().tick(NOW)
    assert list_texts(desk) == ["Note recent."]


def test_changed_channel_gets_only_unsent_notes(desk: Driver) -> None:
    with_operator(desk)
    notify(desk, "one")
    desk.build_loop().tick(NOW)
    notify(desk, "two")
    for channel in ("C0NEW", "C0OPS", "C0NEW"):
        with_operator(desk, channel)
        send_missed(desk)
        if channel == "C0NEW":
            desk.build_loop().tick(NOW + MINUTE)
    desk.build_loop().tick(NOW + 2 * MINUTE)
    assert [(message.channel_id, message.text) for message in desk.sender.operator_messages] == [
        ("C0OPS", "Note one."),
        ("C0NEW", "Note two."),
    ]


def test_notes_do_not_displace_reminders_of_a_channel(lone_desk: Driver) -> None:
    with_operator(lone_desk, "C1")
    lone_desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    notify(lone_desk, "one", DUE)
    notify(lone_desk, "two", DUE)
    lone_desk.build_loop().tick(DUE)
    assert (list_texts(lone_desk), lone_desk.sender.list_rungs()) == (["Note one.", "Note two."], [("2027-01-13", 90)])


class ProcessKilled(BaseException):
    """The process ends in the middle of a tick."""


def kill_tick(desk: Driver, moment: datetime, should_kill: Callable[[str], bool]) -> None:
    def checkpoint(name: str) -> None:
        if should_kill(name):
            raise ProcessKilled

    with pytest.raises(ProcessKilled):
        desk.build_loop(f"killed at {moment}", checkpoint=checkpoint).tick(moment)


def test_reminder_claimed_with_a_note_is_not_sent_with_it(desk: Driver) -> None:
    """One process dies after claiming a note and a reminder under one delivery id, another after posting the note."""
    with_operator(desk, "C1")
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    notify(desk, "one", DUE)
    kill_tick(desk, DUE, lambda checkpoint: checkpoint == "claimed")
    claimed = [entry for entry in list_entries(desk, "C1") if entry.state is OutboxState.SENDING]
    assert (len(claimed), len({entry.delivery_id for entry in claimed})) == (2, 1)
    desk.build_loop("lookup").tick(DUE + 3 * MINUTE)
    kill_tick(desk, DUE + 6 * MINUTE, lambda checkpoint: checkpoint == "answered" and bool(list_texts(desk)))
    kill_tick(desk, DUE + 9 * MINUTE, lambda checkpoint: checkpoint == "claimed")
    for number in range(4, 9):
        desk.build_loop(f"later {number}").tick(DUE + number * 3 * MINUTE)
    assert (list_texts(desk), desk.sender.list_rungs()) == (["Note one."], [("2027-01-13", 90)])


def test_channel_without_subscriptions_is_retried_hourly(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    lone_desk.sender.operator_outcomes = [Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE)]
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW)
    lone_desk.build_loop().tick(NOW + timedelta(minutes=59))
    assert list_texts(lone_desk) == []
    lone_desk.build_loop().tick(NOW + HOUR)
    assert list_texts(lone_desk) == ["Note one."]


def test_note_is_held_until_the_channel_recovers(lone_desk: Driver) -> None:
    with_operator(lone_desk, "C1")
    lone_desk.run("subscribe pytorch-2.7", NOW)
    lone_desk.sender.operator_outcomes = [Refused("is_archived", Remedy.PAUSE_CHANNEL, health=Health.ARCHIVED)]
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW)
    states = [e.state for e in list_entries(lone_desk, "C1") if e.reminder.kind is MessageKind.OPERATOR_NOTE]
    assert states == [OutboxState.HELD]
    with lone_desk.database.transaction() as session:
        channel = channels.find(session, "T1", "C1")
        assert isinstance(channel, Channel)
        channels.update_health(session, channel, Health.OK, since=None, reason="", check_at=None)
        outbox.resume_held(session, "T1", NOW, "C1")
    lone_desk.build_loop().tick(NOW + HOUR)
    assert list_texts(lone_desk) == ["Note one."]


def test_note_older_than_a_week_is_superseded(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW + 8 * DAY)
    assert (list_texts(lone_desk), list_entries(lone_desk)[0].state) == ([], OutboxState.SUPERSEDED)


def test_notes_are_kept_while_the_bot_is_uninstalled(desk: Driver) -> None:
    with_operator(desk)
    notify(desk, "before")
    with desk.database.transaction() as session:
        workspaces.suspend(session, "T1", NOW, UNINSTALLED)
    notify(desk, "during")
    desk.build_loop().tick(NOW)
    assert list_texts(desk) == []
    with desk.database.transaction() as session:
        workspaces.restore(session, "T1")
        outbox.resume_held(session, "T1", NOW + DAY)
    assert send_missed(desk, NOW + DAY) == 1
    desk.build_loop().tick(NOW + DAY)
    assert sorted(list_texts(desk)) == ["Note before.", "Note during."]


def test_notes_are_kept_after_the_workspace_is_deleted(desk: Driver) -> None:
    with_operator(desk)
    notify(desk, "before")
    desk.build_loop().tick(NOW)
    desk.database.run(lambda session: workspace_data.delete(session, "T1"))
    assert notify(desk, "after")
    desk.build_loop().tick(NOW)
    assert (list_texts(desk), send_missed(desk)) == (["Note before."], 0)
    with desk.database.read_only() as session:
        assert [note.key for note in operator_notes.list_since(session, NOW)] == ["before", "after"]
