"""Reminders as people want them: ladders, days off, holidays, quiet hours, mentions, summaries, decisions, previews."""

from datetime import date, datetime, timedelta

from bot import answers
from bot.service.delivery.dry_run import simulate_tick
from bot.service.place import Place
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.reminders.message import render_reminder as drawn
from bot.slack.blocks.render import render
from storage.facts import Milestone
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, change_settings, utc

LAST_DAY = date(2027, 4, 13)
AVAILABILITY = Milestone.END_OF_AVAILABILITY


def daily(desk: Driver, first: str, last: str, hour: str = "09:00") -> None:
    delivery = desk.build_loop()
    moment = utc(f"{first} {hour}")
    while moment <= utc(f"{last} {hour}"):
        delivery.tick(moment)
        moment += timedelta(days=1)


def test_a_channels_own_ladder_is_the_one_that_counts(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "ladder 45 2 passed", utc("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-20")
    assert desk.sender.list_rungs() == [("2027-02-26", 45), ("2027-04-09", 2), ("2027-04-14", -1)]


def test_a_rung_that_is_new_on_the_ladder_and_behind_is_not_made_up_for(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "ladder 7", utc("2026-12-01 10:00"))
    change_settings(desk, "ladder 100 7", utc("2027-02-01 10:00"))
    daily(desk, "2027-02-01", "2027-04-20")
    assert desk.sender.list_rungs() == [("2027-04-06", 7)]


def test_public_holidays_as_observed_move_a_rung_to_the_working_day_before(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "country DE ladder 18 15 0 passed", utc("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-20")
    # 26 March 2027 is Good Friday and 29 March Easter Monday: 18 days before is Friday, 15 before is Monday
    assert desk.sender.list_rungs() == [("2027-03-25", 15), ("2027-04-13", 0), ("2027-04-14", -1)]


def test_quiet_hours_hold_even_the_last_day_whose_text_is_made_anew(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "ladder 0 passed quiet 18:00-09:00", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    delivery.tick(utc("2026-12-02 09:00"))
    for hour in range(20):
        delivery.tick(utc("2027-04-13 23:00") + timedelta(hours=hour))
    assert desk.sender.list_rungs() == [("2027-04-14", -1)]


def test_quiet_hours_end_on_a_working_day(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "ladder 32 0 quiet 18:00-08:30", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    for hour in range(80):  # the rung falls on Friday 12 March and the bot comes back that night
        delivery.tick(utc("2027-03-12 20:00") + timedelta(hours=hour))
    assert desk.sender.list_rungs() == [("2027-03-15", 32)]


def test_a_mention_comes_from_the_chosen_day_on(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "mention <@U42|ana> from 14", utc("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-14")
    named = {line.rung: message.mention for message in desk.sender.accepted for line in message.lines}
    assert [rung for rung, who in named.items() if who == "U42"] == [14, 7, 3, 1, 0, -1]
    assert drawn(desk.sender.accepted[-1])["text"].startswith("<@U42>")


def test_a_weekly_summary_proves_life_and_takes_the_far_rungs_along(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "weekly on", utc("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-01-31")
    summaries = [message for message in desk.sender.accepted if message.weekly]
    assert len(summaries) == len(desk.sender.accepted) == 8
    assert {message.day.weekday() for message in summaries} == {0}
    (carrying,) = (message for message in summaries if message.lines)
    assert (str(carrying.day), carrying.lines[0].rung, carrying.lines[0].days_left) == ("2027-01-18", 90, 85)
    assert not carrying.lines[0].is_late
    first = drawn(summaries[0])["text"]
    assert "Nothing is due for" in first
    assert "52 rows" in first


def test_a_summary_falls_on_the_first_working_day_and_names_what_is_left_open(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(desk, "weekly on country DE", utc("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-30")
    days = [message.day for message in desk.sender.accepted if message.weekly]
    assert date(2027, 3, 30) in days  # the Tuesday after Easter Monday
    assert "not marked as migrated" in drawn(desk.sender.accepted[-1])["text"]
    DecisionFactory(desk.database, desk.default).migrate("pytorch-2.7", PLACE, utc("2027-04-30 10:00"))
    daily(desk, "2027-05-01", "2027-05-04")
    assert "not marked as migrated" not in drawn(desk.sender.accepted[-1])["text"]


def test_an_acknowledged_date_is_quiet_until_the_last_call(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    DecisionFactory(desk.database, desk.default).acknowledge(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, utc("2027-02-01 10:00")
    )
    daily(desk, "2026-12-02", "2027-04-20")
    assert [rung for _, rung in desk.sender.list_rungs()] == [1, 0, -1]


def test_a_decision_taken_back_lets_the_next_rung_come(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    deciding = DecisionFactory(desk.database, desk.default)
    decision = deciding.migrate("pytorch-2.7", PLACE, utc("2027-01-02 10:00"))
    daily(desk, "2026-12-02", "2027-03-01")
    assert desk.sender.list_rungs() == []
    assert deciding.undo(decision, utc("2027-03-01 10:00"))
    assert not deciding.undo(decision, utc("2027-03-01 10:01"))
    daily(desk, "2027-03-02", "2027-04-01")
    assert [rung for _, rung in desk.sender.list_rungs()] == [30, 14]


def test_a_snooze_is_clamped_to_the_last_working_day_before_the_date(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    deciding = DecisionFactory(desk.database, desk.default)
    found = deciding.snooze("pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, utc("2027-04-01 10:00"), date(2027, 5, 1))
    assert found.snoozed_until == date(2027, 4, 12)
    daily(desk, "2027-04-01", "2027-04-20")
    assert desk.sender.list_rungs() == [("2027-04-12", 1), ("2027-04-13", 0), ("2027-04-14", -1)]


def test_a_snooze_of_a_week_brings_one_back_that_day(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    found = DecisionFactory(desk.database, desk.default).snooze(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, utc("2027-01-14 10:00"), None
    )
    assert found.snoozed_until == date(2027, 1, 21)
    daily(desk, "2027-01-14", "2027-02-15")
    assert desk.sender.list_rungs() == [("2027-01-21", 82), ("2027-02-12", 60)]


def previewed(desk: Driver, text: str, now: datetime) -> answers.Preview:
    found = desk.run(text, now)
    assert isinstance(found, answers.Preview)
    return found


def looked_at(promised: set[datetime], first: datetime, end: datetime) -> list[datetime]:
    """Every twelfth hour, each promised moment, and an hour before and after: what comes else, comes at another one."""
    hour = timedelta(hours=1)
    regular = {first + n * 12 * hour for n in range((end - first) // (12 * hour))}
    around = {moment + shift for moment in promised for shift in (-hour, 0 * hour, hour)}
    return sorted(moment for moment in regular | around if first <= moment < end)


def test_a_preview_says_exactly_what_then_comes(desk: Driver) -> None:
    now = utc("2026-12-01 10:00")
    desk.run("subscribe pytorch-2.7 cu128", now)
    change_settings(desk, "zone America/New_York country US quiet 07:00-10:00", now)
    found = previewed(desk, "preview 365d", now)
    promised = {(line.at, line.version, line.rung) for line in found.lines if not line.skip_reason}
    delivery = desk.build_loop()
    came = set()
    for moment in looked_at({moment for moment, *_ in promised}, now, utc("2027-05-01 00:00")):
        before = len(desk.sender.accepted)
        delivery.tick(moment)
        came |= {(moment, line.version, line.rung) for m in desk.sender.accepted[before:] for line in m.lines}
    assert came == promised
    silent = [(line.rung, line.skip_reason) for line in found.lines if line.skip_reason]
    assert all(why for _, why in silent)
    assert len(found.lines) == len(promised) + len(silent)


def test_a_preview_says_why_the_others_do_not_come(lone_desk: Driver) -> None:
    now = utc("2026-12-01 10:00")
    lone_desk.run("subscribe pytorch-2.7", now)
    change_settings(lone_desk, "ladder 10 9 8 7 3 1 0 passed", now)
    DecisionFactory(lone_desk.database, lone_desk.default).acknowledge(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, now
    )
    found = previewed(lone_desk, "preview 1y", now)
    why = {line.rung: line.skip_reason for line in found.lines}
    assert why[1] == why[0] == why[-1] == ""
    assert "which is sent instead" in why[10]
    assert "acknowledged" in why[7]
    text = render(found)["text"]
    assert "3 messages in the next 365 days" in text
    assert "Won’t be sent (5)" in text


def test_a_preview_of_nothing_says_what_comes_after_it(lone_desk: Driver) -> None:
    now = utc("2026-12-01 10:00")
    assert "has no subscriptions" in render(previewed(lone_desk, "preview", now))["text"]
    lone_desk.run("subscribe pytorch-2.7", now)
    assert "Next message: *Wed 13 Jan 2027" in render(previewed(lone_desk, "preview 7d", now))["text"]
    change_settings(lone_desk, "notes on", now)
    assert "Release notes about these versions" in render(previewed(lone_desk, "preview 7d", now))["text"]
    gone = Place("T1", "C9", "U1")
    lone_desk.run("subscribe pytorch-2.3", now, gone)
    found = lone_desk.run("preview", now, gone)
    assert "every date has passed" in render(found)["text"]


def test_a_rehearsal_tells_who_hears_what_and_why_others_do_not(desk: Driver) -> None:
    now = utc("2026-12-01 10:00")
    desk.run("subscribe pytorch-2.7", now)
    desk.run("subscribe pytorch-2.7", now, Place("T1", "C2", "U1"))
    DecisionFactory(desk.database, desk.default).migrate("pytorch-2.7", PLACE, now)
    found = simulate_tick(desk.database, SnapshotCache(), desk.default, utc("2027-01-13 09:00"))
    assert [message.channel_id for message in found.messages] == ["C2"]
    assert [(each.reminder.channel_id, each.reason) for each in found.unsent] == [("C1", "this channel has migrated")]
    assert desk.build_loop().tick(utc("2027-01-13 09:00")).planned == 2


def test_one_message_a_channel_and_day_unless_it_is_urgent(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 08:00"))
    delivery = desk.build_loop()
    delivery.tick(utc("2027-01-13 09:00"))
    desk.run("subscribe cu128", utc("2027-01-13 08:59"))
    desk.run("settings hour 15:00", utc("2027-01-13 09:30"))
    delivery.tick(utc("2027-01-13 15:00"))
    assert len(desk.sender.accepted) == 1
    delivery.tick(utc("2027-01-14 15:00"))
    assert [line.version for line in desk.sender.accepted[-1].lines] == ["base-cu128"]
