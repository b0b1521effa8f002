"""Reminders as people want them: ladders, days off, holidays, quiet hours, mentions, summaries, decisions, previews."""

from datetime import date, datetime, timedelta

from bot import answers
from bot.service.delivery.dry_run import rehearse
from bot.service.place import Place
from bot.service.versions.snapshot import KnownVersions
from bot.slack.blocks.reminders.message import reminder as drawn
from bot.slack.blocks.render import draw
from storage.facts import Milestone
from tests.service.decision_factories import Decisions
from tests.service.driver import PLACE, Desk, at, settings

LAST_DAY = date(2027, 4, 13)
AVAILABILITY = Milestone.END_OF_AVAILABILITY


def daily(desk: Desk, first: str, last: str, hour: str = "09:00") -> None:
    delivery = desk.delivery()
    moment = at(f"{first} {hour}")
    while moment <= at(f"{last} {hour}"):
        delivery.tick(moment)
        moment += timedelta(days=1)


def test_a_channels_own_ladder_is_the_one_that_counts(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "ladder 45 2 passed", at("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-20")
    assert desk.sender.rungs() == [("2027-02-26", 45), ("2027-04-09", 2), ("2027-04-14", -1)]


def test_a_rung_that_is_new_on_the_ladder_and_behind_is_not_made_up_for(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "ladder 7", at("2026-12-01 10:00"))
    settings(desk, "ladder 100 7", at("2027-02-01 10:00"))
    daily(desk, "2027-02-01", "2027-04-20")
    assert desk.sender.rungs() == [("2027-04-06", 7)]


def test_public_holidays_as_observed_move_a_rung_to_the_working_day_before(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "country DE ladder 18 15 0 passed", at("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-20")
    # 26 March 2027 is Good Friday and 29 March Easter Monday: 18 days before is Friday, 15 before is Monday
    assert desk.sender.rungs() == [("2027-03-25", 15), ("2027-04-13", 0), ("2027-04-14", -1)]


def test_quiet_hours_hold_even_the_last_day_whose_text_is_made_anew(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "ladder 0 passed quiet 18:00-09:00", at("2026-12-01 10:00"))
    delivery = desk.delivery()
    delivery.tick(at("2026-12-02 09:00"))
    for hour in range(20):
        delivery.tick(at("2027-04-13 23:00") + timedelta(hours=hour))
    assert desk.sender.rungs() == [("2027-04-14", -1)]


def test_quiet_hours_end_on_a_working_day(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "ladder 32 0 quiet 18:00-08:30", at("2026-12-01 10:00"))
    delivery = desk.delivery()
    for hour in range(80):  # the rung falls on Friday 12 March and the bot comes back that night
        delivery.tick(at("2027-03-12 20:00") + timedelta(hours=hour))
    assert desk.sender.rungs() == [("2027-03-15", 32)]


def test_a_mention_comes_from_the_chosen_day_on(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "mention <@U42|ana> from 14", at("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-14")
    named = {line.rung: message.mention for message in desk.sender.accepted for line in message.lines}
    assert [rung for rung, who in named.items() if who == "U42"] == [14, 7, 3, 1, 0, -1]
    assert drawn(desk.sender.accepted[-1])["text"].startswith("<@U42>")


def test_a_weekly_summary_proves_life_and_takes_the_far_rungs_along(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "weekly on", at("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-01-31")
    summaries = [message for message in desk.sender.accepted if message.weekly]
    assert len(summaries) == len(desk.sender.accepted) == 8
    assert {message.day.weekday() for message in summaries} == {0}
    (carrying,) = (message for message in summaries if message.lines)
    assert (str(carrying.day), carrying.lines[0].rung, carrying.lines[0].days_left) == ("2027-01-18", 90, 85)
    assert not carrying.lines[0].late
    first = drawn(summaries[0])["text"]
    assert "Nothing is due for" in first
    assert "52 rows" in first


def test_a_summary_falls_on_the_first_working_day_and_names_what_is_left_open(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    settings(desk, "weekly on country DE", at("2026-12-01 10:00"))
    daily(desk, "2026-12-02", "2027-04-30")
    days = [message.day for message in desk.sender.accepted if message.weekly]
    assert date(2027, 3, 30) in days  # the Tuesday after Easter Monday
    assert "nobody said that this channel has migrated" in drawn(desk.sender.accepted[-1])["text"]
    Decisions(desk.database, desk.default).migrate("pytorch-2.7", PLACE, at("2027-04-30 10:00"))
    daily(desk, "2027-05-01", "2027-05-04")
    assert "nobody said" not in drawn(desk.sender.accepted[-1])["text"]


def test_an_acknowledged_date_is_quiet_until_the_last_call(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    Decisions(desk.database, desk.default).acknowledge(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, at("2027-02-01 10:00")
    )
    daily(desk, "2026-12-02", "2027-04-20")
    assert [rung for _, rung in desk.sender.rungs()] == [1, 0, -1]


def test_a_decision_taken_back_lets_the_next_rung_come(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    deciding = Decisions(desk.database, desk.default)
    decision = deciding.migrate("pytorch-2.7", PLACE, at("2027-01-02 10:00"))
    daily(desk, "2026-12-02", "2027-03-01")
    assert desk.sender.rungs() == []
    assert deciding.undo(decision, at("2027-03-01 10:00"))
    assert not deciding.undo(decision, at("2027-03-01 10:01"))
    daily(desk, "2027-03-02", "2027-04-01")
    assert [rung for _, rung in desk.sender.rungs()] == [30, 14]


def test_a_snooze_is_clamped_to_the_last_working_day_before_the_date(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    deciding = Decisions(desk.database, desk.default)
    found = deciding.snooze("pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, at("2027-04-01 10:00"), date(2027, 5, 1))
    assert found.until == date(2027, 4, 12)
    daily(desk, "2027-04-01", "2027-04-20")
    assert desk.sender.rungs() == [("2027-04-12", 1), ("2027-04-13", 0), ("2027-04-14", -1)]


def test_a_snooze_of_a_week_brings_one_back_that_day(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 10:00"))
    found = Decisions(desk.database, desk.default).snooze(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, at("2027-01-14 10:00"), None
    )
    assert found.until == date(2027, 1, 21)
    daily(desk, "2027-01-14", "2027-02-15")
    assert desk.sender.rungs() == [("2027-01-21", 82), ("2027-02-12", 60)]


def previewed(desk: Desk, text: str, now: datetime) -> answers.Preview:
    found = desk.say(text, now)
    assert isinstance(found, answers.Preview)
    return found


def looked_at(promised: set[datetime], first: datetime, end: datetime) -> list[datetime]:
    """Every twelfth hour, each promised moment, and an hour before and after: what comes else, comes at another one."""
    hour = timedelta(hours=1)
    regular = {first + n * 12 * hour for n in range((end - first) // (12 * hour))}
    around = {moment + shift for moment in promised for shift in (-hour, 0 * hour, hour)}
    return sorted(moment for moment in regular | around if first <= moment < end)


def test_a_preview_says_exactly_what_then_comes(desk: Desk) -> None:
    now = at("2026-12-01 10:00")
    desk.say("subscribe pytorch-2.7 cu128", now)
    settings(desk, "zone America/New_York country US quiet 07:00-10:00", now)
    found = previewed(desk, "preview 365d", now)
    promised = {(line.at, line.version, line.rung) for line in found.lines if not line.why_not}
    delivery = desk.delivery()
    came = set()
    for moment in looked_at({moment for moment, *_ in promised}, now, at("2027-05-01 00:00")):
        before = len(desk.sender.accepted)
        delivery.tick(moment)
        came |= {(moment, line.version, line.rung) for m in desk.sender.accepted[before:] for line in m.lines}
    assert came == promised
    silent = [(line.rung, line.why_not) for line in found.lines if line.why_not]
    assert all(why for _, why in silent)
    assert len(found.lines) == len(promised) + len(silent)


def test_a_preview_says_why_the_others_do_not_come(lone_desk: Desk) -> None:
    now = at("2026-12-01 10:00")
    lone_desk.say("subscribe pytorch-2.7", now)
    settings(lone_desk, "ladder 10 9 8 7 3 1 0 passed", now)
    Decisions(lone_desk.database, lone_desk.default).acknowledge("pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, now)
    found = previewed(lone_desk, "preview 1y", now)
    why = {line.rung: line.why_not for line in found.lines}
    assert why[1] == why[0] == why[-1] == ""
    assert "which comes instead" in why[10]
    assert "acknowledged" in why[7]
    text = draw(found)["text"]
    assert "3 messages in the next 365 days" in text
    assert "Will not come by themselves (5)" in text


def test_a_preview_of_nothing_says_what_comes_after_it(lone_desk: Desk) -> None:
    now = at("2026-12-01 10:00")
    assert "watches nothing" in draw(previewed(lone_desk, "preview", now))["text"]
    lone_desk.say("subscribe pytorch-2.7", now)
    assert "The next one after that: *Wed 13 Jan 2027" in draw(previewed(lone_desk, "preview 7d", now))["text"]
    settings(lone_desk, "notes on", now)
    assert "What the release notes say of these versions" in draw(previewed(lone_desk, "preview 7d", now))["text"]
    gone = Place("T1", "C9", "U1")
    lone_desk.say("subscribe pytorch-2.3", now, gone)
    found = lone_desk.say("preview", now, gone)
    assert "every date has passed" in draw(found)["text"]


def test_a_rehearsal_tells_who_hears_what_and_why_others_do_not(desk: Desk) -> None:
    now = at("2026-12-01 10:00")
    desk.say("subscribe pytorch-2.7", now)
    desk.say("subscribe pytorch-2.7", now, Place("T1", "C2", "U1"))
    Decisions(desk.database, desk.default).migrate("pytorch-2.7", PLACE, now)
    found = rehearse(desk.database, KnownVersions(), desk.default, at("2027-01-13 09:00"))
    assert [message.channel_id for message in found.messages] == ["C2"]
    assert [(each.reminder.channel_id, each.why) for each in found.silent] == [("C1", "this channel has migrated")]
    assert desk.delivery().tick(at("2027-01-13 09:00")).planned == 2


def test_one_message_a_channel_and_day_unless_it_is_urgent(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", at("2026-12-01 08:00"))
    delivery = desk.delivery()
    delivery.tick(at("2027-01-13 09:00"))
    desk.say("subscribe cu128", at("2027-01-13 08:59"))
    desk.say("settings hour 15:00", at("2027-01-13 09:30"))
    delivery.tick(at("2027-01-13 15:00"))
    assert len(desk.sender.accepted) == 1
    delivery.tick(at("2027-01-14 15:00"))
    assert [line.version for line in desk.sender.accepted[-1].lines] == ["base-cu128"]
