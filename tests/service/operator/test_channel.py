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


def find_problem(driver: Driver) -> str:
    with driver.database.read_only() as session:
        return driver.operator.find_problem(session)


def test_note_with_a_known_key_is_not_posted_again(driver: Driver) -> None:
    with_operator(driver)
    assert (notify(driver), notify(driver), notify(driver, "two")) == (True, False, True)
    driver.build_loop().tick(NOW)
    assert list_texts(driver) == ["Note one.", "Note two."]
    driver.build_loop().tick(NOW + DAY)
    assert len(list_texts(driver)) == 2


def test_note_of_a_failed_transaction_is_not_posted(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver)

    def notify_and_fail(session: Session) -> None:
        sqlite_driver.operator.notify(session, "policy", "one", "text", now=NOW)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        sqlite_driver.database.run(notify_and_fail)
    sqlite_driver.build_loop().tick(NOW)
    assert (list_texts(sqlite_driver), notify(sqlite_driver)) == ([], True)


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
    sqlite_driver: Driver, setting: str, installed: tuple[str, ...], sentence: str
) -> None:
    with_operator(sqlite_driver, setting, *installed)
    assert find_problem(sqlite_driver).endswith(sentence)
    assert bool(find_problem(sqlite_driver)) == bool(sentence)
    notify(sqlite_driver)
    sqlite_driver.build_loop().tick(NOW)
    assert len(list_texts(sqlite_driver)) == int(bool(setting) and not sentence)


def test_problem_names_a_missing_installation(sqlite_driver: Driver) -> None:
    sqlite_driver.operator = OperatorChannel("C0OPS")
    assert "not installed in any workspace yet" in find_problem(sqlite_driver)


def test_note_without_a_channel_is_logged_and_posted_later(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    with_operator(driver, "")
    notify(driver, "old", NOW - 8 * DAY)
    notify(driver, "recent", NOW - 6 * DAY)
    assert "operator note: Note recent." in caplog.text
    with_operator(driver)
    assert (send_missed(driver), send_missed(driver)) == (1, 0)
    driver.build_loop().tick(NOW)
    assert list_texts(driver) == ["Note recent."]


def test_changed_channel_gets_only_unsent_notes(driver: Driver) -> None:
    with_operator(driver)
    notify(driver, "one")
    driver.build_loop().tick(NOW)
    notify(driver, "two")
    for channel in ("C0NEW", "C0OPS", "C0NEW"):
        with_operator(driver, channel)
        send_missed(driver)
        if channel == "C0NEW":
            driver.build_loop().tick(NOW + MINUTE)
    driver.build_loop().tick(NOW + 2 * MINUTE)
    assert [(message.channel_id, message.text) for message in driver.sender.operator_messages] == [
        ("C0OPS", "Note one."),
        ("C0NEW", "Note two."),
    ]


def test_notes_do_not_displace_reminders_of_a_channel(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver, "C1")
    sqlite_driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    notify(sqlite_driver, "one", DUE)
    notify(sqlite_driver, "two", DUE)
    sqlite_driver.build_loop().tick(DUE)
    assert (list_texts(sqlite_driver), sqlite_driver.sender.list_rungs()) == (
        ["Note one.", "Note two."],
        [("2027-01-13", 90)],
    )


class ProcessKilled(BaseException):
    """The process ends in the middle of a tick."""


def kill_tick(driver: Driver, moment: datetime, should_kill: Callable[[str], bool]) -> None:
    def checkpoint(name: str) -> None:
        if should_kill(name):
            raise ProcessKilled

    with pytest.raises(ProcessKilled):
        driver.build_loop(f"killed at {moment}", checkpoint=checkpoint).tick(moment)


def test_reminder_claimed_with_a_note_is_not_sent_with_it(driver: Driver) -> None:
    """One process dies after claiming a note and a reminder under one delivery id, another after posting the note."""
    with_operator(driver, "C1")
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    notify(driver, "one", DUE)
    kill_tick(driver, DUE, lambda checkpoint: checkpoint == "claimed")
    claimed = [entry for entry in list_entries(driver, "C1") if entry.state is OutboxState.SENDING]
    assert (len(claimed), len({entry.delivery_id for entry in claimed})) == (2, 1)
    driver.build_loop("lookup").tick(DUE + 3 * MINUTE)
    kill_tick(driver, DUE + 6 * MINUTE, lambda checkpoint: checkpoint == "answered" and bool(list_texts(driver)))
    kill_tick(driver, DUE + 9 * MINUTE, lambda checkpoint: checkpoint == "claimed")
    for number in range(4, 9):
        driver.build_loop(f"later {number}").tick(DUE + number * 3 * MINUTE)
    assert (list_texts(driver), driver.sender.list_rungs()) == (["Note one."], [("2027-01-13", 90)])


def test_channel_without_subscriptions_is_retried_hourly(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver)
    sqlite_driver.sender.operator_outcomes = [
        Refused("not_in_channel", Remedy.PAUSE_CHANNEL, health=Health.NEEDS_INVITE)
    ]
    notify(sqlite_driver)
    sqlite_driver.build_loop().tick(NOW)
    sqlite_driver.build_loop().tick(NOW + timedelta(minutes=59))
    assert list_texts(sqlite_driver) == []
    sqlite_driver.build_loop().tick(NOW + HOUR)
    assert list_texts(sqlite_driver) == ["Note one."]


def test_note_is_held_until_the_channel_recovers(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver, "C1")
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    sqlite_driver.sender.operator_outcomes = [Refused("is_archived", Remedy.PAUSE_CHANNEL, health=Health.ARCHIVED)]
    notify(sqlite_driver)
    sqlite_driver.build_loop().tick(NOW)
    states = [e.state for e in list_entries(sqlite_driver, "C1") if e.reminder.kind is MessageKind.OPERATOR_NOTE]
    assert states == [OutboxState.HELD]
    with sqlite_driver.database.transaction() as session:
        channel = channels.find(session, "T1", "C1")
        assert isinstance(channel, Channel)
        channels.update_health(session, channel, Health.OK, since=None, reason="", check_at=None)
        outbox.resume_held(session, "T1", NOW, "C1")
    sqlite_driver.build_loop().tick(NOW + HOUR)
    assert list_texts(sqlite_driver) == ["Note one."]


def test_note_older_than_a_week_is_superseded(sqlite_driver: Driver) -> None:
    with_operator(sqlite_driver)
    notify(sqlite_driver)
    sqlite_driver.build_loop().tick(NOW + 8 * DAY)
    assert (list_texts(sqlite_driver), list_entries(sqlite_driver)[0].state) == ([], OutboxState.SUPERSEDED)


def test_notes_are_kept_while_the_bot_is_uninstalled(driver: Driver) -> None:
    with_operator(driver)
    notify(driver, "before")
    with driver.database.transaction() as session:
        workspaces.suspend(session, "T1", NOW, UNINSTALLED)
    notify(driver, "during")
    driver.build_loop().tick(NOW)
    assert list_texts(driver) == []
    with driver.database.transaction() as session:
        workspaces.restore(session, "T1")
        outbox.resume_held(session, "T1", NOW + DAY)
    assert send_missed(driver, NOW + DAY) == 1
    driver.build_loop().tick(NOW + DAY)
    assert sorted(list_texts(driver)) == ["Note before.", "Note during."]


def test_notes_are_kept_after_the_workspace_is_deleted(driver: Driver) -> None:
    with_operator(driver)
    notify(driver, "before")
    driver.build_loop().tick(NOW)
    driver.database.run(lambda session: workspace_data.delete(session, "T1"))
    assert notify(driver, "after")
    driver.build_loop().tick(NOW)
    assert (list_texts(driver), send_missed(driver)) == (["Note before."], 0)
    with driver.database.read_only() as session:
        assert [note.key for note in operator_notes.list_since(session, NOW)] == ["before", "after"]
