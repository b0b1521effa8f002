"""Whoever runs the bot hears each thing once, in their channel, through the outbox."""

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


def trouble(desk: Driver) -> str:
    with desk.database.read_only() as session:
        return desk.operator.find_problem(session)


def test_a_word_is_posted_once_however_often_it_is_told(desk: Driver) -> None:
    with_operator(desk)
    assert (notify(desk), notify(desk), notify(desk, "two")) == (True, False, True)
    desk.build_loop().tick(NOW)
    assert list_texts(desk) == ["Hear one.", "Hear two."]
    desk.build_loop().tick(NOW + DAY)
    assert len(list_texts(desk)) == 2


def test_a_word_that_is_not_committed_is_not_told(lone_desk: Driver) -> None:
    with_operator(lone_desk)

    def told_in_vain(session: Session) -> None:
        lone_desk.operator.notify(session, "policy", "one", "text", now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lone_desk.database.run(told_in_vain)
    lone_desk.build_loop().tick(NOW)
    assert (list_texts(lone_desk), notify(lone_desk)) == ([], True)


@pytest.mark.parametrize(
    ("setting", "installed", "sentence"),
    [
        ("C0OPS", ("T1",), ""),
        ("T2/C0OPS", ("T1", "T2"), ""),
        ("", ("T1",), ""),
        ("C0OPS", ("T1", "T2"), "installed in 2 workspaces: name the one that it is in, like T1/C0OPS."),
        ("T3/C0OPS", ("T1", "T2"), "names the workspace T3, and dlvm is not installed there."),
    ],
)
def test_the_channel_is_never_guessed(
    lone_desk: Driver, setting: str, installed: tuple[str, ...], sentence: str
) -> None:
    with_operator(lone_desk, setting, *installed)
    assert trouble(lone_desk).endswith(sentence)
    assert bool(trouble(lone_desk)) == bool(sentence)
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW)
    assert len(list_texts(lone_desk)) == int(bool(setting) and not sentence)


def test_before_any_workspace_has_the_bot_that_is_said(lone_desk: Driver) -> None:
    lone_desk.operator = OperatorChannel("C0OPS")
    assert "not installed in any workspace yet" in trouble(lone_desk)


def test_without_a_channel_a_word_is_kept_logged_and_posted_once_one_is_set(
    desk: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    with_operator(desk, "")
    notify(desk, "old", NOW - 8 * DAY)
    notify(desk, "young", NOW - 6 * DAY)
    assert "for the operator: Hear young." in caplog.text
    with_operator(desk)
    assert (send_missed(desk), send_missed(desk)) == (1, 0)
    desk.build_loop().tick(NOW)
    assert list_texts(desk) == ["Hear young."]


def test_another_channel_hears_only_what_the_first_one_did_not(desk: Driver) -> None:
    with_operator(desk)
    notify(desk, "one")
    desk.build_loop().tick(NOW)
    notify(desk, "two")
    for channel in ("C0NEW", "C0OPS", "C0NEW"):
        with_operator(desk, channel)
        send_missed(desk)
        desk.build_loop().tick(NOW + MINUTE) if channel == "C0NEW" else None
    desk.build_loop().tick(NOW + 2 * MINUTE)
    assert [(told.channel_id, told.text) for told in desk.sender.operator_messages] == [
        ("C0OPS", "Hear one."),
        ("C0NEW", "Hear two."),
    ]


def test_a_word_in_a_channel_that_watches_something_takes_no_reminder_s_place(lone_desk: Driver) -> None:
    with_operator(lone_desk, "C1")
    lone_desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    notify(lone_desk, "one", DUE)
    notify(lone_desk, "two", DUE)
    lone_desk.build_loop().tick(DUE)
    assert (list_texts(lone_desk), lone_desk.sender.list_rungs()) == (["Hear one.", "Hear two."], [("2027-01-13", 90)])


class Killed(BaseException):
    """The process is gone, in the middle of a tick."""


def killed(desk: Driver, moment: datetime, where: Callable[[str], bool]) -> None:
    def die(reached: str) -> None:
        if where(reached):
            raise Killed

    with pytest.raises(Killed):
        desk.build_loop(f"killed at {moment}", checkpoint=die).tick(moment)


def test_what_was_taken_together_and_sent_apart_does_not_count_as_sent_together(desk: Driver) -> None:
    """A process takes a word and a reminder under one key, and dies; the next one dies when it has posted the word."""
    with_operator(desk, "C1")
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    notify(desk, "one", DUE)
    killed(desk, DUE, lambda reached: reached == "claimed")
    taken = [entry for entry in list_entries(desk, "C1") if entry.state is OutboxState.SENDING]
    assert (len(taken), len({entry.delivery_id for entry in taken})) == (2, 1)
    desk.build_loop("looks").tick(DUE + 3 * MINUTE)
    killed(desk, DUE + 6 * MINUTE, lambda reached: reached == "answered" and bool(list_texts(desk)))
    killed(desk, DUE + 9 * MINUTE, lambda reached: reached == "claimed")
    for number in range(4, 9):
        desk.build_loop(f"later {number}").tick(DUE + number * 3 * MINUTE)
    assert (list_texts(desk), desk.sender.list_rungs()) == (["Hear one."], [("2027-01-13", 90)])


def test_a_channel_that_nobody_subscribed_is_tried_again_every_hour(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    lone_desk.sender.operator_outcomes = [Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE)]
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW)
    lone_desk.build_loop().tick(NOW + timedelta(minutes=59))
    assert list_texts(lone_desk) == []
    lone_desk.build_loop().tick(NOW + HOUR)
    assert list_texts(lone_desk) == ["Hear one."]


def test_a_channel_with_a_health_holds_it_until_it_is_open_again(lone_desk: Driver) -> None:
    with_operator(lone_desk, "C1")
    lone_desk.run("subscribe pytorch-2.7", NOW)
    lone_desk.sender.operator_outcomes = [Refused("is_archived", Remedy.PAUSE_CHANNEL, health=Health.ARCHIVED)]
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW)
    held = [e.state for e in list_entries(lone_desk, "C1") if e.reminder.kind is MessageKind.OPERATOR_NOTE]
    assert held == [OutboxState.HELD]
    with lone_desk.database.transaction() as session:
        found = channels.find(session, "T1", "C1")
        assert isinstance(found, Channel)
        channels.update_health(session, found, Health.OK, since=None, reason="", check_at=None)
        outbox.resume_held(session, "T1", NOW, "C1")
    lone_desk.build_loop().tick(NOW + HOUR)
    assert list_texts(lone_desk) == ["Hear one."]


def test_what_could_not_be_posted_for_a_week_is_not_news_any_more(lone_desk: Driver) -> None:
    with_operator(lone_desk)
    notify(lone_desk)
    lone_desk.build_loop().tick(NOW + 8 * DAY)
    assert (list_texts(lone_desk), list_entries(lone_desk)[0].state) == ([], OutboxState.SUPERSEDED)


def test_while_the_bot_is_uninstalled_words_are_kept_and_come_when_it_is_back(desk: Driver) -> None:
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
    assert sorted(list_texts(desk)) == ["Hear before.", "Hear during."]


def test_after_its_workspace_is_erased_words_are_kept_and_nothing_breaks(desk: Driver) -> None:
    with_operator(desk)
    notify(desk, "before")
    desk.build_loop().tick(NOW)
    desk.database.run(lambda session: workspace_data.delete(session, "T1"))
    assert notify(desk, "after")
    desk.build_loop().tick(NOW)
    assert (list_texts(desk), send_missed(desk)) == (["Hear before."], 0)
    with desk.database.read_only() as session:
        assert [note.key for note in operator_notes.list_since(session, NOW)] == ["before", "after"]
