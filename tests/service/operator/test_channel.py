"""Whoever runs the bot hears each thing once, in their channel, through the outbox."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from bot.policy.post_outcomes import Refused, Remedy
from bot.service.operator.channel import Operator
from bot.service.workspaces.channel_health import UNINSTALLED
from storage import channels, erasing, operator_notes, outbox, workspaces
from storage.facts import Channel, Health, Kind, OutboxState
from tests.service.driver import Desk, at
from tests.service.operator_driver import DAY, DUE, HOUR, MINUTE, NOW, catch_up, entries, operated, tell, texts


def trouble(desk: Desk) -> str:
    with desk.database.reading() as session:
        return desk.operator.trouble(session)


def test_a_word_is_posted_once_however_often_it_is_told(desk: Desk) -> None:
    operated(desk)
    assert (tell(desk), tell(desk), tell(desk, "two")) == (True, False, True)
    desk.delivery().tick(NOW)
    assert texts(desk) == ["Hear one.", "Hear two."]
    desk.delivery().tick(NOW + DAY)
    assert len(texts(desk)) == 2


def test_a_word_that_is_not_committed_is_not_told(lone_desk: Desk) -> None:
    operated(lone_desk)

    def told_in_vain(session: Session) -> None:
        lone_desk.operator.tell(session, "policy", "one", "text", now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lone_desk.database.run(told_in_vain)
    lone_desk.delivery().tick(NOW)
    assert (texts(lone_desk), tell(lone_desk)) == ([], True)


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
def test_the_channel_is_never_guessed(lone_desk: Desk, setting: str, installed: tuple[str, ...], sentence: str) -> None:
    operated(lone_desk, setting, *installed)
    assert trouble(lone_desk).endswith(sentence)
    assert bool(trouble(lone_desk)) == bool(sentence)
    tell(lone_desk)
    lone_desk.delivery().tick(NOW)
    assert len(texts(lone_desk)) == int(bool(setting) and not sentence)


def test_before_any_workspace_has_the_bot_that_is_said(lone_desk: Desk) -> None:
    lone_desk.operator = Operator("C0OPS")
    assert "not installed in any workspace yet" in trouble(lone_desk)


def test_without_a_channel_a_word_is_kept_logged_and_posted_once_one_is_set(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    operated(desk, "")
    tell(desk, "old", NOW - 8 * DAY)
    tell(desk, "young", NOW - 6 * DAY)
    assert "for the operator: Hear young." in caplog.text
    operated(desk)
    assert (catch_up(desk), catch_up(desk)) == (1, 0)
    desk.delivery().tick(NOW)
    assert texts(desk) == ["Hear young."]


def test_another_channel_hears_only_what_the_first_one_did_not(desk: Desk) -> None:
    operated(desk)
    tell(desk, "one")
    desk.delivery().tick(NOW)
    tell(desk, "two")
    for channel in ("C0NEW", "C0OPS", "C0NEW"):
        operated(desk, channel)
        catch_up(desk)
        desk.delivery().tick(NOW + MINUTE) if channel == "C0NEW" else None
    desk.delivery().tick(NOW + 2 * MINUTE)
    assert [(told.channel_id, told.text) for told in desk.sender.told] == [
        ("C0OPS", "Hear one."),
        ("C0NEW", "Hear two."),
    ]


def test_a_word_in_a_channel_that_watches_something_takes_no_reminder_s_place(lone_desk: Desk) -> None:
    operated(lone_desk, "C1")
    lone_desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    tell(lone_desk, "one", DUE)
    tell(lone_desk, "two", DUE)
    lone_desk.delivery().tick(DUE)
    assert (texts(lone_desk), lone_desk.sender.rungs()) == (["Hear one.", "Hear two."], [("2027-01-13", 90)])


class Killed(BaseException):
    """The process is gone, in the middle of a tick."""


def killed(desk: Desk, moment: datetime, where: Callable[[str], bool]) -> None:
    def die(reached: str) -> None:
        if where(reached):
            raise Killed

    with pytest.raises(Killed):
        desk.delivery(f"killed at {moment}", checkpoint=die).tick(moment)


def test_what_was_taken_together_and_sent_apart_does_not_count_as_sent_together(desk: Desk) -> None:
    """A process takes a word and a reminder under one key, and dies; the next one dies when it has posted the word."""
    operated(desk, "C1")
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    tell(desk, "one", DUE)
    killed(desk, DUE, lambda reached: reached == "claimed")
    taken = [entry for entry in entries(desk, "C1") if entry.state is OutboxState.SENDING]
    assert (len(taken), len({entry.delivery_id for entry in taken})) == (2, 1)
    desk.delivery("looks").tick(DUE + 3 * MINUTE)
    killed(desk, DUE + 6 * MINUTE, lambda reached: reached == "answered" and bool(texts(desk)))
    killed(desk, DUE + 9 * MINUTE, lambda reached: reached == "claimed")
    for number in range(4, 9):
        desk.delivery(f"later {number}").tick(DUE + number * 3 * MINUTE)
    assert (texts(desk), desk.sender.rungs()) == (["Hear one."], [("2027-01-13", 90)])


def test_a_channel_that_nobody_subscribed_is_tried_again_every_hour(lone_desk: Desk) -> None:
    operated(lone_desk)
    lone_desk.sender.refusing_told = [Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE)]
    tell(lone_desk)
    lone_desk.delivery().tick(NOW)
    lone_desk.delivery().tick(NOW + timedelta(minutes=59))
    assert texts(lone_desk) == []
    lone_desk.delivery().tick(NOW + HOUR)
    assert texts(lone_desk) == ["Hear one."]


def test_a_channel_with_a_health_holds_it_until_it_is_open_again(lone_desk: Desk) -> None:
    operated(lone_desk, "C1")
    lone_desk.say("subscribe pytorch-2.7", NOW)
    lone_desk.sender.refusing_told = [Refused("is_archived", Remedy.PAUSE_CHANNEL, health=Health.ARCHIVED)]
    tell(lone_desk)
    lone_desk.delivery().tick(NOW)
    held = [e.state for e in entries(lone_desk, "C1") if e.reminder.kind is Kind.OPERATOR]
    assert held == [OutboxState.HELD]
    with lone_desk.database.transaction() as session:
        found = channels.find(session, "T1", "C1")
        assert isinstance(found, Channel)
        channels.mark(session, found, Health.OK, since=None, reason="", check_at=None)
        outbox.resume(session, "T1", NOW, "C1")
    lone_desk.delivery().tick(NOW + HOUR)
    assert texts(lone_desk) == ["Hear one."]


def test_what_could_not_be_posted_for_a_week_is_not_news_any_more(lone_desk: Desk) -> None:
    operated(lone_desk)
    tell(lone_desk)
    lone_desk.delivery().tick(NOW + 8 * DAY)
    assert (texts(lone_desk), entries(lone_desk)[0].state) == ([], OutboxState.SUPERSEDED)


def test_while_the_bot_is_uninstalled_words_are_kept_and_come_when_it_is_back(desk: Desk) -> None:
    operated(desk)
    tell(desk, "before")
    with desk.database.transaction() as session:
        workspaces.suspend(session, "T1", NOW, UNINSTALLED)
    tell(desk, "during")
    desk.delivery().tick(NOW)
    assert texts(desk) == []
    with desk.database.transaction() as session:
        workspaces.restore(session, "T1")
        outbox.resume(session, "T1", NOW + DAY)
    assert catch_up(desk, NOW + DAY) == 1
    desk.delivery().tick(NOW + DAY)
    assert sorted(texts(desk)) == ["Hear before.", "Hear during."]


def test_after_its_workspace_is_erased_words_are_kept_and_nothing_breaks(desk: Desk) -> None:
    operated(desk)
    tell(desk, "before")
    desk.delivery().tick(NOW)
    desk.database.run(lambda session: erasing.erase(session, "T1"))
    assert tell(desk, "after")
    desk.delivery().tick(NOW)
    assert (texts(desk), catch_up(desk)) == (["Hear before."], 0)
    with desk.database.reading() as session:
        assert [note.key for note in operator_notes.since(session, NOW)] == ["before", "after"]
