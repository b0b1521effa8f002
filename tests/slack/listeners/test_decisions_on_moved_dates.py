"""What was decided on a reminder while its date moves: by press, and to the messages that come of it."""

from datetime import date, timedelta

import pytest

from bot.slack.blocks.reminders import message
from storage.database import Database
from storage.facts import DecisionKind
from tests.service.catalogue.test_date_changes import take
from tests.service.driver import utc
from tests.slack.button_driver import VERSION, ReminderChannel, build_reminded_channel

DAY = timedelta(days=1)
LATER, SOONER = date(2027, 10, 13), date(2027, 3, 2)


@pytest.fixture
def channel(database: Database) -> ReminderChannel:
    """On each of the two engines in turn."""
    return build_reminded_channel(database)


@pytest.fixture
def lone(sqlite_database: Database) -> ReminderChannel:
    """On SQLite alone, for what no engine can change."""
    return build_reminded_channel(sqlite_database)


def owned(channel: ReminderChannel, who: str = "U42") -> None:
    channel.press("own")
    channel.submit({"owner_person": {"selected_user": who}})


def days(channel: ReminderChannel, until: str) -> None:
    while channel.now < utc(f"{until} 09:00"):
        channel.tick(DAY)
        channel.desk.build_loop().tick(channel.now + timedelta(seconds=3))


def last(channel: ReminderChannel) -> str:
    """The message that came last, as it came."""
    return str(message.render(channel.desk.sender.accepted[-1])["text"])


def test_case_38_a_later_date_keeps_the_acknowledgement_and_says_what_it_was_given_for(
    channel: ReminderChannel,
) -> None:
    channel.press("acknowledge", user="UANA")
    owned(channel)
    take(channel.desk, utc("2027-01-14 08:00"), end_of_availability=LATER)
    days(channel, "2027-01-14")
    assert "Still in force for the new date: acknowledged." in last(channel)
    assert "Owner: <@U42>." in last(channel)
    days(channel, "2027-10-12")
    rungs = [rung for _, rung in channel.desk.sender.list_rungs()]
    assert rungs == [90, 1]
    assert "<@UANA> acknowledged this (13 Jan 2027). Next reminder: the last call on 12 Oct 2027." in last(channel)
    assert "This was for 13 Apr 2027; the date has changed since." in last(channel)
    assert "Owner: <@U42>, assigned by <@U1>" in last(channel)


def test_case_39_an_earlier_date_voids_acknowledgement_and_snooze_but_no_owner(lone: ReminderChannel) -> None:
    lone.press("acknowledge")
    owned(lone)
    take(lone.desk, utc("2027-02-20 08:00"), end_of_availability=SOONER)
    assert [d.kind for d in lone.list_decisions()] == [DecisionKind.OWNED]
    assert "The catalogue no longer has this date for pytorch-2.7" in lone.press("undo_acknowledged")
    lone.now = utc("2027-02-19 09:00")
    days(lone, "2027-03-03")
    assert [rung for _, rung in lone.desk.sender.list_rungs()] == [90, 7, 3, 1, 0, -1]
    assert "Owner: <@U42>" in last(lone)


def test_case_40_a_date_moved_after_it_had_passed_begins_anew_with_its_owner(sqlite_database: Database) -> None:
    late = build_reminded_channel(sqlite_database, "2027-04-12 09:00")
    owned(late)
    days(late, "2027-04-20")
    take(late.desk, utc("2027-04-21 08:00"), end_of_availability=LATER)
    days(late, "2027-04-21")
    assert "Ignore the earlier message" in last(late)
    assert [d.milestone_date for d in late.list_decisions()] == [LATER]
    days(late, "2027-07-16")
    assert late.desk.sender.list_rungs()[-1][1] == 90
    assert "Owner: <@U42>" in last(late)


def test_case_41_a_snooze_beyond_the_date_ends_on_friday_before_and_says_so(sqlite_database: Database) -> None:
    near = build_reminded_channel(sqlite_database, "2026-04-06 09:00", since="2026-03-01 10:00")
    value = f"{VERSION}|end_of_patch_and_support|2026-04-13"
    answer = near.snooze("week", value)
    assert "until 10 Apr 2026, the last working day before the date" in answer
    near.tick(timedelta(seconds=2))
    assert "until 10 Apr 2026, the last working day before the date" in near.render_message()["text"]
    days(near, "2026-04-14")
    assert [day for day, _ in near.desk.sender.list_rungs()] == ["2026-04-06", "2026-04-10", "2026-04-13", "2026-04-14"]


def test_case_42_acknowledged_at_30_days_it_is_silent_until_the_last_call(sqlite_database: Database) -> None:
    month = build_reminded_channel(sqlite_database, "2027-03-12 09:00")
    month.press("acknowledge")
    days(month, "2027-04-20")
    assert [rung for _, rung in month.desk.sender.list_rungs()] == [30, 1, 0, -1]


def test_a_message_drawn_anew_keeps_the_summary_and_the_notices_it_came_with(sqlite_database: Database) -> None:
    whole = build_reminded_channel(sqlite_database, "2027-01-13 09:00", "pytorch-2.7 pytorch-2.4")
    whole.desk.run("settings weekly on mention <@U9|x> from 100", utc("2027-01-13 10:00"))
    whole.now = utc("2027-02-12 08:00")
    take(whole.desk, utc("2027-02-12 08:00"), end_of_patch_and_support=date(2027, 4, 1))
    days(whole, "2027-02-15")
    carrying = [m for m in whole.desk.sender.accepted if m.lines and (m.weekly or m.date_changes)]
    assert carrying
    sent, number = carrying[-1], whole.desk.sender.accepted.index(carrying[-1]) + 1
    line = sent.lines[0]
    whole.press("acknowledge", f"{line.version}|{line.milestone.value}|{line.milestone_date}", ts=f"{number}.000100")
    whole.tick(timedelta(seconds=2))
    drawn = whole.desk.sender.updated[-1][1]
    assert (drawn.weekly, drawn.date_changes, drawn.mention) == (sent.weekly, sent.date_changes, sent.mention)
    assert [each.version for each in drawn.lines] == [each.version for each in sent.lines]
    assert "<@U1> acknowledged this" in message.render(drawn)["text"]
