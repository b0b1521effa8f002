"""Worked cases of the date policy, by number.

A = PyTorch 2.7 (2026-04-13, 2027-04-13), B = PyTorch 2.9 (2028-08-04 twice). "US" = United States holidays observed,
Saturday and Sunday off. Cases 38 to 42 and 48 need stored dates and decisions, and are not part of this module.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.policy import durations, lifecycle, reminders, time_zones
from bot.policy.lifecycle import LifecycleState, get_state
from storage.facts import FrameworkVersion, ImageFamily, Milestone, PrintedDate, Schedule

SUPPORTED, DEPRECATED = LifecycleState.SUPPORTED, LifecycleState.DEPRECATED
UNAVAILABLE, UNKNOWN = LifecycleState.UNAVAILABLE, LifecycleState.UNKNOWN
PATCH, AVAILABILITY = Milestone.END_OF_PATCH_AND_SUPPORT, Milestone.END_OF_AVAILABILITY

US_HOLIDAYS = {
    date(2026, 6, 19),
    date(2026, 7, 3),
    date(2026, 10, 12),
    date(2026, 11, 11),
    date(2026, 11, 26),
    date(2026, 12, 25),
    date(2027, 1, 1),
    date(2027, 1, 18),
    date(2027, 2, 15),
}


def is_us_day_off(day: date) -> bool:
    return day.weekday() >= 5 or day in US_HOLIDAYS


def build_family(patch: date | None, availability: date | None, name: str = "f") -> ImageFamily:
    return ImageFamily(
        "dlvm", name, name, "pytorch", "2.7", "2.7", "2.7.1", "CUDA 12.8", "3.10", "", "12.8", "570",
        PrintedDate("", patch), PrintedDate("", availability), "https://example.org/", date(2026, 4, 10),
    )  # fmt: skip


A = build_family(date(2026, 4, 13), date(2027, 4, 13))
B = build_family(date(2028, 8, 4), date(2028, 8, 4))


@pytest.mark.parametrize(
    ("case", "row", "instant", "zone", "state", "days_left", "is_soon", "is_last_day"),
    [
        (1, A, "2026-01-12T00:00", "UTC", SUPPORTED, 91, False, False),
        (2, A, "2026-01-13T00:00", "UTC", SUPPORTED, 90, True, False),
        (3, A, "2026-04-12T23:59", "UTC", SUPPORTED, 1, True, False),
        (4, A, "2026-04-13T00:00", "UTC", SUPPORTED, 0, True, True),
        (5, A, "2026-04-13T23:59:59", "UTC", SUPPORTED, 0, True, True),
        (6, A, "2026-04-14T00:00", "UTC", DEPRECATED, 364, False, False),
        (7, A, "2026-04-14T02:00", "America/Los_Angeles", SUPPORTED, 0, True, True),
        (8, A, "2026-04-13T15:30", "Asia/Tokyo", DEPRECATED, 364, False, False),
        (9, A, "2026-11-23T11:17", "UTC", DEPRECATED, 141, False, False),
        (10, A, "2027-01-12T00:00", "UTC", DEPRECATED, 91, False, False),
        (11, A, "2027-01-13T00:00", "UTC", DEPRECATED, 90, True, False),
        (12, A, "2027-04-13T23:59:59", "UTC", DEPRECATED, 0, True, True),
        (13, A, "2027-04-14T00:00", "UTC", UNAVAILABLE, None, False, False),
        (14, B, "2028-08-04T00:00", "UTC", SUPPORTED, 0, True, True),
        (15, B, "2028-08-05T00:00", "UTC", UNAVAILABLE, None, False, False),
        (16, B, "2026-11-23T00:00", "UTC", SUPPORTED, 620, False, False),
        (17, build_family(None, None), "2026-11-23T00:00", "UTC", UNKNOWN, None, False, False),
        (18, build_family(date(2026, 4, 13), None), "2026-11-23T00:00", "UTC", DEPRECATED, None, False, False),
        (20, A, "2026-04-13T10:00", "Pacific/Kiritimati", DEPRECATED, 364, False, False),
        (20, A, "2026-04-13T10:00", "Pacific/Pago_Pago", SUPPORTED, 1, True, False),
        (21, build_family(date(2027, 1, 1), date(2026, 1, 1)), "2025-01-01T00:00", "UTC", UNKNOWN, 730, False, False),
    ],
)
def test_case_1_to_21_states_and_days_left(
    case: int,
    row: ImageFamily,
    instant: str,
    zone: str,
    state: LifecycleState,
    days_left: int | None,
    is_soon: bool,
    is_last_day: bool,
) -> None:
    today = datetime.fromisoformat(instant).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    next_milestone = lifecycle.find_next_milestone(today, row)
    assert get_state(today, row) is state, case
    assert (lifecycle.count_days_left(today, next_milestone[1]) if next_milestone else None) == days_left, case
    assert (next_milestone is not None and lifecycle.is_soon(today, next_milestone[1])) is is_soon, case
    assert lifecycle.is_last_day(today, row) is is_last_day, case


def test_case_9_dates_in_words() -> None:
    today = date(2026, 11, 23)
    assert durations.format_duration(today, date(2028, 8, 4)) == "1 year, 8 months and 12 days"
    assert lifecycle.count_days_left(today, date(2026, 4, 13)) == -224


@pytest.mark.parametrize(
    ("case", "start", "end", "days", "words"),
    [
        (22, "2026-01-11", "2026-04-13", 92, "3 months and 2 days"),
        (23, "2026-01-31", "2026-02-28", 28, "1 month"),
        (24, "2026-02-28", "2026-03-31", 31, "1 month and 3 days"),
        (25, "2024-02-29", "2025-02-28", 365, "1 year"),
        (25, "2024-02-29", "2025-03-01", 366, "1 year and 1 day"),
        (26, "2026-12-31", "2027-01-01", 1, "1 day"),
    ],
)
def test_case_22_to_26_durations_are_calendar_durations(case: int, start: str, end: str, days: int, words: str) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert (last - first).days == days, case
    assert durations.format_duration(first, last) == words, case


def test_case_19_rows_of_one_version_have_their_own_states() -> None:
    newer = build_family(date(2022, 11, 15), date(2023, 11, 15), "py310")
    older = build_family(date(2023, 11, 15), date(2024, 11, 15), "py37")
    version = FrameworkVersion("dlvm", "tensorflow", "2.11", (newer, older))
    today = date(2023, 11, 15)
    assert [(get_state(today, row), lifecycle.is_last_day(today, row)) for row in version.families] == [
        (DEPRECATED, True),
        (SUPPORTED, True),
    ]
    assert lifecycle.get_version_state(today, version) is DEPRECATED
    assert [(m.milestone, m.day, len(m.families)) for m in lifecycle.list_milestones(version)] == [
        (PATCH, date(2022, 11, 15), 1),
        (PATCH, date(2023, 11, 15), 1),
        (AVAILABILITY, date(2023, 11, 15), 1),
        (AVAILABILITY, date(2024, 11, 15), 1),
    ]


@pytest.mark.parametrize(
    ("case", "deadline", "rung", "day"),
    [
        (28, "2027-04-13", 30, "2027-03-12"),
        (29, "2026-06-28", 7, "2026-06-18"),
        (30, "2026-06-28", 1, "2026-06-26"),
        (30, "2026-06-28", 0, "2026-06-26"),
        (31, "2028-08-04", -1, "2028-08-07"),
        (32, "2026-11-27", 1, "2026-11-25"),
        (32, "2026-11-25", -1, "2026-11-27"),
    ],
)
def test_case_28_to_32_sending_days_are_working_days(case: int, deadline: str, rung: int, day: str) -> None:
    assert str(reminders.find_sending_day(date.fromisoformat(deadline), rung, is_us_day_off)) == day, case


def test_case_27_rungs_are_days() -> None:
    planned = reminders.plan_rungs(date(2026, 5, 31), Schedule(ladder=(90,), days_off=()), lambda _: False)
    assert planned[0].due_on == date(2026, 3, 2)


def test_case_30_of_rungs_on_one_day_the_most_urgent_is_kept() -> None:
    rungs = reminders.list_rungs(date(2026, 6, 28), (1, 0), is_us_day_off)
    assert rungs == ((0, date(2026, 6, 26)),)


@pytest.mark.parametrize(
    ("case", "day", "hour", "zone", "instant"),
    [
        (33, "2026-03-08", "09:00", "America/New_York", "2026-03-08T13:00"),
        (33, "2026-03-07", "09:00", "America/New_York", "2026-03-07T14:00"),
        (33, "2026-10-25", "09:00", "Europe/Berlin", "2026-10-25T08:00"),
        (33, "2026-10-24", "09:00", "Europe/Berlin", "2026-10-24T07:00"),
        ("gap", "2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:30"),
        ("fold", "2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30"),
        ("gap", "2026-04-24", "00:30", "Africa/Cairo", "2026-04-23T22:30"),
        ("gap", "2026-03-29", "00:30", "Asia/Beirut", "2026-03-28T22:30"),
        ("no such day", "2011-12-30", "09:00", "Pacific/Apia", "2011-12-30T19:00"),
    ],
)
def test_case_33_sending_times_follow_clock_changes(case: object, day: str, hour: str, zone: str, instant: str) -> None:
    due_at = reminders.compute_due_at(date.fromisoformat(day), time.fromisoformat(hour), zone)
    assert due_at == datetime.fromisoformat(instant).replace(tzinfo=UTC), case


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "America", "../etc/passwd", "Europe/Berlin\0"])
def test_unknown_zone_counts_as_utc(zone: str) -> None:
    assert not time_zones.is_known(zone)
    assert reminders.compute_due_at(date(2026, 1, 1), time(9), zone) == datetime(2026, 1, 1, 9, tzinfo=UTC)


def find_due_rung(day: date, milestone_date: date) -> int | None:
    """Return the rung reached by the end of the day."""
    schedule, off = Schedule(ladder=reminders.DEFAULT_LADDER), reminders.build_weekly_days_off((5, 6))
    end_of_day = datetime.combine(day, time(23, 59), time_zones.get_zone(schedule.zone))
    planned = reminders.find_reached_rung(end_of_day, milestone_date, schedule, off)
    return planned.rung if planned else None


@pytest.mark.parametrize(
    ("case", "today", "rung"),
    [
        (34, "2026-03-10", 60),
        (34, "2026-04-02", 14),
        (34, "2026-04-06", 7),
        (35, "2026-04-20", -1),
        (49, "2026-04-13", 0),
        (49, "2026-04-14", -1),
        ("long before", "2025-01-01", None),
    ],
)
def test_due_rung_depends_only_on_the_day(case: object, today: str, rung: int | None) -> None:
    assert find_due_rung(date.fromisoformat(today), date(2026, 4, 13)) == rung, case


def test_case_31_passed_waits_for_a_working_day() -> None:
    assert find_due_rung(date(2028, 8, 6), date(2028, 8, 4)) is None
    assert find_due_rung(date(2028, 8, 7), date(2028, 8, 4)) == -1


def test_default_ladder_gives_the_documented_days() -> None:
    rungs = reminders.list_rungs(date(2027, 4, 13), reminders.DEFAULT_LADDER, is_us_day_off)
    assert [(rung, f"{day:%a} {durations.format_date(day)}") for rung, day in rungs] == [
        (180, "Thu 15 Oct 2026"),
        (90, "Wed 13 Jan 2027"),
        (60, "Fri 12 Feb 2027"),
        (30, "Fri 12 Mar 2027"),
        (14, "Tue 30 Mar 2027"),
        (7, "Tue 6 Apr 2027"),
        (3, "Fri 9 Apr 2027"),
        (1, "Mon 12 Apr 2027"),
        (0, "Tue 13 Apr 2027"),
        (-1, "Wed 14 Apr 2027"),
    ]


def test_upcoming_rung_is_reached_at_its_sending_time() -> None:
    schedule, off = Schedule(), reminders.build_weekly_days_off((5, 6))
    before, at = datetime(2027, 1, 13, 8, 59, tzinfo=UTC), datetime(2027, 1, 13, 9, tzinfo=UTC)
    upcoming = reminders.find_upcoming_rung(before, date(2027, 4, 13), schedule, off)
    reached = reminders.find_reached_rung(at, date(2027, 4, 13), schedule, off)
    assert upcoming == reached
    assert reached is not None
    assert (reached.rung, reached.sending_day, reached.due_at) == (90, date(2027, 1, 13), at)
    late = reminders.find_upcoming_rung(datetime(2027, 4, 15, tzinfo=UTC), date(2027, 4, 13), schedule, off)
    assert late is None


def test_rung_stays_on_its_day_if_all_days_are_off() -> None:
    assert reminders.find_sending_day(date(2027, 4, 13), 7, lambda _: True) == date(2027, 4, 6)


def test_leap_day_can_have_a_rung() -> None:
    planned = reminders.list_rungs(date(2028, 3, 1), (30, 1), lambda _: False)
    assert planned == ((30, date(2028, 1, 31)), (1, date(2028, 2, 29)))
