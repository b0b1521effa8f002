"""Decisions on a reminder when its date moves, and the messages sent afterwards."""

from datetime import date, timedelta

import pytest

from bot.slack.blocks.reminders import message
from storage.database import Database
from storage.facts import DecisionKind
from tests.service.catalogue.date_driver import ingest_dates
from tests.service.driver import utc
from tests.slack.button_driver import VERSION, ReminderChannel, build_reminded_channel

DAY = timedelta(days=1)
LATER, EARLIER = date(2027, 10, 13), date(2027, 3, 2)


@pytest.fixture
def channel(database: Database) -> ReminderChannel:
    """Build a channel on each database engine."""
    return build_reminded_channel(database)


@pytest.fixture
def sqlite_channel(sqlite_database: Database) -> ReminderChannel:
    """Build a channel on SQLite, for tests that don't depend on the engine."""
    return build_reminded_channel(sqlite_database)


def assign_owner(channel: ReminderChannel) -> None:
    channel.press("own")
    channel.submit({"owner_person": {"selected_user": "U42"}})


def run_days(channel: ReminderChannel, until: str) -> None:
    while channel.now < utc(f"{until} 09:00"):
        channel.tick(DAY)
        channel.driver.build_loop().tick(channel.now + timedelta(seconds=3))


def render_last(channel: ReminderChannel) -> str:
    """Return the text of the last message as it was sent."""
    return str(message.render(channel.driver.sender.accepted[-1])["text"])


def test_case_38_later_date_keeps_the_acknowledgement(
    channel: ReminderChannel,
) -> None:
    channel.press("acknowledge", user="UANA")
    assign_owner(channel)
    ingest_dates(channel.driver, utc("2027-01-14 08:00"), end_of_availability=LATER)
    run_days(channel, "2027-01-14")
    assert "Still in force for the new date: acknowledged." in render_last(channel)
    assert "Owner: <@U42>." in render_last(channel)
    run_days(channel, "2027-10-12")
    rungs = [rung for _, rung in channel.driver.sender.list_rungs()]
    assert rungs == [90, 1]
    assert "<@UANA> acknowledged this (13 Jan 2027). Next reminder: the last call on 12 Oct 2027." in render_last(
        channel
    )
    assert "This was for 13 Apr 2027; the date has changed since." in render_last(channel)
    assert "Owner: <@U42>, assigned by <@U1>" in render_last(channel)


def test_case_39_earlier_date_ends_all_decisions_but_the_owner(sqlite_channel: ReminderChannel) -> None:
    sqlite_channel.press("acknowledge")
    assign_owner(sqlite_channel)
    ingest_dates(sqlite_channel.driver, utc("2027-02-20 08:00"), end_of_availability=EARLIER)
    assert [d.kind for d in sqlite_channel.list_decisions()] == [DecisionKind.OWNED]
    assert "The catalogue no longer has this date for pytorch-2.7" in sqlite_channel.press("undo_acknowledged")
    sqlite_channel.now = utc("2027-02-19 09:00")
    run_days(sqlite_channel, "2027-03-03")
    assert [rung for _, rung in sqlite_channel.driver.sender.list_rungs()] == [90, 7, 3, 1, 0, -1]
    assert "Owner: <@U42>" in render_last(sqlite_channel)


def test_case_40_passed_date_that_moves_keeps_only_its_owner(sqlite_database: Database) -> None:
    channel = build_reminded_channel(sqlite_database, "2027-04-12 09:00")
    assign_owner(channel)
    run_days(channel, "2027-04-20")
    ingest_dates(channel.driver, utc("2027-04-21 08:00"), end_of_availability=LATER)
    run_days(channel, "2027-04-21")
    assert "Ignore the earlier message" in render_last(channel)
    assert [d.milestone_date for d in channel.list_decisions()] == [LATER]
    run_days(channel, "2027-07-16")
    assert channel.driver.sender.list_rungs()[-1][1] == 90
    assert "Owner: <@U42>" in render_last(channel)


def test_case_41_snooze_past_the_date_ends_on_the_friday_before(sqlite_database: Database) -> None:
    channel = build_reminded_channel(sqlite_database, "2026-04-06 09:00", since="2026-03-01 10:00")
    value = f"{VERSION}|end_of_patch_and_support|2026-04-13"
    answer = channel.snooze("week", value)
    assert "until 10 Apr 2026, the last working day before the date" in answer
    channel.tick(timedelta(seconds=2))
    assert "until 10 Apr 2026, the last working day before the date" in channel.render_message()["text"]
    run_days(channel, "2026-04-14")
    assert [day for day, _ in channel.driver.sender.list_rungs()] == [
        "2026-04-06",
        "2026-04-10",
        "2026-04-13",
        "2026-04-14",
    ]


def test_case_42_acknowledgement_at_30_days_lasts_until_the_last_one(sqlite_database: Database) -> None:
    channel = build_reminded_channel(sqlite_database, "2027-03-12 09:00")
    channel.press("acknowledge")
    run_days(channel, "2027-04-20")
    assert [rung for _, rung in channel.driver.sender.list_rungs()] == [30, 1, 0, -1]


def test_updated_message_keeps_its_summary_and_notices(sqlite_database: Database) -> None:
    channel = build_reminded_channel(sqlite_database, "2027-01-13 09:00", "pytorch-2.7 pytorch-2.4")
    channel.driver.run("settings weekly on mention <@U9|x> from 100", utc("2027-01-13 10:00"))
    channel.now = utc("2027-02-12 08:00")
    ingest_dates(channel.driver, utc("2027-02-12 08:00"), end_of_patch_and_support=date(2027, 4, 1))
    run_days(channel, "2027-02-15")
    accepted = channel.driver.sender.accepted
    sent = [m for m in accepted if m.lines and (m.weekly or m.date_changes)][-1]
    number = accepted.index(sent) + 1
    line = sent.lines[0]
    channel.press("acknowledge", f"{line.version}|{line.milestone.value}|{line.milestone_date}", ts=f"{number}.000100")
    channel.tick(timedelta(seconds=2))
    updated = channel.driver.sender.updated[-1][1]
    assert (updated.weekly, updated.date_changes, updated.mention) == (sent.weekly, sent.date_changes, sent.mention)
    assert [line.version for line in updated.lines] == [line.version for line in sent.lines]
    assert "<@U1> acknowledged this" in message.render(updated)["text"]
