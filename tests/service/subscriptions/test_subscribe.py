"""Subscribing, unsubscribing, and the list of subscriptions."""

from datetime import date, time

import pytest

from bot import answers
from storage import workspaces
from storage.facts import Milestone, Workspace
from tests.service.driver import PLACE, Driver, utc

NOW = utc("2026-11-23 12:00")


def test_subscribing_lists_the_next_reminder_and_past_dates(driver: Driver) -> None:
    answer = driver.run("subscribe pytorch-2.7 pytorch-2.3", NOW)
    assert isinstance(answer, answers.Subscribed)
    first, second = answer.targets
    assert first.is_new
    assert first.next_reminder is not None
    assert (first.next_reminder.rung, first.next_reminder.at) == (90, utc("2027-01-13 09:00"))
    assert first.past_dates == (("pytorch-2.7", Milestone.END_OF_PATCH_AND_SUPPORT, date(2026, 4, 13)),)
    assert second.next_reminder is None
    again = driver.run("subscribe pytorch-2.7", NOW)
    assert isinstance(again, answers.Subscribed)
    assert not again.targets[0].is_new


def test_an_unknown_name_changes_nothing(driver: Driver) -> None:
    answer = driver.run("subscribe pytorch-2.7 pytorch-2.5", NOW)
    assert isinstance(answer, answers.NotInCatalogue)
    subscriptions = driver.run("subscriptions", NOW)
    assert isinstance(subscriptions, answers.SubscriptionList)
    assert subscriptions.total == 0


def test_subscribing_lists_overlaps(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch", NOW)
    answer = sqlite_driver.run("subscribe pytorch-2.7", NOW)
    assert isinstance(answer, answers.Subscribed)
    assert answer.overlaps == ("pytorch-2.7",)


def test_too_many_targets_are_refused(sqlite_driver: Driver) -> None:
    answer = sqlite_driver.run("subscribe " + " ".join(["pytorch-2.7"] * 41), NOW)
    assert isinstance(answer, answers.Help)


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
def test_unsubscribing_removes_the_named_targets(
    sqlite_driver: Driver, text: str, removed: tuple[str, ...], remaining: int
) -> None:
    sqlite_driver.run("subscribe pytorch-2.7 pytorch-2.9 cu128 pytorch", NOW)
    answer = sqlite_driver.run(f"unsubscribe {text}", NOW)
    assert isinstance(answer, answers.Unsubscribed)
    assert (sorted(answer.removed), answer.remaining) == (sorted(removed), remaining)


def test_unsubscribing_lists_wider_targets_that_remain(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe all", NOW)
    answer = sqlite_driver.run("unsubscribe pytorch-2.7", NOW)
    assert isinstance(answer, answers.Unsubscribed)
    assert answer.still_covered == (("pytorch-2.7", "all"),)
    clarification = sqlite_driver.run("unsubscribe pytorch-latest-gpu", NOW)
    assert isinstance(clarification, answers.RollingFamily)


def test_subscriptions_are_paged_by_the_next_reminder(driver: Driver) -> None:
    versions = driver.run("list all", NOW)
    assert isinstance(versions, answers.VersionList)
    names = [line.version for line in versions.lines]
    driver.run("subscribe " + " ".join(names), NOW)
    first = driver.run("subscriptions", NOW)
    assert isinstance(first, answers.SubscriptionList)
    assert (first.page, first.pages, first.total, len(first.lines)) == (1, 3, 31, 15)
    assert [line.target for line in first.lines[:4]] == ["base-cu128", "pytorch-2.7", "base-cu129", "pytorch-2.9"]
    last = driver.run("subscriptions 99", NOW)
    assert isinstance(last, answers.SubscriptionList)
    assert (last.page, len(last.lines)) == (3, 1)


def test_the_list_shows_the_last_delivery(driver: Driver) -> None:
    driver.run("subscribe pytorch-2.7", NOW)
    driver.build_loop().tick(utc("2027-01-13 09:00"))
    answer = driver.run("subscriptions", utc("2027-01-14 09:00"))
    assert isinstance(answer, answers.SubscriptionList)
    assert answer.lines[0].last_delivered == utc("2027-01-13 09:00")
    assert answer.lines[0].created_by == PLACE.user_id


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
def test_settings_take_a_zone_and_an_hour(sqlite_driver: Driver, text: str, zone: str, hour: time) -> None:
    answer = sqlite_driver.run(f"settings {text}", NOW)
    assert isinstance(answer, answers.ChannelSettings)
    assert (answer.channel.schedule.zone, answer.channel.schedule.hour, answer.is_changed) == (zone, hour, True)
    shown = sqlite_driver.run("settings", NOW)
    assert isinstance(shown, answers.ChannelSettings)
    assert (shown.channel.schedule, shown.is_changed) == (answer.channel.schedule, False)


@pytest.mark.parametrize("text", ["zone Mars", "hour 25:00", "hour 9:75", "hour 13pm", "hour soon", "zone UTC hour x"])
def test_invalid_settings_change_nothing(sqlite_driver: Driver, text: str) -> None:
    answer = sqlite_driver.run(f"settings {text}", NOW)
    assert isinstance(answer, answers.ChannelSettings)
    assert answer.errors
    assert not answer.is_changed
    assert answer.channel.schedule == sqlite_driver.default


def test_the_workspace_zone_is_the_default_of_its_channels(sqlite_driver: Driver) -> None:
    with sqlite_driver.database.transaction() as session:
        workspaces.save(session, Workspace("T1", zone="Europe/Berlin"))
    answer = sqlite_driver.run("settings", NOW)
    assert isinstance(answer, answers.ChannelSettings)
    assert (answer.channel.schedule.zone, answer.channel.has_own_zone) == ("Europe/Berlin", False)
