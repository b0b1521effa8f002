"""Questions answered from the real table."""

from datetime import date, time

import pytest

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.service.place import Place
from storage.facts import Milestone
from tests.service.desk import PLACE, Desk, at

NOW = at("2026-11-23 12:00")


def status(desk: Desk, text: str, day: str = "2026-11-23") -> answers.Status:
    found = desk.say(f"status {text}", at(f"{day} 12:00"))
    assert isinstance(found, answers.Status)
    return found


@pytest.mark.parametrize(
    ("day", "state", "last_day", "days_left"),
    [
        ("2025-04-24", LifecycleState.SUPPORTED, True, 0),
        ("2025-04-25", LifecycleState.DEPRECATED, False, 364),
        ("2026-04-24", LifecycleState.DEPRECATED, True, 0),
        ("2026-04-25", LifecycleState.UNAVAILABLE, False, None),
    ],
)
def test_pytorch_2_3_on_its_four_days(
    lone_desk: Desk, day: str, state: LifecycleState, last_day: bool, days_left: int | None
) -> None:
    found = status(lone_desk, "pytorch-2.3", day)
    assert (found.state, found.last_day, found.days_left) == (state, last_day, days_left)


def test_a_status_says_both_dates_the_rows_and_the_way_on(desk: Desk) -> None:
    found = status(desk, "pytorch-2.7")
    assert found.end_of_patch_and_support == date(2026, 4, 13)
    assert found.end_of_availability == date(2027, 4, 13)
    assert found.next_milestone is Milestone.END_OF_AVAILABILITY
    assert [row.family for row in found.families] == ["pytorch-2-7-cu128-ubuntu-2204-nvidia-570"]
    assert found.advice.successor is not None
    assert found.advice.successor.version == "pytorch-2.9"
    assert found.advice.successor.days_left == 620
    assert found.source.as_of == date(2026, 4, 10)


def test_rows_that_differ_leave_the_fields_they_share(lone_desk: Desk) -> None:
    found = status(lone_desk, "tf-2.11", "2023-11-15")
    assert found.rows_differ
    assert (found.state, found.end_of_patch_and_support, found.end_of_availability) == (None, None, None)
    assert found.furthest_state is LifecycleState.DEPRECATED
    states = {row.family: (row.state, row.last_day) for row in found.families}
    assert states["tf-2-11-cpu-py310"] == (LifecycleState.DEPRECATED, True)
    assert states["tf-2-11-cpu-py37"] == (LifecycleState.SUPPORTED, True)


def test_words_that_narrow_leave_the_rows_they_name(lone_desk: Desk) -> None:
    found = status(lone_desk, "tf-2.11 py37", "2023-11-15")
    assert found.state is LifecycleState.SUPPORTED
    assert {row.python for row in found.families} == {"3.7"}


def test_the_unreadable_date_is_shown_as_printed(lone_desk: Desk) -> None:
    found = status(lone_desk, "tf-2.17 gpu")
    (row,) = found.families
    assert row.end_of_availability.printed == "Ju1 11, 2026"
    assert row.end_of_availability.day is None
    assert found.state is LifecycleState.DEPRECATED


def test_a_dated_image_is_told_apart_from_its_version(lone_desk: Desk) -> None:
    known = status(lone_desk, "pytorch-2-9-cu129-ubuntu-2404-nvidia-580-v20260819")
    assert "is of family pytorch-2-9-cu129-ubuntu-2404-nvidia-580" in known.remark
    assert len(known.families) == 1
    unlisted = status(lone_desk, "pytorch-2-7-cu128-ubuntu-2404-nvidia-570-v20260120")
    assert "not printed in the table" in unlisted.remark
    assert status(lone_desk, "pytorch-2-9-cu129-ubuntu-2404-nvidia-580").remark == ""


def test_today_is_the_channels_day(lone_desk: Desk) -> None:
    lone_desk.say("settings zone America/Los_Angeles", NOW)
    lone_desk.say("settings zone Asia/Tokyo", NOW, Place("T1", "C2", "U1"))
    early = lone_desk.say("status pytorch-2.7", at("2026-04-14 02:00"))
    late = lone_desk.say("status pytorch-2.7", at("2026-04-13 15:30"), Place("T1", "C2", "U1"))
    assert isinstance(early, answers.Status)
    assert isinstance(late, answers.Status)
    assert (early.state, early.last_day) == (LifecycleState.SUPPORTED, True)
    assert late.state is LifecycleState.DEPRECATED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status 2.9", answers.WhichFramework("2.9", ("pytorch-2.9", "tensorflow-2.9"), "status")),
        ("status 2.17", answers.DidYouMean("2.17", ("tensorflow-2.17",), "status")),
        ("status pytroch 2.7", answers.DidYouMean("pytroch 2.7", ("pytorch-2.7",), "status")),
        ("subscribe pytroch-2.7", answers.DidYouMean("pytroch-2.7", ("pytorch-2.7",), "subscribe")),
        ("status pytorch-latest-gpu", answers.MovingFamily("pytorch-latest-gpu", ("pytorch-2.9", "pytorch-2.7"))),
        (
            "status tf2-ent-2-3-cpu",
            answers.OtherProduct("tf2-ent-2-3-cpu", "a TensorFlow Enterprise image", "tensorflow-2.3"),
        ),
    ],
)
def test_what_is_not_one_version_asks_back(lone_desk: Desk, text: str, expected: answers.Answer) -> None:
    assert lone_desk.say(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "neighbours"),
    [
        ("pytorch-2.5", ("pytorch-2.4", "pytorch-2.7")),
        ("pytorch 2.8", ("pytorch-2.7", "pytorch-2.9")),
        ("pytorch 2.10", ("pytorch-2.9",)),
        ("cu125", ("base-cu124", "base-cu128")),
        ("9.9", ()),
    ],
)
def test_a_version_that_is_not_listed_has_neighbours(lone_desk: Desk, text: str, neighbours: tuple[str, ...]) -> None:
    found = lone_desk.say(f"status {text}", NOW)
    assert isinstance(found, answers.NotInCatalogue)
    assert found.neighbours == neighbours


@pytest.mark.parametrize(
    "text", ["status banana", "status pytorch-*", "list pytorch-2.7", "subscribe banana", "subscribe tf-2.*"]
)
def test_what_can_not_be_answered_says_why(lone_desk: Desk, text: str) -> None:
    found = lone_desk.say(text, NOW)
    assert isinstance(found, answers.Help)
    assert found.reason


def test_a_list_is_by_state_and_soonest_date(lone_desk: Desk) -> None:
    found = lone_desk.say("list", NOW)
    assert isinstance(found, answers.VersionList)
    assert [line.version for line in found.lines] == ["base-cu129", "pytorch-2.9", "base-cu128", "pytorch-2.7"]
    assert found.unavailable == 27


def test_a_list_of_all_has_every_version(lone_desk: Desk) -> None:
    found = lone_desk.say("list all", NOW)
    assert isinstance(found, answers.VersionList)
    assert (len(found.lines), found.unavailable) == (31, 0)
    tensorflow = lone_desk.say("list tf all", NOW)
    assert isinstance(tensorflow, answers.VersionList)
    assert {line.version.partition("-")[0] for line in tensorflow.lines} == {"tensorflow"}


def test_a_framework_is_answered_with_its_versions(lone_desk: Desk) -> None:
    for text in ("status pytorch", "successor pytorch", "list pytorch"):
        found = lone_desk.say(text, NOW)
        assert isinstance(found, answers.VersionList), text
        assert found.framework == "pytorch"


def test_upcoming_names_what_lies_beyond_where_nothing_lies_within(lone_desk: Desk) -> None:
    found = lone_desk.say("upcoming", NOW)
    assert isinstance(found, answers.Upcoming)
    assert found.dates == ()
    assert found.beyond is not None
    assert (found.beyond.version, found.beyond.day) == ("base-cu128", date(2027, 4, 13))


def test_upcoming_lists_dates_and_the_channels_reminders(lone_desk: Desk) -> None:
    lone_desk.say("subscribe pytorch-2.7", NOW)
    found = lone_desk.say("upcoming 2y", NOW)
    assert isinstance(found, answers.Upcoming)
    assert [(entry.version, entry.watched_here) for entry in found.dates[:2]] == [
        ("base-cu128", False),
        ("pytorch-2.7", True),
    ]
    assert found.dates[-1].also is Milestone.END_OF_AVAILABILITY
    assert [(r.rung, r.at) for r in found.reminders] == [(90, at("2027-01-13 09:00"))]


def test_a_successor_alone_where_there_is_none(lone_desk: Desk) -> None:
    found = lone_desk.say("successor tf-2.15", NOW)
    assert isinstance(found, answers.Successor)
    assert found.advice.successor is None
    assert [other.version for other in found.advice.other_frameworks] == ["pytorch-2.9"]
    assert found.advice.base is not None
    assert found.advice.base.version == "base-cu129"
    missing = lone_desk.say("successor pytorch-2.5", NOW)
    assert isinstance(missing, answers.NotInCatalogue)


def test_who_watches_names_public_channels_and_this_one_only(lone_desk: Desk) -> None:
    subscriptions = lone_desk.conversation._subscriptions
    for channel, public in (("C2", True), ("C3", False)):
        subscriptions.subscribe("pytorch", Place("T1", channel, "U1"), NOW, reach=answers.Reach.OK, is_public=public)
    lone_desk.say("subscribe pytorch-2.7", NOW)
    found = status(lone_desk, "pytorch-2.7")
    assert found.watchers == (answers.Watcher("C1", "pytorch-2.7"), answers.Watcher("C2", "pytorch"))


def test_subscribing_says_what_comes_and_what_is_past(desk: Desk) -> None:
    found = desk.say("subscribe pytorch-2.7 pytorch-2.3", NOW)
    assert isinstance(found, answers.Subscribed)
    first, second = found.watched
    assert first.new
    assert first.next is not None
    assert (first.next.rung, first.next.at) == (90, at("2027-01-13 09:00"))
    assert first.past == (("pytorch-2.7", Milestone.END_OF_PATCH_AND_SUPPORT, date(2026, 4, 13)),)
    assert second.next is None
    again = desk.say("subscribe pytorch-2.7", NOW)
    assert isinstance(again, answers.Subscribed)
    assert not again.watched[0].new


def test_one_name_that_is_not_understood_changes_nothing(desk: Desk) -> None:
    found = desk.say("subscribe pytorch-2.7 pytorch-2.5", NOW)
    assert isinstance(found, answers.NotInCatalogue)
    listed = desk.say("subscriptions", NOW)
    assert isinstance(listed, answers.SubscriptionList)
    assert listed.total == 0


def test_overlaps_are_said(lone_desk: Desk) -> None:
    lone_desk.say("subscribe pytorch", NOW)
    found = lone_desk.say("subscribe pytorch-2.7", NOW)
    assert isinstance(found, answers.Subscribed)
    assert found.overlaps == ("pytorch-2.7",)


def test_too_many_targets_are_refused(lone_desk: Desk) -> None:
    found = lone_desk.say("subscribe " + " ".join(["pytorch-2.7"] * 41), NOW)
    assert isinstance(found, answers.Help)


@pytest.mark.parametrize(
    ("text", "removed", "remaining"),
    [
        ("pytorch-2.7", ("pytorch-2.7",), 3),
        ("pytorch", ("pytorch", "pytorch-2.7", "pytorch-2.9"), 1),
        ("pytorch-*", ("pytorch-2.7", "pytorch-2.9"), 2),
        ("all", ("base-cu128", "pytorch", "pytorch-2.7", "pytorch-2.9"), 0),
        ("*", ("base-cu128", "pytorch", "pytorch-2.7", "pytorch-2.9"), 0),
        ("cu128 torch 2.9", ("base-cu128", "pytorch-2.9"), 2),
        ("tf-2.17", (), 4),
    ],
)
def test_unsubscribing_ends_what_is_named(lone_desk: Desk, text: str, removed: tuple[str, ...], remaining: int) -> None:
    lone_desk.say("subscribe pytorch-2.7 pytorch-2.9 cu128 pytorch", NOW)
    found = lone_desk.say(f"unsubscribe {text}", NOW)
    assert isinstance(found, answers.Unsubscribed)
    assert (sorted(found.removed), found.remaining) == (sorted(removed), remaining)


def test_what_goes_on_through_a_wider_target_is_said(lone_desk: Desk) -> None:
    lone_desk.say("subscribe all", NOW)
    found = lone_desk.say("unsubscribe pytorch-2.7", NOW)
    assert isinstance(found, answers.Unsubscribed)
    assert found.through == (("pytorch-2.7", "all"),)
    asking = lone_desk.say("unsubscribe pytorch-latest-gpu", NOW)
    assert isinstance(asking, answers.MovingFamily)


def test_the_list_of_subscriptions_pages_by_the_next_date(desk: Desk) -> None:
    everything = desk.say("list all", NOW)
    assert isinstance(everything, answers.VersionList)
    names = [line.version for line in everything.lines]
    desk.say("subscribe " + " ".join(names), NOW)
    first = desk.say("subscriptions", NOW)
    assert isinstance(first, answers.SubscriptionList)
    assert (first.page, first.pages, first.total, len(first.lines)) == (1, 3, 31, 15)
    assert [line.target for line in first.lines[:4]] == ["base-cu128", "pytorch-2.7", "base-cu129", "pytorch-2.9"]
    last = desk.say("subscriptions 99", NOW)
    assert isinstance(last, answers.SubscriptionList)
    assert (last.page, len(last.lines)) == (3, 1)


def test_a_delivered_reminder_is_in_the_list(desk: Desk) -> None:
    desk.say("subscribe pytorch-2.7", NOW)
    desk.delivery().tick(at("2027-01-13 09:00"))
    found = desk.say("subscriptions", at("2027-01-14 09:00"))
    assert isinstance(found, answers.SubscriptionList)
    assert found.lines[0].last_delivered == at("2027-01-13 09:00")
    assert found.lines[0].created_by == PLACE.user_id


@pytest.mark.parametrize(
    ("text", "zone", "hour"),
    [
        ("zone Asia/Taipei", "Asia/Taipei", time(9)),
        ("zone asia/taipei hour 9:30", "Asia/Taipei", time(9, 30)),
        ("zone utc", "UTC", time(9)),
        ("hour 18:05", "UTC", time(18, 5)),
        ("hour 6pm", "UTC", time(18)),
        ("hour 12am", "UTC", time(0)),
        ("hour 7", "UTC", time(7)),
    ],
)
def test_settings_take_a_zone_and_an_hour(lone_desk: Desk, text: str, zone: str, hour: time) -> None:
    found = lone_desk.say(f"settings {text}", NOW)
    assert isinstance(found, answers.ChannelSettings)
    assert (found.schedule.zone, found.schedule.hour, found.changed) == (zone, hour, True)
    shown = lone_desk.say("settings", NOW)
    assert isinstance(shown, answers.ChannelSettings)
    assert (shown.schedule, shown.changed) == (found.schedule, False)


@pytest.mark.parametrize("text", ["zone Mars", "hour 25:00", "hour 9:75", "hour 13pm", "hour soon", "zone UTC hour x"])
def test_settings_that_are_not_understood_change_nothing(lone_desk: Desk, text: str) -> None:
    found = lone_desk.say(f"settings {text}", NOW)
    assert isinstance(found, answers.ChannelSettings)
    assert found.problems
    assert not found.changed
    assert found.schedule == lone_desk.default


def test_a_workspaces_zone_is_the_default_of_its_channels(lone_desk: Desk) -> None:
    from storage import workspaces  # noqa: PLC0415 - beside its only use
    from storage.facts import Workspace  # noqa: PLC0415 - the same

    with lone_desk.database.transaction() as session:
        workspaces.save(session, Workspace("T1", zone="Europe/Berlin"))
    found = lone_desk.say("settings", NOW)
    assert isinstance(found, answers.ChannelSettings)
    assert (found.schedule.zone, found.zone_set) == ("Europe/Berlin", False)
