"""Settings and decisions of a channel change its reminders, previews and dry runs."""

from datetime import date, datetime, timedelta

from bot import answers
from bot.service.delivery.dry_run import simulate_tick
from bot.service.place import Place
from bot.service.versions.snapshot import SnapshotCache
from bot.slack.blocks.reminders.message import render_reminder
from bot.slack.blocks.render import render
from storage.facts import Milestone
from tests.service.decision_factories import DecisionFactory
from tests.service.driver import PLACE, Driver, change_settings, utc

LAST_DAY = date(2027, 4, 13)
AVAILABILITY = Milestone.END_OF_AVAILABILITY


def tick_daily(driver: Driver, first: str, last: str, hour: str = "09:00") -> None:
    loop = driver.build_loop()
    moment = utc(f"{first} {hour}")
    while moment <= utc(f"{last} {hour}"):
        loop.tick(moment)
        moment += timedelta(days=1)


def test_channel_ladder_replaces_the_default(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "ladder 45 2 passed", utc("2026-12-01 10:00"))
    tick_daily(driver, "2026-12-02", "2027-04-20")
    assert driver.sender.list_rungs() == [("2027-02-26", 45), ("2027-04-09", 2), ("2027-04-14", -1)]


def test_new_rung_in_the_past_is_not_sent(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "ladder 7", utc("2026-12-01 10:00"))
    change_settings(driver, "ladder 100 7", utc("2027-02-01 10:00"))
    tick_daily(driver, "2027-02-01", "2027-04-20")
    assert driver.sender.list_rungs() == [("2027-04-06", 7)]


def test_public_holiday_moves_a_rung_to_the_working_day_before(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "country DE ladder 18 15 0 passed", utc("2026-12-01 10:00"))
    tick_daily(driver, "2026-12-02", "2027-04-20")
    # 26 March 2027 is Good Friday and 29 March Easter Monday: 18 days before is Friday, 15 before is Monday
    assert driver.sender.list_rungs() == [("2027-03-25", 15), ("2027-04-13", 0), ("2027-04-14", -1)]


def test_quiet_hours_postpone_even_the_last_day(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "ladder 0 passed quiet 18:00-09:00", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    loop.tick(utc("2026-12-02 09:00"))
    for hour in range(20):
        loop.tick(utc("2027-04-13 23:00") + timedelta(hours=hour))
    assert driver.sender.list_rungs() == [("2027-04-14", -1)]


def test_quiet_hours_end_on_a_working_day(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "ladder 32 0 quiet 18:00-08:30", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    for hour in range(80):  # the rung is due on Friday 12 March, and the first tick is that night
        loop.tick(utc("2027-03-12 20:00") + timedelta(hours=hour))
    assert driver.sender.list_rungs() == [("2027-03-15", 32)]


def test_mention_starts_on_the_chosen_day(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "mention <@U42|ana> from 14", utc("2026-12-01 10:00"))
    tick_daily(driver, "2026-12-02", "2027-04-14")
    mentions = {line.rung: message.mention for message in driver.sender.accepted for line in message.lines}
    assert [rung for rung, mention in mentions.items() if mention == "U42"] == [14, 7, 3, 1, 0, -1]
    assert render_reminder(driver.sender.accepted[-1])["text"].startswith("<@U42>")


def test_weekly_summary_is_sent_every_week_and_takes_early_rungs(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "weekly on", utc("2026-12-01 10:00"))
    tick_daily(driver, "2026-12-02", "2027-01-31")
    summaries = [message for message in driver.sender.accepted if message.weekly]
    assert len(summaries) == len(driver.sender.accepted) == 8
    assert {message.day.weekday() for message in summaries} == {0}
    (with_line,) = (message for message in summaries if message.lines)
    assert (str(with_line.day), with_line.lines[0].rung, with_line.lines[0].days_left) == ("2027-01-18", 90, 85)
    assert not with_line.lines[0].is_late
    text = render_reminder(summaries[0])["text"]
    assert "Nothing is due for" in text
    assert "52 rows" in text


def test_summary_on_first_working_day_lists_unmigrated_versions(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    change_settings(driver, "weekly on country DE", utc("2026-12-01 10:00"))
    tick_daily(driver, "2026-12-02", "2027-04-30")
    days = [message.day for message in driver.sender.accepted if message.weekly]
    assert date(2027, 3, 30) in days  # the Tuesday after Easter Monday
    assert "not marked as migrated" in render_reminder(driver.sender.accepted[-1])["text"]
    DecisionFactory(driver.database, driver.default).migrate("pytorch-2.7", PLACE, utc("2027-04-30 10:00"))
    tick_daily(driver, "2027-05-01", "2027-05-04")
    assert "not marked as migrated" not in render_reminder(driver.sender.accepted[-1])["text"]


def test_acknowledged_date_is_quiet_until_the_last_call(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    DecisionFactory(driver.database, driver.default).acknowledge(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, utc("2027-02-01 10:00")
    )
    tick_daily(driver, "2026-12-02", "2027-04-20")
    assert [rung for _, rung in driver.sender.list_rungs()] == [1, 0, -1]


def test_rungs_are_sent_again_after_undoing_a_decision(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    decisions = DecisionFactory(driver.database, driver.default)
    decision = decisions.migrate("pytorch-2.7", PLACE, utc("2027-01-02 10:00"))
    tick_daily(driver, "2026-12-02", "2027-03-01")
    assert driver.sender.list_rungs() == []
    assert decisions.undo(decision, utc("2027-03-01 10:00"))
    assert not decisions.undo(decision, utc("2027-03-01 10:01"))
    tick_daily(driver, "2027-03-02", "2027-04-01")
    assert [rung for _, rung in driver.sender.list_rungs()] == [30, 14]


def test_snooze_ends_on_the_last_working_day_before_the_date(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    decisions = DecisionFactory(driver.database, driver.default)
    decision = decisions.snooze("pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, utc("2027-04-01 10:00"), date(2027, 5, 1))
    assert decision.snoozed_until == date(2027, 4, 12)
    tick_daily(driver, "2027-04-01", "2027-04-20")
    assert driver.sender.list_rungs() == [("2027-04-12", 1), ("2027-04-13", 0), ("2027-04-14", -1)]


def test_reminder_returns_on_the_last_day_of_a_snooze(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    decision = DecisionFactory(driver.database, driver.default).snooze(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, utc("2027-01-14 10:00"), None
    )
    assert decision.snoozed_until == date(2027, 1, 21)
    tick_daily(driver, "2027-01-14", "2027-02-15")
    assert driver.sender.list_rungs() == [("2027-01-21", 82), ("2027-02-12", 60)]


def run_preview(driver: Driver, text: str, now: datetime) -> answers.Preview:
    answer = driver.run(text, now)
    assert isinstance(answer, answers.Preview)
    return answer


def list_tick_times(expected: set[datetime], first: datetime, end: datetime) -> list[datetime]:
    """Return every twelfth hour, each expected instant, and an hour before and after it, to notice other messages."""
    hour = timedelta(hours=1)
    regular = {first + n * 12 * hour for n in range((end - first) // (12 * hour))}
    around = {moment + shift for moment in expected for shift in (-hour, 0 * hour, hour)}
    return sorted(moment for moment in regular | around if first <= moment < end)


def test_preview_lists_exactly_the_reminders_sent_later(driver: Driver) -> None:
    now = utc("2026-12-01 10:00")
    driver.run("subscribe pytorch-2.7 cu128", now)
    change_settings(driver, "zone America/New_York country US quiet 07:00-10:00", now)
    preview = run_preview(driver, "preview 365d", now)
    expected = {(line.at, line.version, line.rung) for line in preview.lines if not line.skip_reason}
    loop = driver.build_loop()
    sent = set()
    for moment in list_tick_times({moment for moment, *_ in expected}, now, utc("2027-05-01 00:00")):
        accepted_before = len(driver.sender.accepted)
        loop.tick(moment)
        new_messages = driver.sender.accepted[accepted_before:]
        sent |= {(moment, line.version, line.rung) for message in new_messages for line in message.lines}
    assert sent == expected
    skipped = [line for line in preview.lines if line.skip_reason]
    assert len(preview.lines) == len(expected) + len(skipped)


def test_preview_explains_skipped_reminders(sqlite_driver: Driver) -> None:
    now = utc("2026-12-01 10:00")
    sqlite_driver.run("subscribe pytorch-2.7", now)
    change_settings(sqlite_driver, "ladder 10 9 8 7 3 1 0 passed", now)
    DecisionFactory(sqlite_driver.database, sqlite_driver.default).acknowledge(
        "pytorch-2.7", AVAILABILITY, LAST_DAY, PLACE, now
    )
    preview = run_preview(sqlite_driver, "preview 1y", now)
    reasons = {line.rung: line.skip_reason for line in preview.lines}
    assert reasons[1] == reasons[0] == reasons[-1] == ""
    assert "which is sent instead" in reasons[10]
    assert "acknowledged" in reasons[7]
    text = render(preview)["text"]
    assert "3 messages in the next 365 days" in text
    assert "Won’t be sent (5)" in text


def test_empty_preview_names_the_next_reminder(sqlite_driver: Driver) -> None:
    now = utc("2026-12-01 10:00")
    assert "has no subscriptions" in render(run_preview(sqlite_driver, "preview", now))["text"]
    sqlite_driver.run("subscribe pytorch-2.7", now)
    assert "Next message: *Wed 13 Jan 2027" in render(run_preview(sqlite_driver, "preview 7d", now))["text"]
    change_settings(sqlite_driver, "notes on", now)
    assert "Release notes about these versions" in render(run_preview(sqlite_driver, "preview 7d", now))["text"]
    other = Place("T1", "C9", "U1")
    sqlite_driver.run("subscribe pytorch-2.3", now, other)
    assert "every date has passed" in render(sqlite_driver.run("preview", now, other))["text"]


def test_dry_run_lists_messages_and_reasons_for_unsent_ones(driver: Driver) -> None:
    now = utc("2026-12-01 10:00")
    driver.run("subscribe pytorch-2.7", now)
    driver.run("subscribe pytorch-2.7", now, Place("T1", "C2", "U1"))
    DecisionFactory(driver.database, driver.default).migrate("pytorch-2.7", PLACE, now)
    dry_run = simulate_tick(driver.database, SnapshotCache(), driver.default, utc("2027-01-13 09:00"))
    assert [message.channel_id for message in dry_run.messages] == ["C2"]
    assert [(unsent.reminder.channel_id, unsent.reason) for unsent in dry_run.unsent] == [
        ("C1", "this channel has migrated")
    ]
    assert driver.build_loop().tick(utc("2027-01-13 09:00")).planned == 2


def test_channel_gets_one_message_a_day_unless_urgent(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 08:00"))
    loop = driver.build_loop()
    loop.tick(utc("2027-01-13 09:00"))
    driver.run("subscribe cu128", utc("2027-01-13 08:59"))
    driver.run("settings hour 15:00", utc("2027-01-13 09:30"))
    loop.tick(utc("2027-01-13 15:00"))
    assert len(driver.sender.accepted) == 1
    loop.tick(utc("2027-01-14 15:00"))
    assert [line.version for line in driver.sender.accepted[-1].lines] == ["base-cu128"]
