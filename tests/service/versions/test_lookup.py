"""Questions answered from the real table."""

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


def status(desk: Driver, text: str, day: str = "2026-11-23") -> answers.Status:
    found = desk.run(f"status {text}", utc(f"{day} 12:00"))
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
    lone_desk: Driver, day: str, state: LifecycleState, last_day: bool, days_left: int | None
) -> None:
    found = status(lone_desk, "pytorch-2.3", day)
    assert (found.state, found.is_last_day, found.days_left) == (state, last_day, days_left)


def test_a_status_says_both_dates_the_rows_and_the_way_on(desk: Driver) -> None:
    found = status(desk, "pytorch-2.7")
    assert found.end_of_patch_and_support == date(2026, 4, 13)
    assert found.end_of_availability == date(2027, 4, 13)
    assert found.next_milestone is Milestone.END_OF_AVAILABILITY
    assert [row.family for row in found.families] == ["pytorch-2-7-cu128-ubuntu-2204-nvidia-570"]
    assert found.advice.successor is not None
    assert found.advice.successor.version == "pytorch-2.9"
    assert found.advice.successor.days_left == 620
    assert found.source.as_of == date(2026, 4, 10)


def test_rows_that_differ_leave_the_fields_they_share(lone_desk: Driver) -> None:
    found = status(lone_desk, "tf-2.11", "2023-11-15")
    assert found.rows_differ
    assert (found.state, found.end_of_patch_and_support, found.end_of_availability) == (None, None, None)
    assert found.furthest_state is LifecycleState.DEPRECATED
    states = {row.family: (row.state, row.is_last_day) for row in found.families}
    assert states["tf-2-11-cpu-py310"] == (LifecycleState.DEPRECATED, True)
    assert states["tf-2-11-cpu-py37"] == (LifecycleState.SUPPORTED, True)


def test_words_that_narrow_leave_the_rows_they_name(lone_desk: Driver) -> None:
    found = status(lone_desk, "tf-2.11 py37", "2023-11-15")
    assert found.state is LifecycleState.SUPPORTED
    assert {row.python for row in found.families} == {"3.7"}


def test_the_unreadable_date_is_shown_as_printed(lone_desk: Driver) -> None:
    found = status(lone_desk, "tf-2.17 gpu")
    (row,) = found.families
    assert row.end_of_availability.printed == "Ju1 11, 2026"
    assert row.end_of_availability.day is None
    assert found.state is LifecycleState.DEPRECATED


def test_a_dated_image_is_told_apart_from_its_version(lone_desk: Driver) -> None:
    known = status(lone_desk, "pytorch-2-9-cu129-ubuntu-2404-nvidia-580-v20260819")
    assert "is of family pytorch-2-9-cu129-ubuntu-2404-nvidia-580" in known.remark
    assert len(known.families) == 1
    unlisted = status(lone_desk, "pytorch-2-7-cu128-ubuntu-2404-nvidia-570-v20260120")
    assert "not printed in the table" in unlisted.remark
    assert status(lone_desk, "pytorch-2-9-cu129-ubuntu-2404-nvidia-580").remark == ""


def test_today_is_the_channels_day(lone_desk: Driver) -> None:
    lone_desk.run("settings zone America/Los_Angeles", NOW)
    lone_desk.run("settings zone Asia/Tokyo", NOW, Place("T1", "C2", "U1"))
    early = lone_desk.run("status pytorch-2.7", utc("2026-04-14 02:00"))
    late = lone_desk.run("status pytorch-2.7", utc("2026-04-13 15:30"), Place("T1", "C2", "U1"))
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
def test_what_is_not_one_version_asks_back(lone_desk: Driver, text: str, expected: answers.Answer) -> None:
    assert lone_desk.run(text, NOW) == expected


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
def test_a_version_that_is_not_listed_has_neighbours(lone_desk: Driver, text: str, neighbours: tuple[str, ...]) -> None:
    found = lone_desk.run(f"status {text}", NOW)
    assert isinstance(found, answers.NotInCatalogue)
    assert found.neighbours == neighbours


@pytest.mark.parametrize(
    "text", ["status banana", "status pytorch-*", "list pytorch-2.7", "subscribe banana", "subscribe tf-2.*"]
)
def test_what_can_not_be_answered_says_why(lone_desk: Driver, text: str) -> None:
    found = lone_desk.run(text, NOW)
    assert isinstance(found, answers.Help)
    assert found.reason


def test_a_list_is_by_state_and_soonest_date(lone_desk: Driver) -> None:
    found = lone_desk.run("list", NOW)
    assert isinstance(found, answers.VersionList)
    assert [line.version for line in found.lines] == ["base-cu129", "pytorch-2.9", "base-cu128", "pytorch-2.7"]
    assert found.unavailable_count == 27


def test_a_list_of_all_has_every_version(lone_desk: Driver) -> None:
    found = lone_desk.run("list all", NOW)
    assert isinstance(found, answers.VersionList)
    assert (len(found.lines), found.unavailable_count) == (31, 0)
    tensorflow = lone_desk.run("list tf all", NOW)
    assert isinstance(tensorflow, answers.VersionList)
    assert {line.version.partition("-")[0] for line in tensorflow.lines} == {"tensorflow"}


def test_a_framework_is_answered_with_its_versions(lone_desk: Driver) -> None:
    for text in ("status pytorch", "successor pytorch", "list pytorch"):
        found = lone_desk.run(text, NOW)
        assert isinstance(found, answers.VersionList), text
        assert found.framework == "pytorch"


def test_upcoming_names_what_lies_beyond_where_nothing_lies_within(lone_desk: Driver) -> None:
    found = lone_desk.run("upcoming", NOW)
    assert isinstance(found, answers.Upcoming)
    assert found.dates == ()
    assert found.first_after is not None
    assert (found.first_after.version, found.first_after.day) == ("base-cu128", date(2027, 4, 13))


def test_upcoming_lists_dates_and_the_channels_reminders(lone_desk: Driver) -> None:
    lone_desk.run("subscribe pytorch-2.7", NOW)
    found = lone_desk.run("upcoming 2y", NOW)
    assert isinstance(found, answers.Upcoming)
    assert [(entry.version, entry.is_subscribed) for entry in found.dates[:2]] == [
        ("base-cu128", False),
        ("pytorch-2.7", True),
    ]
    assert found.dates[-1].second_milestone is Milestone.END_OF_AVAILABILITY
    assert [(r.rung, r.at) for r in found.reminders] == [(90, utc("2027-01-13 09:00"))]


def test_a_catalogue_that_another_process_read_anew_counts_at_once(desk: Driver) -> None:
    assert status(desk, "pytorch-2.7").end_of_availability == date(2027, 4, 13)
    with desk.database.transaction() as session:
        rows = [
            replace(row, end_of_availability=PrintedDate("May 1, 2027", date(2027, 5, 1)))
            for row in catalogue.list_all(session)
        ]
        catalogue.save(session, rows, make_reading(len(rows)))
    assert status(desk, "pytorch-2.7").end_of_availability == date(2027, 5, 1)


def test_a_successor_alone_where_there_is_none(lone_desk: Driver) -> None:
    found = lone_desk.run("successor tf-2.15", NOW)
    assert isinstance(found, answers.Successor)
    assert found.advice.successor is None
    assert [other.version for other in found.advice.other_frameworks] == ["pytorch-2.9"]
    assert found.advice.base is not None
    assert found.advice.base.version == "base-cu129"
    missing = lone_desk.run("successor pytorch-2.5", NOW)
    assert isinstance(missing, answers.NotInCatalogue)


def test_who_watches_names_public_channels_and_this_one_only(lone_desk: Driver) -> None:
    subscriptions = lone_desk.dispatcher._subscriptions
    for channel, public in (("C2", True), ("C3", False)):
        subscriptions.subscribe(
            "pytorch", Place("T1", channel, "U1"), NOW, reach=answers.ChannelReach.OK, is_public=public
        )
    lone_desk.run("subscribe pytorch-2.7", NOW)
    found = status(lone_desk, "pytorch-2.7")
    assert found.subscribers == (answers.Subscriber("C1", "pytorch-2.7"), answers.Subscriber("C2", "pytorch"))
