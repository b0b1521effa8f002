"""Reminders from subscription to message, on both databases: the right ones, on the right days, once."""

from datetime import datetime, timedelta
from random import Random

import pytest

from bot.policy.post_outcomes import Ambiguous, Refused, Remedy
from bot.service.place import Place
from storage import outbox
from storage.facts import OutboxState
from tests.service.driver import PLACE, Driver, FakeTimer, RecordingSender, utc

WORKED = [
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


def days(first: str, last: str, hour: int = 9) -> list[datetime]:
    start, end = utc(f"{first} {hour:02}:00"), utc(f"{last} {hour:02}:00")
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def test_a_tick_a_day_delivers_each_rung_once_on_its_day(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    for now in days("2026-12-01", "2027-04-20"):
        delivery.tick(now)
        delivery.tick(now + timedelta(minutes=1))
    assert desk.sender.list_rungs() == WORKED
    assert len(desk.sender.accepted) == len(WORKED)


@pytest.mark.parametrize("seed", range(6))
def test_skipped_days_never_mean_two_on_one_day_and_never_silence(desk: Driver, seed: int) -> None:
    chance = Random(seed)
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    every = days("2026-12-02", "2027-05-05", hour=12)
    ticked = [*sorted(chance.sample(every, chance.randint(3, 60))), every[-1]]
    for now in ticked:
        delivery.tick(now)
    sent = desk.sender.list_rungs()
    assert len({day for day, _ in sent}) == len(sent), f"seed {seed}"
    assert len({rung for _, rung in sent}) == len(sent), f"seed {seed}"
    expected = []
    reached: set[str] = set()
    for now in ticked:
        behind = [(day, rung) for day, rung in WORKED if day <= str(now.date())]
        standing = [r for d, r in behind if (r == -1) == (now.date() > utc("2027-04-13").date())]
        if standing and str(min(standing)) not in reached:
            reached.add(str(min(standing)))
            expected.append((str(now.date()), min(standing)))
    assert sent == expected, f"seed {seed}"


def test_after_downtime_the_most_urgent_missed_rung_comes_late_and_says_so(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    delivery.tick(utc("2027-01-13 09:00"))
    delivery.tick(utc("2027-04-02 09:00"))
    last = desk.sender.accepted[-1]
    assert [(line.rung, line.days_left, line.is_late) for line in last.lines] == [(14, 11, True)]
    with desk.database.read_only() as session:
        states = {e.reminder.rung: e.state for e in outbox.list_for_channel(session, "T1", "C1")}
    assert states == {90: OutboxState.SENT, 14: OutboxState.SENT}


def test_back_after_the_date_only_passed_is_told(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.build_loop().tick(utc("2027-04-20 09:00"))
    assert [(line.rung, line.days_left) for line in desk.sender.accepted[0].lines] == [(-1, -7)]


def test_equal_dates_make_one_line(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.9", utc("2028-01-01 10:00"))
    desk.build_loop().tick(utc("2028-08-04 09:00"))
    (message,) = desk.sender.accepted
    (line,) = message.lines
    assert line.second_milestone is not None
    with desk.database.read_only() as session:
        assert len(outbox.list_for_channel(session, "T1", "C1")) == 2


def test_several_versions_make_one_message_most_urgent_first(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7 cu128", utc("2026-12-01 10:00"))
    desk.build_loop().tick(utc("2027-01-13 09:00"))
    (message,) = desk.sender.accepted
    assert [line.version for line in message.lines] == ["base-cu128", "pytorch-2.7"]


def test_a_channel_that_matches_through_three_targets_hears_once(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7 pytorch all", utc("2026-12-01 10:00"))
    desk.build_loop().tick(utc("2027-01-13 09:00"))
    (message,) = desk.sender.accepted
    assert [line.version for line in message.lines].count("pytorch-2.7") == 1


def test_two_processes_at_once_send_each_reminder_once(desk: Driver) -> None:
    desk.run("subscribe all", utc("2026-12-01 10:00"))
    other = RecordingSender()
    second = desk.build_loop("two", other)
    desk.sender.on_send = lambda: second.tick(utc("2027-01-13 09:00"))
    desk.build_loop("one").tick(utc("2027-01-13 09:00"))
    assert len(desk.sender.accepted) + len(other.accepted) == 1


def test_a_refused_post_is_tried_again_and_arrives(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [
        Refused("ratelimited", Remedy.RETRY, 30.0),
        Ambiguous("HTTP 500"),
        Refused("x", Remedy.RETRY),
    ]
    delivery = desk.build_loop()
    start = utc("2027-01-13 09:00")
    assert delivery.tick(start).waiting == 1
    assert delivery.tick(start + timedelta(seconds=27)).messages == 0
    assert delivery.tick(start + timedelta(seconds=30)).waiting == 1
    assert delivery.tick(start + timedelta(seconds=87)).messages == 0
    assert delivery.tick(start + timedelta(seconds=90)).waiting == 1
    for minute in range(2, 30):
        delivery.tick(start + timedelta(minutes=minute))
    assert desk.sender.list_rungs() == [("2027-01-13", 90)]
    assert len(desk.sender.attempted) == 4
    assert len({message.delivery_id for message in desk.sender.attempted[1:]}) == 1


def test_our_own_bug_is_not_sent_again(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("invalid_arguments", Remedy.OUR_BUG)]
    assert desk.build_loop().tick(utc("2027-01-13 09:00")).dead == 1
    assert desk.build_loop().tick(utc("2027-01-13 10:00")).messages == 0


def test_unsubscribing_drops_what_waits(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 60.0)]
    delivery = desk.build_loop()
    delivery.tick(utc("2027-01-13 09:00"))
    desk.run("unsubscribe pytorch-2.7", utc("2027-01-13 09:00"))
    delivery.tick(utc("2027-01-13 09:05"))
    assert desk.sender.accepted == []


def test_a_rung_before_the_subscription_is_not_sent(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2027-01-13 09:30"))
    desk.build_loop().tick(utc("2027-01-13 10:00"))
    assert desk.sender.accepted == []


def test_a_text_held_back_over_the_date_is_made_anew(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    for now in days("2026-12-02", "2027-04-12"):
        delivery.tick(now)
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 3600.0)] * 13
    before = len(desk.sender.accepted)
    for hour in range(15):
        delivery.tick(utc("2027-04-13 09:00") + timedelta(hours=hour))
    for hour in range(40):
        delivery.tick(utc("2027-04-14 00:30") + timedelta(hours=hour))
    told = [(line.rung, line.days_left) for m in desk.sender.accepted[before:] for line in m.lines]
    assert told in ([(0, 0), (-1, -1)], [(-1, -1)])


def test_moving_the_hour_loses_no_reminder_and_repeats_none(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    desk.run("settings hour 17:00", utc("2027-01-12 10:00"))
    delivery = desk.build_loop()
    delivery.tick(utc("2027-01-13 12:00"))
    assert desk.sender.accepted == []
    desk.run("settings hour 09:00", utc("2027-01-13 12:00"))
    delivery.tick(utc("2027-01-13 12:01"))
    assert desk.sender.list_rungs() == [("2027-01-13", 90)]
    desk.run("settings hour 20:00", utc("2027-01-13 12:02"))
    delivery.tick(utc("2027-01-13 20:00"))
    assert len(desk.sender.accepted) == 1


def test_channels_are_reminded_at_their_own_hour(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    tokyo = Place("T1", "C2", "U2")
    desk.run("settings zone Asia/Tokyo hour 08:00", utc("2026-12-01 10:00"), tokyo)
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), tokyo)
    delivery = desk.build_loop()
    delivery.tick(utc("2027-01-12 23:00"))
    assert [(m.channel_id, str(m.day)) for m in desk.sender.accepted] == [("C2", "2027-01-13")]
    delivery.tick(utc("2027-01-13 09:00"))
    assert [m.channel_id for m in desk.sender.accepted] == ["C2", "C1"]


def test_a_clock_that_jumps_ahead_and_back_sends_nothing_twice(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    for now in (utc("2027-01-13 09:00"), utc("2027-01-15 09:00"), utc("2027-01-13 09:01"), utc("2027-02-12 09:00")):
        delivery.tick(now)
    assert desk.sender.list_rungs() == [("2027-01-13", 90), ("2027-02-12", 60)]


def test_the_next_try_is_that_of_what_waits(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"))
    delivery = desk.build_loop()
    delivery.tick(utc("2026-12-01 10:00"))
    assert delivery.get_next_attempt_time() is None
    desk.sender.outcomes = [Refused("ratelimited", Remedy.RETRY, 30.0)]
    delivery.tick(utc("2027-01-13 09:00"))
    assert delivery.get_next_attempt_time() == utc("2027-01-13 09:00") + timedelta(seconds=30)


def test_a_workspace_never_sees_another_one(desk: Driver) -> None:
    desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T2", PLACE.channel_id, "U1"))
    answer = desk.run("subscriptions", utc("2026-12-01 10:00"))
    assert getattr(answer, "total", None) == 0


def test_a_lease_counts_from_its_claim_however_long_the_tick_takes(lone_desk: Driver) -> None:
    for number in range(200):
        lone_desk.run("subscribe pytorch-2.7", utc("2026-12-01 10:00"), Place("T1", f"C{number}", "U1"))
    watch = FakeTimer()
    start = utc("2027-01-13 09:00")
    other = RecordingSender()

    def a_slow_post() -> None:
        watch.seconds += 0.5
        lone_desk.build_loop("two", other).tick(start + timedelta(seconds=watch.seconds))

    slow = lone_desk.build_loop("one", timer=watch)
    lone_desk.sender.on_send = a_slow_post
    slow.tick(start)
    channels = [m.channel_id for m in (*lone_desk.sender.accepted, *other.accepted)]
    assert len(channels) == len(set(channels)) == 200
