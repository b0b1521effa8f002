"""Queries answered from the bundled table."""

from datetime import date

import pytest
from msgspec.structs import replace

from bot import answers
from bot.policy.lifecycle import LifecycleState
from bot.service.place import Place
from storage import catalogue
from storage.facts import Milestone, PrintedDate
from tests.service.driver import Driver, utc
from tests.storage.factories import make_reading

NOW = utc("2026-11-23 12:00")


def show_status(driver: Driver, text: str, day: str = "2026-11-23") -> answers.Status:
    answer = driver.run(f"status {text}", utc(f"{day} 12:00"))
    assert isinstance(answer, answers.Status)
    return answer


@pytest.mark.parametrize(
    ("day", "state", "is_last_day", "days_left"),
    [
        ("2025-04-24", LifecycleState.SUPPORTED, True, 0),
        ("2025-04-25", LifecycleState.DEPRECATED, False, 364),
        ("2026-04-24", LifecycleState.DEPRECATED, True, 0),
        ("2026-04-25", LifecycleState.UNAVAILABLE, False, None),
    ],
)
def test_status_changes_on_the_days_around_each_date(
    sqlite_driver: Driver, day: str, state: LifecycleState, is_last_day: bool, days_left: int | None
) -> None:
    answer = show_status(sqlite_driver, "pytorch-2.3", day)
    assert (answer.state, answer.is_last_day, answer.days_left) == (state, is_last_day, days_left)


def test_status_has_both_dates_the_families_and_the_successor(driver: Driver) -> None:
    answer = show_status(driver, "pytorch-2.7")
    assert answer.end_of_patch_and_support == date(2026, 4, 13)
    assert answer.end_of_availability == date(2027, 4, 13)
    assert answer.next_milestone is Milestone.END_OF_AVAILABILITY
    assert [row.family for row in answer.families] == ["pytorch-2-7-cu128-ubuntu-2204-nvidia-570"]
    assert answer.advice is not None
    assert answer.advice.successor is not None
    assert answer.advice.successor.version == "pytorch-2.9"
    assert answer.advice.successor.days_left == 620
    assert answer.source.as_of == date(2026, 4, 10)


def test_status_fields_are_empty_if_the_rows_differ(sqlite_driver: Driver) -> None:
    answer = show_status(sqlite_driver, "tf-2.11", "2023-11-15")
    assert answer.rows_differ
    assert (answer.state, answer.end_of_patch_and_support, answer.end_of_availability) == (None, None, None)
    assert answer.furthest_state is LifecycleState.DEPRECATED
    states = {row.family: (row.state, row.is_last_day) for row in answer.families}
    assert states["tf-2-11-cpu-py310"] == (LifecycleState.DEPRECATED, True)
    assert states["tf-2-11-cpu-py37"] == (LifecycleState.SUPPORTED, True)


def test_narrowing_words_select_the_rows(sqlite_driver: Driver) -> None:
    answer = show_status(sqlite_driver, "tf-2.11 py37", "2023-11-15")
    assert answer.state is LifecycleState.SUPPORTED
    assert {row.python for row in answer.families} == {"3.7"}


def test_unreadable_date_is_kept_as_printed(sqlite_driver: Driver) -> None:
    answer = show_status(sqlite_driver, "tf-2.17 gpu")
    (row,) = answer.families
    assert row.end_of_availability.printed == "Ju1 11, 2026"
    assert row.end_of_availability.day is None
    assert answer.state is LifecycleState.DEPRECATED


def test_dated_image_adds_a_remark(sqlite_driver: Driver) -> None:
    listed = show_status(sqlite_driver, "pytorch-2-9-cu129-ubuntu-2404-nvidia-580-v20260819")
    assert "belongs to family pytorch-2-9-cu129-ubuntu-2404-nvidia-580" in listed.remark
    assert len(listed.families) == 1
    unlisted = show_status(sqlite_driver, "pytorch-2-7-cu128-ubuntu-2404-nvidia-570-v20260120")
    assert "isn’t listed by that name" in unlisted.remark
    assert show_status(sqlite_driver, "pytorch-2-9-cu129-ubuntu-2404-nvidia-580").remark == ""


def test_today_is_in_the_channels_time_zone(sqlite_driver: Driver) -> None:
    sqlite_driver.run("settings zone America/Los_Angeles", NOW)
    sqlite_driver.run("settings zone Asia/Tokyo", NOW, Place("T1", "C2", "U1"))
    early = sqlite_driver.run("status pytorch-2.7", utc("2026-04-14 02:00"))
    late = sqlite_driver.run("status pytorch-2.7", utc("2026-04-13 15:30"), Place("T1", "C2", "U1"))
    assert isinstance(early, answers.Status)
    assert isinstance(late, answers.Status)
    assert (early.state, early.is_last_day) == (LifecycleState.SUPPORTED, True)
    assert late.state is LifecycleState.DEPRECATED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status 2.9", answers.WhichFramework("2.9", ("pytorch-2.9", "tensorflow-2.9"), "status")),
        ("status 2.17", answers.DidYouMean("2.17", ("tensorflow-2.17",), "status")),
        ("status pytroch 2.7", answers.DidYouMean("pytroch 2.7", ("pytorch-2.7",), "status")),
        ("subscribe pytroch-2.7", answers.DidYouMean("pytroch-2.7", ("pytorch-2.7",), "subscribe")),
        ("status pytorch-latest-gpu", answers.RollingFamily("pytorch-latest-gpu", ("pytorch-2.9", "pytorch-2.7"))),
        (
            "status tf2-ent-2-3-cpu",
            answers.OtherProduct("tf2-ent-2-3-cpu", "a TensorFlow Enterprise image", "tensorflow-2.3"),
        ),
    ],
)
def test_ambiguous_or_unknown_name_asks_back(sqlite_driver: Driver, text: str, expected: answers.Answer) -> None:
    assert sqlite_driver.run(text, NOW) == expected


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
def test_unlisted_version_has_neighbours(sqlite_driver: Driver, text: str, neighbours: tuple[str, ...]) -> None:
    answer = sqlite_driver.run(f"status {text}", NOW)
    assert isinstance(answer, answers.NotInCatalogue)
    assert answer.neighbours == neighbours


@pytest.mark.parametrize(
    "text", ["status banana", "status pytorch-*", "list pytorch-2.7", "subscribe banana", "subscribe tf-2.*"]
)
def test_help_gives_the_reason(sqlite_driver: Driver, text: str) -> None:
    answer = sqlite_driver.run(text, NOW)
    assert isinstance(answer, answers.Help)
    assert answer.reason


def test_list_is_ordered_by_state_and_next_date(sqlite_driver: Driver) -> None:
    answer = sqlite_driver.run("list", NOW)
    assert isinstance(answer, answers.VersionList)
    assert [line.version for line in answer.lines] == ["base-cu129", "pytorch-2.9", "base-cu128", "pytorch-2.7"]
    assert answer.unavailable_count == 27


def test_list_all_has_every_version(sqlite_driver: Driver) -> None:
    answer = sqlite_driver.run("list all", NOW)
    assert isinstance(answer, answers.VersionList)
    assert (len(answer.lines), answer.unavailable_count) == (31, 0)
    tensorflow = sqlite_driver.run("list tf all", NOW)
    assert isinstance(tensorflow, answers.VersionList)
    assert {line.version.partition("-")[0] for line in tensorflow.lines} == {"tensorflow"}


def test_framework_is_answered_with_its_versions(sqlite_driver: Driver) -> None:
    for text in ("status pytorch", "successor pytorch", "list pytorch"):
        answer = sqlite_driver.run(text, NOW)
        assert isinstance(answer, answers.VersionList), text
        assert answer.framework == "pytorch"


def test_upcoming_without_dates_has_the_first_date_after(sqlite_driver: Driver) -> None:
    answer = sqlite_driver.run("upcoming", NOW)
    assert isinstance(answer, answers.UpcomingDates)
    assert answer.dates == ()
    assert answer.first_after is not None
    assert (answer.first_after.version, answer.first_after.day) == ("base-cu128", date(2027, 4, 13))


def test_upcoming_lists_dates_and_the_channels_reminders(sqlite_driver: Driver) -> None:
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    answer = sqlite_driver.run("upcoming 2y", NOW)
    assert isinstance(answer, answers.UpcomingDates)
    assert [(entry.version, entry.is_subscribed) for entry in answer.dates[:2]] == [
        ("base-cu128", False),
        ("pytorch-2.7", True),
    ]
    assert answer.dates[-1].second_milestone is Milestone.END_OF_AVAILABILITY
    assert [(r.rung, r.at) for r in answer.reminders] == [(90, utc("2027-01-13 09:00"))]


def test_catalogue_saved_by_another_process_is_used_at_once(driver: Driver) -> None:
    assert show_status(driver, "pytorch-2.7").end_of_availability == date(2027, 4, 13)
    with driver.database.transaction() as session:
        rows = [
            replace(row, end_of_availability=PrintedDate("May 1, 2027", date(2027, 5, 1)))
            for row in catalogue.list_all(session)
        ]
        catalogue.save(session, rows, make_reading(len(rows)))
    assert show_status(driver, "pytorch-2.7").end_of_availability == date(2027, 5, 1)


def test_version_without_successor_has_alternatives(sqlite_driver: Driver) -> None:
    answer = sqlite_driver.run("successor tf-2.15", NOW)
    assert isinstance(answer, answers.Successor)
    assert answer.advice is not None
    assert answer.advice.successor is None
    assert [other.version for other in answer.advice.other_frameworks] == ["pytorch-2.9"]
    assert answer.advice.base is not None
    assert answer.advice.base.version == "base-cu129"
    missing = sqlite_driver.run("successor pytorch-2.5", NOW)
    assert isinstance(missing, answers.NotInCatalogue)


def test_subscribers_are_public_channels_and_this_one(sqlite_driver: Driver) -> None:
    subscriptions = sqlite_driver.use_cases.subscriptions
    for channel_id, is_public in (("C2", True), ("C3", False)):
        subscriptions.subscribe(
            "pytorch", Place("T1", channel_id, "U1"), NOW, reach=answers.ChannelReach.OK, is_public=is_public
        )
    sqlite_driver.run("subscribe pytorch-2.7", NOW)
    answer = show_status(sqlite_driver, "pytorch-2.7")
    assert answer.subscribers == (answers.Subscriber("C1", "pytorch-2.7"), answers.Subscriber("C2", "pytorch"))
