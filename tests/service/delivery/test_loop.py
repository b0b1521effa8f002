"""Reminders are delivered from subscription to message: each once, on its day, on both databases."""

from datetime import datetime, timedelta
from random import Random

import pytest

from bot.policy.post_outcomes import Ambiguous, Refused, Remedy
from bot.service.place import Place
from storage import outbox
from storage.facts import OutboxState
from tests.service.driver import PLACE, Driver, FakeTimer, RecordingSender, utc

EXPECTED_RUNGS = [
    ("2027-01-13", 90),
    ("2027-02-12", 60),
    ("2027-03-12", 30),
    ("2027-03-30", 14),
    ("2027-04-06", 7),
    ("2027-04-09", 3),
    ("2027-04-12", 1),
    ("2027-04-13", 0),
    ("2027-04-14", -1),
]


def list_days(first: str, last: str, hour: int = 9) -> list[datetime]:
    start, end = utc(f"{first} {hour:02}:00"), utc(f"{last} {hour:02}:00")
    return [start + timedelta(days=offset) for offset in range((end - start).days + 1)]


def test_daily_ticks_deliver_each_rung_once_on_its_day(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    for now in list_days("2026-12-01", "2027-04-20"):
        loop.tick(now)
        loop.tick(now + timedelta(minutes=1))
    assert driver.sender.list_rungs() == EXPECTED_RUNGS
    assert len(driver.sender.accepted) == len(EXPECTED_RUNGS)


@pytest.mark.parametrize("seed", range(6))
def test_skipped_days_cause_no_second_message_and_no_gap(driver: Driver, seed: int) -> None:
    random = Random(seed)
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    noons = list_days("2026-12-02", "2027-05-05", hour=12)
    ticks = [*sorted(random.sample(noons, random.randint(3, 60))), noons[-1]]
    for now in ticks:
        loop.tick(now)
    sent = driver.sender.list_rungs()
    assert len({day for day, _ in sent}) == len(sent), f"seed {seed}"
    assert len({rung for _, rung in sent}) == len(sent), f"seed {seed}"
    expected = []
    reached: set[int] = set()
    for now in ticks:
        has_passed = now.date() > utc("2027-04-13").date()
        rungs = [r for day, r in EXPECTED_RUNGS if day <= str(now.date()) and (r == -1) == has_passed]
        if rungs and min(rungs) not in reached:
            reached.add(min(rungs))
            expected.append((str(now.date()), min(rungs)))
    assert sent == expected, f"seed {seed}"


def test_most_urgent_missed_rung_is_sent_late_after_downtime(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    loop.tick(utc("2027-01-13 09:00"))
    loop.tick(utc("2027-04-02 09:00"))
    lines = driver.sender.accepted[-1].lines
    assert [(line.rung, line.days_left, line.is_late) for line in lines] == [(14, 11, True)]
    with driver.database.read_only() as session:
        states = {entry.reminder.rung: entry.state for entry in outbox.list_for_channel(session, "T1", "C1")}
    assert states == {90: OutboxState.SENT, 14: OutboxState.SENT}


def test_only_passed_is_sent_if_downtime_ends_after_the_date(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.build_loop().tick(utc("2027-04-20 09:00"))
    assert [(line.rung, line.days_left) for line in driver.sender.accepted[0].lines] == [(-1, -7)]


def test_equal_dates_share_one_line(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.9", utc("2028-01-01 10:00"))
    driver.build_loop().tick(utc("2028-08-04 09:00"))
    (message,) = driver.sender.accepted
    (line,) = message.lines
    assert line.second_milestone is not None
    with driver.database.read_only() as session:
        assert len(outbox.list_for_channel(session, "T1", "C1")) == 2


def test_several_versions_share_one_message_most_urgent_first(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7 cu128", utc("2026-12-01 10:00"))
    driver.build_loop().tick(utc("2027-01-13 09:00"))
    (message,) = driver.sender.accepted
    assert [line.version for line in message.lines] == ["base-cu128", "pytorch-2.7"]


def test_overlapping_targets_cause_one_line(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7 pytorch all", utc("2026-12-01 10:00"))
    driver.build_loop().tick(utc("2027-01-13 09:00"))
    (message,) = driver.sender.accepted
    assert [line.version for line in message.lines].count("pytorch-2.7") == 1


def test_two_processes_send_each_reminder_once(driver: Driver) -> None:
    driver.run("subscribe all", utc("2026-12-01 10:00"))
    other_sender = RecordingSender()
    other_loop = driver.build_loop("two", other_sender)
    driver.sender.on_send = lambda: other_loop.tick(utc("2027-01-13 09:00"))
    driver.build_loop("one").tick(utc("2027-01-13 09:00"))
    assert len(driver.sender.accepted) + len(other_sender.accepted) == 1


def test_refused_post_is_retried_until_accepted(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [
        Refused("ratelimited", Remedy.RETRY, 30.0),
        Ambiguous("HTTP 500"),
        Refused("x", Remedy.RETRY),
    ]
    loop = driver.build_loop()
    start = utc("2027-01-13 09:00")
    assert loop.tick(start).waiting == 1
    assert loop.tick(start + timedelta(seconds=27)).messages == 0
    assert loop.tick(start + timedelta(seconds=30)).waiting == 1
    assert loop.tick(start + timedelta(seconds=87)).messages == 0
    assert loop.tick(start + timedelta(seconds=90)).waiting == 1
    for minute in range(2, 30):
        loop.tick(start + timedelta(minutes=minute))
    assert driver.sender.list_rungs() == [("2027-01-13", 90)]
    assert len(driver.sender.attempted) == 4
    assert len({message.delivery_id for message in driver.sender.attempted[1:]}) == 1


def test_invalid_message_is_not_resent(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Refused("invalid_arguments", Remedy.OUR_BUG)]
    assert driver.build_loop().tick(utc("2027-01-13 09:00")).dead == 1
    assert driver.build_loop().tick(utc("2027-01-13 10:00")).messages == 0


def test_unsubscribing_drops_waiting_reminders(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 60.0)]
    loop = driver.build_loop()
    loop.tick(utc("2027-01-13 09:00"))
    driver.run("unsubscribe pytorch-2.7", utc("2027-01-13 09:00"))
    loop.tick(utc("2027-01-13 09:05"))
    assert driver.sender.accepted == []


def test_rung_before_the_subscription_is_not_sent(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2027-01-13 09:30"))
    driver.build_loop().tick(utc("2027-01-13 10:00"))
    assert driver.sender.accepted == []


def test_text_delayed_past_the_date_is_composed_again(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    for now in list_days("2026-12-02", "2027-04-12"):
        loop.tick(now)
    driver.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 3600.0)] * 13
    accepted_before = len(driver.sender.accepted)
    for hour in range(15):
        loop.tick(utc("2027-04-13 09:00") + timedelta(hours=hour))
    for hour in range(40):
        loop.tick(utc("2027-04-14 00:30") + timedelta(hours=hour))
    new_messages = driver.sender.accepted[accepted_before:]
    lines = [(line.rung, line.days_left) for message in new_messages for line in message.lines]
    assert lines in ([(0, 0), (-1, -1)], [(-1, -1)])


def test_changing_the_hour_loses_and_repeats_no_reminder(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    driver.run("settings hour 17:00", utc("2027-01-12 10:00"))
    loop = driver.build_loop()
    loop.tick(utc("2027-01-13 12:00"))
    assert driver.sender.accepted == []
    driver.run("settings hour 09:00", utc("2027-01-13 12:00"))
    loop.tick(utc("2027-01-13 12:01"))
    assert driver.sender.list_rungs() == [("2027-01-13", 90)]
    driver.run("settings hour 20:00", utc("2027-01-13 12:02"))
    loop.tick(utc("2027-01-13 20:00"))
    assert len(driver.sender.accepted) == 1


def test_channels_get_reminders_at_their_own_hour(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    tokyo = Place("T1", "C2", "U2")
    driver.run("settings zone Asia/Tokyo hour 08:00", utc("2026-12-01 10:00"), tokyo)
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), tokyo)
    loop = driver.build_loop()
    loop.tick(utc("2027-01-12 23:00"))
    assert [(m.channel_id, str(m.day)) for m in driver.sender.accepted] == [("C2", "2027-01-13")]
    loop.tick(utc("2027-01-13 09:00"))
    assert [m.channel_id for m in driver.sender.accepted] == ["C2", "C1"]


def test_clock_that_jumps_ahead_and_back_repeats_nothing(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    for now in (utc("2027-01-13 09:00"), utc("2027-01-15 09:00"), utc("2027-01-13 09:01"), utc("2027-02-12 09:00")):
        loop.tick(now)
    assert driver.sender.list_rungs() == [("2027-01-13", 90), ("2027-02-12", 60)]


def test_next_attempt_time_is_that_of_the_waiting_entry(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    loop = driver.build_loop()
    loop.tick(utc("2026-12-01 10:00"))
    assert loop.get_next_attempt_time() is None
    driver.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 30.0)]
    loop.tick(utc("2027-01-13 09:00"))
    assert loop.get_next_attempt_time() == utc("2027-01-13 09:00") + timedelta(seconds=30)


def test_workspace_never_sees_another_workspace(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T2", PLACE.channel_id, "U1"))
    answer = driver.run("subscriptions", utc("2026-12-01 10:00"))
    assert getattr(answer, "total", None) == 0


def test_lease_starts_at_the_claim_even_in_a_slow_tick(sqlite_driver: Driver) -> None:
    for number in range(200):
        sqlite_driver.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    timer = FakeTimer()
    start = utc("2027-01-13 09:00")
    other_sender = RecordingSender()

    def post_slowly() -> None:
        timer.seconds += 0.5
        sqlite_driver.build_loop("two", other_sender).tick(start + timedelta(seconds=timer.seconds))

    slow_loop = sqlite_driver.build_loop("one", timer=timer)
    sqlite_driver.sender.on_send = post_slowly
    slow_loop.tick(start)
    channels = [m.channel_id for m in (*sqlite_driver.sender.accepted, *other_sender.accepted)]
    assert len(channels) == len(set(channels)) == 200
