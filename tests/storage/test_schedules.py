from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from storage import outbox, schedules
from storage.database import Database
from storage.facts import OutboxState, Schedule
from tests.storage.factories import NOW, claim, plan_channels, subscribe

MINUTE = timedelta(minutes=1)


def test_equal_schedules_share_a_row(database: Database) -> None:
    with database.transaction() as session:
        first = schedules.ensure_id(session, Schedule(), NOW)
        assert schedules.ensure_id(session, Schedule(), NOW + MINUTE) == first
        assert schedules.ensure_id(session, Schedule(zone="Asia/Taipei"), NOW) != first
        assert schedules.ensure_id(session, Schedule(days_off=()), NOW) != first


def test_a_new_schedule_is_planned_at_once_for_what_comes(database: Database) -> None:
    with database.transaction() as session:
        found = schedules.ensure_id(session, Schedule(), NOW)
        (due,) = schedules.list_due(session, NOW)
    assert (due.schedule_id, due.schedule, due.planned_through) == (found, Schedule(), NOW)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(NOW, 0), (NOW + 9 * MINUTE, 0), (NOW + 10 * MINUTE, 1), (NOW + timedelta(days=99), 1), (NOW - MINUTE, 1)],
)
def test_a_schedule_is_due_at_its_moment_or_when_the_clock_went_back(
    database: Database, asked: datetime, expected: int
) -> None:
    with database.transaction() as session:
        found = schedules.ensure_id(session, Schedule(), NOW)
        schedules.update_planned(session, found, NOW, NOW + 10 * MINUTE)
        assert len(schedules.list_due(session, asked)) == expected
        assert (schedules.lock_due(session, found, asked) is not None) == bool(expected)


def test_a_schedule_with_nothing_ahead_rests_until_it_is_touched(database: Database) -> None:
    with database.transaction() as session:
        found = schedules.ensure_id(session, Schedule(), NOW)
        schedules.update_planned(session, found, NOW, None)
        assert schedules.list_due(session, NOW + timedelta(days=3650)) == ()
        schedules.mark_all_due(session, NOW)
        assert [due.schedule_id for due in schedules.list_due(session, NOW)] == [found]


def test_a_schedule_that_nobody_knows_is_not_taken(database: Database) -> None:
    with database.transaction() as session:
        assert schedules.lock_due(session, 404, NOW) is None


def test_the_next_try_is_that_of_what_is_on_its_way(database: Database) -> None:
    with database.transaction() as session:
        assert outbox.get_next_attempt_time(session) is None
        plan_channels(session)
        assert outbox.get_next_attempt_time(session) == NOW
        (entry,) = claim(session)
        outbox.settle(session, entry, state=OutboxState.SENT, now=NOW)
        assert outbox.get_next_attempt_time(session) is None


@pytest.mark.postgres
def test_two_planners_on_postgresql_do_not_take_the_same_schedule(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.transaction() as session:
        found = schedules.ensure_id(session, Schedule(), NOW)
    with database.transaction() as one, database.transaction() as other:
        assert schedules.lock_due(one, found, NOW) is not None
        assert schedules.lock_due(other, found, NOW) is None
    database.close()


def test_an_idle_look_reads_by_index_only(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        for hour in range(20):
            found = subscribe(session, f"C{hour}", schedule=replace(Schedule(), zone=f"Etc/GMT+{hour}"))
            schedules.update_planned(session, found, NOW, NOW + MINUTE)
    assert not schedules.has_due(sqlite_database, NOW)
    with sqlite_database.read_only() as session:
        explained = session.execute(sa.text(f"EXPLAIN QUERY PLAN {schedules._ANY_DUE.text}"), {"now": "2027"}).all()
    plans = [str(row) for row in explained if "SEARCH" in str(row) or "SCAN" in str(row)]
    assert len(plans) == 2
    assert all("USING" in plan and "INDEX" in plan for plan in plans), plans


@pytest.mark.parametrize(("minutes", "due"), [(-2, True), (-1, False), (0, False), (1, True)])
def test_a_schedule_waits_where_its_moment_has_come_or_the_clock_went_back(
    database: Database, minutes: int, *, due: bool
) -> None:
    with database.transaction() as session:
        found = subscribe(session, schedule=Schedule())
        schedules.update_planned(session, found, NOW - MINUTE, NOW + MINUTE)
    assert schedules.has_due(database, NOW + minutes * MINUTE) is due


def test_a_new_catalogue_counts_as_planned_for_what_lies_before_it_unless_something_still_waits(
    database: Database,
) -> None:
    with database.transaction() as session:
        idle, waiting = (schedules.ensure_id(session, Schedule(zone=zone), NOW) for zone in ("UTC", "Asia/Taipei"))
        schedules.update_planned(session, idle, NOW, NOW + 9 * MINUTE)
        schedules.update_planned(session, waiting, NOW, NOW + 2 * MINUTE)
        schedules.mark_all_due(session, NOW + 5 * MINUTE)
        found = {due.schedule_id: due.planned_through for due in schedules.list_due(session, NOW + 5 * MINUTE)}
    assert found == {idle: NOW + 5 * MINUTE, waiting: NOW}
