"""What was decided on a reminder while its date moves: by press, and to the messages that come of it."""

from datetime import date, timedelta

import pytest

from bot.slack.blocks.reminders import message
from storage.database import Database
from storage.facts import Decided
from tests.service.catalogue.test_date_changes import take
from tests.service.driver import at
from tests.slack.button_driver import VERSION, Channel, reminded

DAY = timedelta(days=1)
LATER, SOONER = date(2027, 10, 13), date(2027, 3, 2)


@pytest.fixture
def channel(database: Database) -> Channel:
    """On each of the two engines in turn."""
    return reminded(database)


@pytest.fixture
def lone(sqlite_database: Database) -> Channel:
    """On SQLite alone, for what no engine can change."""
    return reminded(sqlite_database)


def owned(channel: Channel, who: str = "U42") -> None:
    channel.press("own")
    channel.submit({"owner_person": {"selected_user": who}})


def days(channel: Channel, until: str) -> None:
    while channel.now < at(f"{until} 09:00"):
        channel.tick(DAY)
        channel.desk.delivery().tick(channel.now + timedelta(seconds=3))


def last(channel: Channel) -> str:
    """The message that came last, as it came."""
    return str(message.message(channel.desk.sender.accepted[-1])["text"])


def test_case_38_a_later_date_keeps_the_acknowledgement_and_says_what_it_was_given_for(channel: Channel) -> None:
    channel.press("acknowledge", user="UANA")
    owned(channel)
    take(channel.desk, at("2027-01-14 08:00"), end_of_availability=LATER)
    days(channel, "2027-01-14")
    assert "What this channel decided for the old date goes on: acknowledged." in last(channel)
    assert "Owner: <@U42>." in last(channel)
    days(channel, "2027-10-12")
    rungs = [rung for _, rung in channel.desk.sender.rungs()]
    assert rungs == [90, 1]
    assert "Acknowledged by <@UANA> on 13 Jan 2027: quiet until the last call on 12 Oct 2027." in last(channel)
    assert "It was given for 13 Apr 2027, which has moved." in last(channel)
    assert "Owner: <@U42>, named by <@U1>" in last(channel)


def test_case_39_an_earlier_date_voids_acknowledgement_and_snooze_but_no_owner(lone: Channel) -> None:
    lone.press("acknowledge")
    owned(lone)
    take(lone.desk, at("2027-02-20 08:00"), end_of_availability=SOONER)
    assert [d.decided for d in lone.in_force()] == [Decided.OWNED]
    assert "The catalogue has no such date for pytorch-2.7" in lone.press("undo_acknowledged")
    lone.now = at("2027-02-19 09:00")
    days(lone, "2027-03-03")
    assert [rung for _, rung in lone.desk.sender.rungs()] == [90, 7, 3, 1, 0, -1]
    assert "Owner: <@U42>" in last(lone)


def test_case_40_a_date_moved_after_it_had_passed_begins_anew_with_its_owner(sqlite_database: Database) -> None:
    late = reminded(sqlite_database, "2027-04-12 09:00")
    owned(late)
    days(late, "2027-04-20")
    take(late.desk, at("2027-04-21 08:00"), end_of_availability=LATER)
    days(late, "2027-04-21")
    assert "Disregard the earlier message" in last(late)
    assert [d.milestone_date for d in late.in_force()] == [LATER]
    days(late, "2027-07-16")
    assert late.desk.sender.rungs()[-1][1] == 90
    assert "Owner: <@U42>" in last(late)


def test_case_41_a_snooze_beyond_the_date_ends_on_friday_before_and_says_so(sqlite_database: Database) -> None:
    near = reminded(sqlite_database, "2026-04-06 09:00", since="2026-03-01 10:00")
    value = f"{VERSION}|end_of_patch_and_support|2026-04-13"
    answer = near.snooze("week", value)
    assert "until 10 Apr 2026, the last working day before the date" in answer
    near.tick(timedelta(seconds=2))
    assert "until 10 Apr 2026, the last working day before the date" in near.shown()["text"]
    days(near, "2026-04-14")
    assert [day for day, _ in near.desk.sender.rungs()] == ["2026-04-06", "2026-04-10", "2026-04-13", "2026-04-14"]


def test_case_42_acknowledged_at_30_days_it_is_silent_until_the_last_call(sqlite_database: Database) -> None:
    month = reminded(sqlite_database, "2027-03-12 09:00")
    month.press("acknowledge")
    days(month, "2027-04-20")
    assert [rung for _, rung in month.desk.sender.rungs()] == [30, 1, 0, -1]


def test_a_message_drawn_anew_keeps_the_summary_and_the_notices_it_came_with(sqlite_database: Database) -> None:
    whole = reminded(sqlite_database, "2027-01-13 09:00", "pytorch-2.7 pytorch-2.4")
    whole.desk.say("settings weekly on mention <@U9|x> from 100", at("2027-01-13 10:00"))
    whole.now = at("2027-02-12 08:00")
    take(whole.desk, at("2027-02-12 08:00"), end_of_patch_and_support=date(2027, 4, 1))
    days(whole, "2027-02-15")
    carrying = [m for m in whole.desk.sender.accepted if m.lines and (m.weekly or m.moved)]
    assert carrying
    sent, number = carrying[-1], whole.desk.sender.accepted.index(carrying[-1]) + 1
    line = sent.lines[0]
    whole.press("acknowledge", f"{line.version}|{line.milestone.value}|{line.milestone_date}", ts=f"{number}.000100")
    whole.tick(timedelta(seconds=2))
    drawn = whole.desk.sender.corrected[-1][1]
    assert (drawn.weekly, drawn.moved, drawn.mention) == (sent.weekly, sent.moved, sent.mention)
    assert [each.version for each in drawn.lines] == [each.version for each in sent.lines]
    assert "Acknowledged by <@U1>" in message.message(drawn)["text"]
